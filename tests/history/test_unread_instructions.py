"""What was not understood is named, with the words that stopped it and what it touches."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import assess, load, read_chart
from cds.wire import decode, encode
from tests.charts.fhir import one_patient


def unread(drug: str, *dosages: Any, kind: str = "MedicationRequest") -> list[Any]:
    field = "dosage" if kind == "MedicationStatement" else "dosageInstruction"
    taken = {
        "resourceType": kind, "id": "m1", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p"}, "authoredOn": "2026-11-05",
        "effectiveDateTime": "2026-11-05",
        "medicationCodeableConcept": {"text": drug}, field: list(dosages),
    }  # fmt: skip
    record = one_patient(taken)
    engine = load()
    answer = assess(engine, read_chart(engine, record), date(2026, 11, 28))
    printed: Any = decode(encode(answer.report()))
    return list(printed["unread"])


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
def test_an_instruction_that_was_not_understood(kind: str) -> None:
    (entry,) = unread("sertraline 50 mg tablet", {"text": "zap 1 tablet daily"}, kind=kind)
    assert entry == {
        "resource": f"{kind}/m1",
        "kind": "instruction",
        "text": "zap 1 tablet daily",
        "why": 'not understood: "zap"',
        "touches": ["antidepressant_trials"],
    }


@pytest.mark.parametrize(
    ("drug", "touched"),
    [
        ("oxycodone 10 mg tablet", "opioids"),
        ("lorazepam 1 mg tablet", "diazepam_equivalent_mg_per_day"),
        ("gabapentin 300 mg capsule", "pain_trials"),
        ("aripiprazole 5 mg tablet", "augmentation_trials"),
    ],
)
def test_what_it_touches(drug: str, touched: str) -> None:
    (entry,) = unread(drug, {"text": "zap one daily"})
    assert touched in entry["touches"]


def test_words_that_are_understood_and_say_two_things() -> None:
    (entry,) = unread("sertraline 50 mg tablet", {"text": "1 tablet twice daily three times daily"})
    assert "frequenc" in entry["why"]
    (entry,) = unread("sertraline 50 mg tablet", {"text": "Take 2 tablets (75 mg total) daily"})
    assert "another strength" in entry["why"]


@pytest.mark.parametrize(
    ("drug", "dosage"),
    [
        ("atorvastatin 10 mg tablet", {"text": "zap daily"}),  # matters to no rule
        ("sertraline 50 mg tablet", {"text": "1 tablet daily"}),
        ("sertraline 50 mg tablet", {"text": "as directed"}),  # read: it tells nothing
        ("sertraline 50 mg tablet", {}),
    ],
)
def test_what_is_not_named(drug: str, dosage: Any) -> None:
    assert unread(drug, dosage) == []
