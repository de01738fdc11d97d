"""Charts of other projects, whole: none may end in an error, whatever it holds."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from cds.api import assess, load, read_chart
from cds.fhir.record.patient_record import records_from_bundle, records_from_ndjson
from cds.wire import Json, decode, encode

pytestmark = pytest.mark.shared

DAY = date(2026, 11, 22)


def order(patient: str) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "238084"}]
        },
        "subject": {"reference": f"Patient/{patient}"},
    }


def test_every_patient_is_assessed_with_and_without_an_order(shared_dir: Path) -> None:
    engine, seen = load(), 0
    for path in sorted((shared_dir / "fhir-data").rglob("*.json")):
        if "cds-requests" in path.parts:
            continue
        for record in records_from_bundle(decode(path.read_bytes())):
            ident = str((record.patient or {}).get("id"))
            for drafts in ([], [order(ident)]):
                answer = assess(engine, read_chart(engine, record), DAY, drafts)
                told = json.loads(encode(answer.report()))
                assert told["patient"] == ident
                assert all(len(card["summary"]) < 140 for card in told["cards"]), path
            seen += 1
    assert seen > 100


def test_a_bulk_export_is_grouped_by_patient(shared_dir: Path) -> None:
    lines = [
        line
        for path in sorted((shared_dir / "fhir-data" / "bulk-r4").glob("*.ndjson"))
        for line in path.read_bytes().splitlines()
    ]
    engine, records = load(), list(records_from_ndjson(lines))
    assert len(records) == 7
    for record in records:
        assess(engine, read_chart(engine, record), DAY)
