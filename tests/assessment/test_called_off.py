"""Orders whose words call them off: doubted and named whatever their status, never deleted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import Answer, assess, load, read_chart
from tests.charts.fhir import on_the_wire

ENGINE = load()
DAY = date(2026, 11, 24)
CALLED_OFF = "Cancelled - pt declined"
WAYS = [
    CALLED_OFF, "cancelled", "Canceled.", "VOID", "Discontinued due to rash", "patient declined",
    "on hold until cardiology clears", "Do not give", "storniert",
]  # fmt: skip
NO_WAYS = [
    None, "hold if SBP over 180", "patient declined breakfast", "discuss with patient",
    "replaces the cancelled order of 3 November",
]  # fmt: skip


def order(kind: str, name: str, note: str | None, **fields: Any) -> dict[str, Any]:
    named = "medicationCodeableConcept" if kind == "MedicationRequest" else "code"
    return {
        "resourceType": kind, "id": name.split()[0].lower(), "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p"}, named: {"text": name}, "authoredOn": "2026-11-20",
        **({"note": [{"text": note}]} if note else {}), **fields,
    }  # fmt: skip


DRAFT = order("MedicationRequest", "ketamine 50 mg/mL injection", None, status="draft", id="draft")


def answer(*chart: dict[str, Any], draft: dict[str, Any] = DRAFT) -> Answer:
    patient = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-01-01"}
    read = read_chart(ENGINE, on_the_wire([patient, *chart]))
    return assess(ENGINE, read, DAY, [on_the_wire(draft)])


def severities(found: Answer) -> dict[str, str]:
    return {finding.id: finding.severity for finding in found.assessment.findings}


@pytest.mark.parametrize("note", WAYS)
@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
def test_a_draft_that_is_called_off_is_doubted(kind: str, note: str) -> None:
    found = answer(draft=order(kind, "Ketamine infusion", note, status="draft", id="draft"))
    assert severities(found)["order-drug-unsure"] == "warning"
    assert all(dose.dose_mg is None for dose in found.assessment.doses)


@pytest.mark.parametrize("note", NO_WAYS)
@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
def test_a_draft_that_is_not(kind: str, note: str | None) -> None:
    found = answer(draft=order(kind, "Ketamine infusion", note, status="draft", id="draft"))
    assert "order-drug-unsure" not in severities(found)


@pytest.mark.parametrize("note", WAYS)
def test_a_ketamine_order_on_record_is_asked_about(note: str) -> None:
    found = severities(answer(order("MedicationRequest", "ketamine 50 mg/mL", note)))
    assert found["course-perhaps-withdrawn"] == "warning"
    assert "order-duplicate" not in found


@pytest.mark.parametrize("note", NO_WAYS)
def test_a_ketamine_order_on_record_that_stands_is_a_second_one(note: str | None) -> None:
    found = severities(answer(order("MedicationRequest", "ketamine 50 mg/mL", note)))
    assert found["order-duplicate"] == "critical"
    assert "course-perhaps-withdrawn" not in found


@pytest.mark.parametrize(
    ("note", "expected"),
    [(None, "course-concurrent"), (CALLED_OFF, "course-perhaps-withdrawn")],
)
def test_a_course_of_ect_on_record(note: str | None, expected: str) -> None:
    found = severities(answer(order("ServiceRequest", "Electroconvulsive therapy", note)))
    assert {"course-concurrent", "course-perhaps-withdrawn"} & found.keys() == {expected}


@pytest.mark.parametrize(("note", "asked"), [(None, False), (CALLED_OFF, True)])
def test_a_test_that_is_called_off_is_asked_for_again(note: str | None, asked: bool) -> None:
    found = severities(answer(order("ServiceRequest", "Urine drug screen", note)))
    assert ("missing-drug-screen" in found) is asked


def test_a_drug_on_record_may_still_be_taken() -> None:
    taken = {"dosageInstruction": [{"text": "1 tablet three times a day"}]}
    phenelzine = order("MedicationRequest", "phenelzine 15 mg tablet", CALLED_OFF, **taken)
    assert "mao-inhibitors" in severities(answer(phenelzine))
