"""The tables of cases as pages for a pharmacist: `docs/scenarios`, and what facts they name.

    python -m tests.scenario_pages        writes both (`make docs`)

Which tables, in which words: `tables.yaml` and `words.yaml`.
"""
