"""Every chart and every order that the suite has in writing: fixtures and scenario tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import fhir_fixtures
from cds.fhir.record.patient_record import PatientRecord, records_from_bundle
from tests.charts.fhir import on_the_wire
from tests.rows import read_table

DAY = date(2026, 11, 22)
Json = dict[str, Any]
TESTS = Path(__file__).parent.parent
sys.path.append(str(TESTS / "golden"))
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LORAZEPAM = {"coding": [{"system": RXNORM, "code": "197901"}], "text": "lorazepam 1 mg tablet"}
FULL = {
    "status": "completed",
    "identifier": [{"system": "urn:placer", "value": "7"}],
    "medicationCodeableConcept": LORAZEPAM,
    "note": [{"text": "not taking it"}, {"text": " "}, {"text": "due to nausea"}],
    "statusReason": {"coding": [{"code": "sintol", "display": "nausea"}]},
    "reasonCode": [{"text": "anxiety"}],
    "basedOn": [{"reference": "MedicationRequest/old"}],
}
DOSAGE = {
    "sequence": 1,
    "text": "1 tablet twice daily",
    "patientInstruction": "with food",
    "additionalInstruction": [{"text": "max 2 a day"}],
    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
    "route": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006"}]},
    "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
}
PERIOD = {"start": "2026-01-02T08:00:00Z", "end": "2026-01-02T09:00:00Z"}
ONE_OF_EACH: list[Json] = [
    {"resourceType": "Patient", "id": "p"},
    FULL | {
        "resourceType": "MedicationRequest", "id": "r", "intent": "order", "authoredOn": "2026-01",
        "dosageInstruction": [DOSAGE, {"text": "as needed"}],
        "priorPrescription": {"reference": "MedicationRequest/older"},
        "category": [{"coding": [{"code": "community"}]}], "requester": {"display": "Dr A"},
        "dispenseRequest": {"quantity": {"value": 30, "unit": "tablet"},
                            "expectedSupplyDuration": {"value": 15, "unit": "d"},
                            "numberOfRepeatsAllowed": 2, "validityPeriod": PERIOD},
    },
    FULL | {"resourceType": "MedicationStatement", "id": "s", "dosage": [DOSAGE],
            "effectivePeriod": PERIOD, "dateAsserted": "2026-02-01"},
    FULL | {"resourceType": "MedicationDispense", "id": "d", "dosageInstruction": [DOSAGE],
            "whenHandedOver": "2026-01-03", "daysSupply": {"value": 15, "unit": "d"},
            "quantity": {"value": 30, "unit": "tablet"},
            "authorizingPrescription": [{"reference": "MedicationRequest/r"}]},
    FULL | {"resourceType": "MedicationAdministration", "id": "a", "effectivePeriod": PERIOD,
            "request": {"reference": "MedicationRequest/r"},
            "dosage": {"dose": {"value": 1, "unit": "mg"}}},
    {"resourceType": "Procedure", "id": "p", "status": "completed",
     "code": {"text": "IV ketamine infusion"}, "performedPeriod": PERIOD},
]  # fmt: skip


def fixture(name: str) -> PatientRecord:
    (record,) = records_from_bundle(on_the_wire(fhir_fixtures.load(name, DAY)))
    return record


def records() -> Iterator[tuple[str, PatientRecord]]:
    """Of the fixture patients, of the scenarios, and of one with every field that is read."""
    from corpus import scenario_charts

    for name in fhir_fixtures.names():
        yield name, fixture(name)
    for name, bundle, _ in [*scenario_charts(), ("one of each", ONE_OF_EACH, ())]:
        (record,) = records_from_bundle(on_the_wire(bundle))
        yield name, record


def drafts() -> Iterator[Json]:
    """The orders of the fixtures, of the order scenarios, and of the table of orders."""
    for path in sorted(fhir_fixtures.orders().iterdir()):
        yield on_the_wire(json.loads(path.read_text()))
    tables = sorted((TESTS / "scenarios" / "orders").glob("*_orders.yaml"))
    written = [row["order"] for path in tables for row in _table(path)["orders"]]
    written += [row["fhir"] for row in _table(TESTS / "orders" / "orders.yaml")]
    usual = {"resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order"}
    for fields in written:
        yield on_the_wire({k: v for k, v in (usual | fields).items() if v is not None})


def _table(path: Path) -> Any:
    return read_table(path)
