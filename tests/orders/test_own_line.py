"""An order does not meet itself: its own earlier version, what it renews, and what repeats it."""

from __future__ import annotations

from typing import Any

import pytest

from cds.api import Engine, assess, load, read_chart
from tests.charts.fhir import AS_OF, on_the_wire

PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-01-01"}
NUMBER = [{"system": "urn:orders", "value": "1"}]
REPLACES = "http://hl7.org/fhir/StructureDefinition/request-replaces"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load()


def ketamine(ident: str, status: str = "active", **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": ident,
        "status": status,
        "intent": "order",
        "authoredOn": "2026-11-20",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "Ketamine 50 mg/mL injection"},
        "dosageInstruction": [{"text": "35 mg IV over 40 min"}],
    } | fields


def taken(**fields: Any) -> dict[str, Any]:
    """A statement of ketamine."""
    return {
        "resourceType": "MedicationStatement",
        "id": "s",
        "status": "active",
        "effectiveDateTime": "2026-11-20",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "Ketamine 50 mg/mL injection"},
    } | fields


def order(ident: str) -> dict[str, str]:
    return {"reference": f"MedicationRequest/{ident}"}


OLD = ketamine("old", identifier=NUMBER)
CHAIN = [OLD, ketamine("mid", priorPrescription=order("old"))]


@pytest.mark.parametrize(
    ("draft", "record", "meets"),
    [
        ({"id": "old"}, [OLD], False),
        ({"id": "old", "meta": {"versionId": "2"}}, [OLD | {"meta": {"versionId": "1"}}], False),
        ({"identifier": NUMBER}, [OLD], False),
        ({"priorPrescription": order("old/_history/3")}, [OLD], False),
        ({"priorPrescription": {"identifier": NUMBER[0]}}, [OLD], False),
        # the one before the one before; renewals that name each other come to an end
        ({"priorPrescription": order("mid")}, CHAIN, False),
        ({"priorPrescription": order("mid")},
         [OLD | {"priorPrescription": order("mid")}, CHAIN[1]], False),
        ({"extension": [{"url": REPLACES, "valueReference": order("old")}]}, [OLD], False),
        # a statement that repeats the order, or the one that it renews
        ({"id": "old"}, [OLD, taken(derivedFrom=[order("old")])], False),
        ({"id": "old"}, [OLD, taken(basedOn=[order("old")])], False),
        ({"priorPrescription": order("old")}, [OLD, taken(derivedFrom=[order("old")])], False),
        # another order, a report of its own, two orders of one requisition
        ({}, [OLD], True),
        ({"id": "old"}, [OLD, ketamine("other")], True),
        ({"id": "old"}, [OLD, taken()], True),
        ({"id": "old"}, [OLD, taken(derivedFrom=[order("other")])], True),
        ({"groupIdentifier": NUMBER[0]}, [OLD | {"groupIdentifier": NUMBER[0]}], True),
        ({"priorPrescription": order("old")}, [OLD, ketamine("other")], True),
    ],
)  # fmt: skip
def test_another_ketamine_order(
    engine: Engine, draft: dict[str, Any], record: list[dict[str, Any]], meets: bool
) -> None:
    chart = read_chart(engine, on_the_wire([PATIENT, *record]))
    asked = on_the_wire(ketamine("new", "draft") | draft)
    found = assess(engine, chart, AS_OF, [asked]).assessment.findings
    assert ("second-ketamine-order" in {f.id for f in found}) is meets
