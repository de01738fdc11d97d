"""Notes and instructions that say that a drug on record is not taken."""

from __future__ import annotations

from typing import Any

import pytest

from cds.history.medications.courses import medication_courses
from cds.history.model.course import MedicationCourse
from cds.knowledge.load import load_knowledge
from tests.charts.fhir import AS_OF, RXNORM, concept, record
from tests.charts.reading import medications_of

LORAZEPAM = concept(RXNORM, "197901", "lorazepam 1 MG Oral Tablet")
DAILY = {
    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
    "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
}


def statement(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "id": "m1",
        "status": "active",
        "medicationCodeableConcept": LORAZEPAM,
        "effectiveDateTime": "2026-11-01",
        "dosage": [DAILY],
    } | fields


def request(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": LORAZEPAM,
        "authoredOn": "2026-11-01",
        "dosageInstruction": [DAILY],
    } | fields


def course(terminology: Any, resource: dict[str, Any]) -> MedicationCourse:
    skipped: list[Any] = []
    entries = medications_of(record(resource), terminology)
    (found,) = medication_courses(entries, load_knowledge(), AS_OF, skipped)
    assert not skipped, "words lower certainty, they never delete"
    return found


def known_days(found: MedicationCourse) -> int:
    return sum((segment.end - segment.start).days for segment in found.segments)


NOT_TAKEN = [
    "Patient is not taking this medication",
    "pt isn't taking it",
    "Not taking",
    "not currently taking as prescribed",
    "never took this",
    "Patient never filled it",
    "no longer taking",
    "stopped taking it 2 weeks ago; on hold",
    "self-discontinued",
    "HOLD",
    "On hold until surgery",
    "does not take it at home",
    "do not take",
]
TAKEN = [
    "taking daily",
    "do not take with alcohol",
    "do not take if sedated",
    "not taking any NSAIDs",
    "hold for sedation",
    "not taken with food",
    "if not taking, call",
    "husband: not taking",
    "do not stop suddenly",
    "never filled sertraline",
    "",
]


@pytest.mark.parametrize("write", [statement, request])
@pytest.mark.parametrize("text", NOT_TAKEN)
def test_a_note_that_it_is_not_taken_leaves_it_open(
    terminology: Any, write: Any, text: str
) -> None:
    found = course(terminology, write(note=[{"text": text}]))
    assert (found.current, known_days(found)) == (None, 0)
    assert any(text[:10] in note for note in found.notes), "it is said"


@pytest.mark.parametrize("write", [statement, request])
@pytest.mark.parametrize("text", TAKEN)
def test_a_note_of_something_else_does_not(terminology: Any, write: Any, text: str) -> None:
    assert course(terminology, write(note=[{"text": text}])).current is True


@pytest.mark.parametrize("field", ["text", "patientInstruction"])
@pytest.mark.parametrize(
    ("text", "current"), [("do not take", None), ("HOLD", None), ("take with water", True)]
)
def test_an_instruction_can_say_it(
    terminology: Any, field: str, text: str, current: bool | None
) -> None:
    found = course(terminology, request(dosageInstruction=[DAILY | {field: text}]))
    assert found.current is current
