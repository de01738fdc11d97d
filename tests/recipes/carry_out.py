"""In a copy of the project, with the blocks of a recipe in it: what the project then says.

python tests/recipes/carry_out.py TASK      TASK is JSON: see `main`
"""

from __future__ import annotations

import io
import json
import re
import runpy
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import fhir_fixtures
from cds.cli import main as command
from cds.wire import encode

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
HL7 = "http://terminology.hl7.org/CodeSystem/"
QUICK = (
    "-q", "-o", "addopts=--disable-plugin-autoload", "-p", "no:cacheprovider", "--assert=plain",
)  # fmt: skip
"""without what a failure would be told by: most of the time would go into it"""
PAGES = re.compile(r"python -m (?P<module>\S+) > (?P<page>docs/\S+)")


def main(task: Json) -> int:
    """Check the knowledge, make the pages if asked, show the chart's cards, run the tests."""
    assert Path(fhir_fixtures.__file__).is_relative_to(ROOT), "not the copy"
    run("knowledge", "check")
    if task["docs"]:
        make_docs()
    said = fired(task["hook"], task["chart"]) if task["hook"] else assessed(task["chart"])
    missing = [line for line in task["shows"] if line not in said]
    if missing:
        print("not shown:", *missing, "but:", *said, sep="\n")
        return 1
    return int(pytest.main([*QUICK, *task["tests"]]))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def make_docs() -> None:
    """What `make docs` writes."""
    for module, page in PAGES.findall((ROOT / "Makefile").read_text("utf-8")):
        written = io.StringIO()
        with redirect_stdout(written):
            runpy.run_module(module, run_name="__main__")
        (ROOT / page).unlink()  # a hard link
        (ROOT / page).write_text(written.getvalue(), "utf-8")


def assessed(chart: Json) -> list[str]:
    """The cards for an order of ketamine for a fixture patient, with what is added to the chart."""
    name, day = chart["patient"], fhir_fixtures.ANCHOR
    bundle = fhir_fixtures.load(name, day)
    order = json.loads((fhir_fixtures.orders() / "ash.json").read_text())
    order["subject"] = {"reference": f"Patient/{name}"}
    del order["reasonCode"]
    for number, code in enumerate(chart.get("problems", ())):
        bundle["entry"].append({"resource": problem(name, number, code)})
    for drug in chart.get("takes", ()):
        bundle["entry"].append({"resource": taken(name, drug)})
    files = [ROOT / "chart.json", ROOT / "order.json"]
    for file, document in zip(files, (bundle, order), strict=True):
        file.write_bytes(encode(document))
    told = json.loads(
        run("assess", str(files[0]), "--order", str(files[1]), "--as-of", str(day), "--json")
    )
    return [f"[{card['indicator']}] {card['summary']}" for card in told["cards"]]


def problem(patient: str, number: int, code: str) -> Json:
    return {
        "resourceType": "Condition",
        "id": f"recipe-{number}",
        "subject": {"reference": f"Patient/{patient}"},
        "clinicalStatus": {"coding": [{"system": HL7 + "condition-clinical", "code": "active"}]},
        "code": {"coding": [{"system": ICD, "code": code}]},
        "onsetDateTime": "2026-01-01",
    }


def taken(patient: str, drug: str) -> Json:
    return {
        "resourceType": "MedicationStatement",
        "id": "recipe",
        "status": "active",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {"text": drug},
        "effectivePeriod": {"start": "2026-05-01"},
    }


def fired(hook: str, chart: Json) -> list[str]:
    """The cards of a hook, called as the demo does."""
    from cds.runtime import open_service, parse_body
    from cds.settings import Settings
    from cds.web.page import prefetched, request_for

    name, day = chart["patient"], fhir_fixtures.ANCHOR
    body = request_for(name, "", hook) | {"prefetch": prefetched(fhir_fixtures.load(name, day))}
    del body["fhirServer"]
    service = open_service(Settings(auth="off"), today=lambda zone: day)
    cards = service.respond(parse_body(body)).cards
    return [f"[{card['indicator']}] {card['summary']}" for card in cards]


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
