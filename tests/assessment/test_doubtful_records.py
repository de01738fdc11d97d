"""What the record itself doubts, or takes back: the dead, and diagnoses that nobody confirmed."""

from __future__ import annotations

from typing import Any

import pytest

from cds.api import Answer, Engine, assess, load, read_chart
from tests.charts.fhir import AS_OF, ICD10CM, concept, condition, on_the_wire

ORDER = on_the_wire(
    {
        "resourceType": "MedicationRequest",
        "id": "k",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "Ketamine 35 mg IV over 40 min"},
    }
)
SERTRALINE = {
    "resourceType": "MedicationRequest",
    "id": "s",
    "status": "active",
    "intent": "order",
    "authoredOn": "2026-09-01",
    "subject": {"reference": "Patient/p"},
    "medicationCodeableConcept": {"text": "Sertraline 50 mg daily"},
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load()


def answer(
    engine: Engine, *resources: dict[str, Any], order: bool = True, **patient: Any
) -> Answer:
    """The answer to an order of ketamine for a woman of 46 with exactly these entries."""
    who = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-05-17"}
    chart = read_chart(engine, on_the_wire([who | patient, SERTRALINE, *resources]))
    return assess(engine, chart, AS_OF, [ORDER] if order else [])


@pytest.mark.parametrize(
    ("patient", "said"),
    [
        ({"deceasedBoolean": True}, "deceased: wrong chart"),
        ({"deceasedDateTime": "2026-11-21"}, "deceased (2026-11-21)"),
        ({"deceasedDateTime": "2026-11-22"}, "deceased (2026-11-22)"),  # the day itself
        ({"deceasedDateTime": "2026-11-22T03:00:00Z"}, "deceased (2026-11-22)"),
        ({"deceasedDateTime": "2026"}, "deceased (2026)"),
        ({"deceasedDateTime": "in spring"}, "deceased: wrong chart"),
        ({"deceasedDateTime": "2026-11-23"}, None),  # data of tomorrow do not exist yet
        ({"deceasedBoolean": False}, None),
        ({}, None),
    ],
)
def test_of_a_dead_patient_one_thing_is_said(
    engine: Engine, patient: dict[str, Any], said: str | None
) -> None:
    depressed = condition(concept(ICD10CM, "F33.2"))
    found = answer(engine, depressed, **patient)
    if said is None:
        assert "recorded-as-deceased" not in {f.id for f in found.assessment.findings}
        assert found.assessment.candidacy
        return
    (card,) = found.cards
    assert card.indicator == "critical"
    assert said in card.summary
    assert not found.assessment.doses
    assert not found.assessment.candidacy


def test_a_dead_patients_chart_that_is_opened_raises_nothing(engine: Engine) -> None:
    chart = read_chart(
        engine, on_the_wire([{"resourceType": "Patient", "id": "p", "deceasedBoolean": True}])
    )
    assert assess(engine, chart, AS_OF, [], "patient-view").cards == ()


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("F31.81", "bipolar-no-mood-stabiliser"),
        ("F31.81", "bipolar-outside-labels"),
        ("F31.9", "bipolar-no-mood-stabiliser"),
        ("F33.3", "psychotic-features"),
        ("F43.12", "ptsd-alone"),
    ],
)
@pytest.mark.parametrize("doubt", ["differential", "provisional", "unconfirmed"])
def test_a_diagnosis_that_nobody_confirmed_is_never_said_to_be_on_record(
    engine: Engine, code: str, rule: str, doubt: str
) -> None:
    entry = condition(concept(ICD10CM, code), verificationStatus={"coding": [{"code": doubt}]})
    (finding,) = (f for f in answer(engine, entry).assessment.findings if f.id == rule)
    assert finding.severity != "critical"
    assert finding.params["doubt"] == doubt


def test_a_confirmed_entry_beside_a_doubted_one_decides(engine: Engine) -> None:
    doubted = condition(
        concept(ICD10CM, "F31.81"), verificationStatus={"coding": [{"code": "differential"}]}
    )
    sure = condition(concept(ICD10CM, "F31.9")) | {"id": "sure"}
    found = answer(engine, doubted, sure).assessment.findings
    (finding,) = (f for f in found if f.id == "bipolar-no-mood-stabiliser")
    assert finding.severity == "critical"
    assert finding.params["doubt"] is None


@pytest.mark.parametrize(
    ("code", "text", "finding"),
    [
        ("F33.9", "MDD, recurrent, severe with psychosis", "psychotic-depression"),
        ("K74.60", "Decompensated cirrhosis", "severe-liver-impairment"),
        ("F19.20", "Ketamine use disorder", "ketamine-use-disorder"),
        ("I10", "HTN, h/o aortic dissection", "aneurysm"),
        ("Z86.79", "h/o ICH", "intracerebral-haemorrhage"),
    ],
)
def test_what_only_the_words_of_a_coded_diagnosis_say_is_found_and_marked(
    engine: Engine, code: str, text: str, finding: str
) -> None:
    entry = condition(concept(ICD10CM, code, text=text))
    (found,) = (f for f in answer(engine, entry).assessment.findings if f.id == finding)
    assert any("matched by its text" in str(item) for item in found.params["found"])


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Bipolar I disorder", "unknown"),
        ("MDD in full remission", "unknown"),
        ("Depression", "met"),
        ("Schwere depressive Episode", "met"),
    ],
)
def test_a_reason_for_treatment_needs_words_that_do_not_name_something_else(
    engine: Engine, text: str, verdict: str
) -> None:
    found = answer(engine, condition(concept(ICD10CM, "F33.2", text=text))).assessment
    (trd,) = (c for c in found.candidacy if c.indication == "trd-unipolar")
    assert {c.state for c in trd.criteria if c.id == "depression"} == {verdict}
