# One entry point. Each target sets up .venv with pinned dependencies by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-deep test-integration coverage mutate lint fmt bench bench-peers fuzz soak golden docs fixtures lock clean

$(VENV)/.installed: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(VENV)/.installed
	$(BIN)/ketamine-cds demo

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Against real partners: a FHIR server, which is fetched with Maven first, and PostgreSQL, Redis and
# nginx where they are installed (apt-get install postgresql redis-server nginx); skipped elsewhere.
test-integration: $(VENV)/.installed
	-scripts/hapi-server install
	$(BIN)/python -m pytest -m integration

# The properties alone, with ten times the examples: others each time, again with SEED=… as printed.
test-deep: SEED ?= $(shell $(PYTHON) -c "import secrets; print(secrets.randbelow(2**32))")
test-deep: $(VENV)/.installed
	$(BIN)/python -m pytest -n 2 -m hypothesis --hypothesis-profile=deep --hypothesis-seed=$(SEED)

# Which lines and branches no test runs; the floor stands in pyproject.toml.
coverage: $(VENV)/.installed
	$(BIN)/python -m pytest -n 2 --dist loadfile -m '' --cov --cov-report=term:skip-covered

# Small faults put into the code: do the tests notice? PACKAGE, SAMPLE and SEED choose.
mutate: $(VENV)/.installed
	$(BIN)/python tests/mutation/run.py $(if $(PACKAGE),--package $(PACKAGE)) \
	  $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache

fmt: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The service beside its floor, and beside other software (npm and pip install it into .cache/peers);
# WRITE=1 puts the figures into docs/performance.md.
bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks.run $(if $(WRITE),--write)
	$(BIN)/python -m benchmarks.stages $(if $(WRITE),--write)

bench-peers: $(VENV)/.installed
	$(BIN)/python -m benchmarks.peers.run $(if $(WRITE),--write)

# Requests that may not fail, and those that may not be dear: twenty minutes on two cores.
fuzz: $(VENV)/.installed
	$(BIN)/python tests/hooks/fuzz.py
	$(BIN)/python tests/hooks/hostile.py --jobs 2

# Real processes under honest traffic while everything around them fails; MINUTES and SEED choose.
soak: $(VENV)/.installed
	$(BIN)/python -m tests.soak.run $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

# What the service says, against what it said: see tests/golden/run.py.
golden: $(VENV)/.installed
	$(BIN)/python tests/golden/run.py $(FILES) $(if $(ACCEPT),--accept)

docs: $(VENV)/.installed
	$(BIN)/python -m cds.settings_page > docs/settings.md
	$(BIN)/python -m cds.hooks.services_page > docs/services.md
	$(BIN)/python -m cds.knowledge.indications_page > docs/indications.md
	$(BIN)/python -m cds.knowledge.uses_page > docs/uses.md
	$(BIN)/python tests/architecture/picture.py
	$(BIN)/python -m tests.scenario_pages
	$(BIN)/ketamine-cds knowledge schema

fixtures: $(VENV)/.installed
	$(BIN)/python -m fhir_fixtures.make

lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet pyproject.toml --all-extras --universal --python-version 3.11 \
	  --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock

clean:
	rm -rf $(VENV) .cache build *.egg-info .pytest_cache .mypy_cache .ruff_cache .coverage*
