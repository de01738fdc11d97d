"""A diagnosis whose code and words mean different things says so, and proves nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import Answer, assess, load, read_chart
from tests.charts.fhir import ICD10CM, SNOMED, concept, condition, on_the_wire

ENGINE = load()
DAY = date(2026, 11, 22)
ORDER = {
    "resourceType": "MedicationRequest", "id": "draft", "status": "draft", "intent": "order",
    "medicationCodeableConcept": {"text": "ketamine"},
}  # fmt: skip
LINES = [
    ("I71.4", "sprained ankle", "coded I71.4, written “sprained ankle”"),
    ("233985008", "sprained ankle", "coded 233985008, written “sprained ankle”"),
    ("I10", "aortic aneurysm", "coded I10, written “aortic aneurysm”"),
    ("S93.409A", "AAA", "coded S93.409A, written “AAA”"),
    ("E11.9", "schizophrenia", "coded E11.9, written “schizophrenia”"),
    ("I71.4", "Fracture of wrist", "coded I71.4, written “Fracture of"),
]


def answer(code: str, text: str) -> Answer:
    system = SNOMED if code.isdigit() else ICD10CM
    entry: dict[str, Any] = condition(concept(system, code, text=text), recordedDate="2026-11-14")
    chart = read_chart(ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}, entry]))
    return assess(ENGINE, chart, DAY, [on_the_wire(ORDER)])


@pytest.mark.parametrize(("code", "text", "line"), LINES)
def test_a_danger_stays_and_says_both(code: str, text: str, line: str) -> None:
    card = answer(code, text).cards[0]
    assert card.indicator == "critical"
    assert line in card.summary
    assert "check" in card.summary


@pytest.mark.parametrize(
    ("code", "text", "line"),
    [
        ("I71.4", "No AAA on CT", "coded I71.4, written “No AAA on CT”"),
        ("I71.4", "AAA - ruled out", "coded I71.4, written “AAA - ruled out”"),
        ("I71.4", "Family history of AAA", "coded I71.4, written “Family"),
        ("I61.9", "no hemorrhage", "coded I61.9, written “no hemorrhage”"),
        ("F20.9", "Schizophrenia, ruled out", "coded F20.9, written “Schizophrenia"),
        ("F29", "no psychosis", "coded F29, written “no psychosis”"),
        ("E05.90", "Hyperthyroidism, resolved after RAI", "coded E05.90, written “Hyperthyroidism"),
        ("E05.90", "resolved after RAI", "coded E05.90, written “resolved after RAI”"),
        ("E05.90", "hx of Graves, s/p thyroidectomy", "coded E05.90, written “hx of Graves"),
        ("I16.9", "hypertensive crisis, resolved", "coded I16.9, written “hypertensive crisis"),
        ("F23", "h/o psychosis", "coded F23, written “h/o psychosis”"),
        ("I21.9", "Old MI", "coded I21.9, written “Old MI”"),
        ("I21.9", "h/o MI", "coded I21.9, written “h/o MI”"),
        ("I21.9", "no MI", "coded I21.9, written “no MI”"),
        ("I63.9", "old CVA", "coded I63.9, written “old CVA”"),
        ("F16.20", "ketamine use disorder, ruled out", "coded F16.20, written “ketamine use"),
        ("K72.90", "resolved liver failure", "coded K72.90, written “resolved liv"),
        ("Z33.1", "not pregnant", "coded Z33.1, written “not pregnant”"),
        ("O09.90", "no longer pregnant", "coded O09.90, written “no longer pregnant”"),
        ("233985008", "no AAA", "coded 233985008, written “no AAA”"),
    ],
)
def test_words_that_take_the_code_back_make_a_warning_that_asks(
    code: str, text: str, line: str
) -> None:
    found = answer(code, text)
    card = found.cards[0]
    assert (card.indicator, card.suggestions) == ("warning", ())
    assert line in card.summary
    assert card.summary.startswith("Clarify before any dose")
    assert all(dose.dose_mg is None for dose in found.assessment.doses)
    assert sum(line in one.summary for one in found.cards) == 1


@pytest.mark.parametrize(
    ("code", "text"),
    [
        # the past counts
        ("I71.4", "AAA s/p EVAR"),
        ("I71.4", "history of AAA"),
        ("I61.9", "old hemorrhage"),
        ("I61.9", "ICH, resolved"),
        ("F20.9", "h/o schizophrenia"),
        # what is over may have been last week
        ("I21.9", "s/p MI"),
        ("I21.9", "MI, resolved"),
        ("I63.9", "s/p CVA"),
        # doubted, denied in part, or of something else
        ("I71.4", "?AAA"),
        ("I71.4", "AAA, no rupture"),
        ("I61.9", "no headache"),
        ("I61.9", "no hemorrhage on CT, later ICH"),
        ("E05.90", "Hyperthyroidism s/p RAI"),
    ],
)
def test_a_danger_that_the_words_leave_stays(code: str, text: str) -> None:
    assert answer(code, text).cards[0].indicator == "critical"


@pytest.mark.parametrize(
    ("code", "text"),
    [("I71.4", "AAA"), ("I71.4", "Aortenaneurysma"), ("F20.0", "Schizophrenie"),
     ("I71.4", "dilated")],
)  # fmt: skip
def test_nothing_is_said_where_both_may_be_right(code: str, text: str) -> None:
    assert "coded" not in answer(code, text).cards[0].summary


@pytest.mark.parametrize(
    ("code", "text", "state"),
    [
        ("F33.2", "MDD", "met"),
        ("F33.2", "Schwere Depression", "met"),
        ("F33.2", "sprained ankle", "unknown"),
        ("F33.2", "hypertension", "unknown"),
        ("F33.2", "low back pain", "unknown"),
        ("S93.409A", "Major depressive disorder, recurrent, severe", "unknown"),
        ("E11.9", "severe major depressive disorder", "unknown"),
    ],
)
def test_no_candidacy_rests_on_it(code: str, text: str, state: str) -> None:
    found = answer(code, text)
    judged = next(c for c in found.assessment.candidacy if c.indication == "trd-unipolar")
    diagnosis = judged.criteria[0]
    assert diagnosis.state == state
    assert ("words name something else" in diagnosis.why) == (state == "unknown")
