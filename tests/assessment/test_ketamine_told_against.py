"""A chart that says outside the allergy list that ketamine did harm stops it as that list would."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import Answer, assess, load, read_chart
from tests.charts.fhir import on_the_wire

ENGINE = load()
DAY = date(2026, 11, 22)
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ORDER = {
    "resourceType": "MedicationRequest", "id": "draft", "status": "draft", "intent": "order",
    "medicationCodeableConcept": {"text": "ketamine 50 mg/mL"},
}  # fmt: skip


def answer(*entries: dict[str, Any]) -> Answer:
    chart = read_chart(ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}, *entries]))
    return assess(ENGINE, chart, DAY, [on_the_wire(ORDER)])


def problem(text: str, code: str = "", **fields: Any) -> dict[str, Any]:
    coded = {"coding": [{"system": ICD, "code": code}]} if code else {}
    return {
        "resourceType": "Condition", "id": "c", "recordedDate": "2026-01-05",
        "code": {"text": text} | coded,
    } | fields  # fmt: skip


def allergy(text: str) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": text}}


def medication(text: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement", "id": "m", "status": "active",
        "medicationCodeableConcept": {"text": text},
    }  # fmt: skip


def stop(found: Answer) -> list[str]:
    """The severity of the stop for hypersensitivity."""
    return [f.severity for f in found.assessment.findings if f.id == "hypersensitivity"]


def names_unread(found: Answer) -> bool:
    return bool(found.report()["unread"])


HARM = [
    # words of a problem; its code of ICD-10-CM
    ("Ketamine allergy", ""),
    ("Ketamine allergy", "Z88.4"),
    ("Ketamine allergy", "Z88.8"),
    ("Allergy to ketamine", ""),
    ("Allergic to ketamine", ""),
    ("Allergy: ketamine", ""),
    ("Drug allergy - ketamine", ""),
    ("Allergy status to other drugs: KETAMINE", "Z88.8"),
    ("Anaphylaxis to ketamine", ""),
    ("Anaphylaxis due to ketamine", "T78.2XXA"),
    ("Anaphylactic reaction to ketamine 2021", ""),
    ("Ketamine: anaphylactic shock", ""),
    ("Ketamine intolerance", ""),
    ("Hypersensitivity to esketamine", ""),
    ("Esketamine (Spravato) allergy", ""),
    ("Ketalar allergy", ""),
    ("Adverse effect of ketamine - laryngospasm", "T41.295A"),
    ("Adverse drug reaction - ketamine", "T88.7"),
    ("Allergies: fentanyl, ketamine", ""),
    ("Hx of laryngospasm with ketamine", ""),
    ("angioedema from ketamine", ""),
    ("severe emergence reaction to ketamine", ""),
    ("ketamine - do not give", ""),
    ("ketamine contraindicated", ""),
    ("Ketamin-Allergie", ""),
    ("Allergie gegen Ketamin", ""),
    ("Ketamin-Unverträglichkeit", ""),
    ("?ketamine allergy", ""),
]
NO_HARM = [
    "no ketamine allergy", "denies ketamine allergy", "no known allergy to ketamine",
    "Ketamine allergy ruled out", "no anaphylaxis due to ketamine",
    "ketamine tolerated, no reaction", "Avoid opioids, use ketamine",
    "Opioids contraindicated - ketamine preferred", "Avoid NSAIDs; ketamine infusion",
    "Adjustment reaction with depressed mood, ketamine infusions",
    "Chronic urticaria with angioedema, ketamine", "avoid ketamine if pregnant",
    "Adverse effect of anesthetic, not ketamine", "Counseled about allergy to ketamine",
    "Mother: ketamine allergy", "family history of ketamine allergy", "Ketamine allergy, resolved",
    "outgrown ketamine allergy", "Penicillin allergy", "allergic rhinitis; ketamine infusion 2024",
    "depression treated with ketamine, penicillin allergy",
    "Allergy to penicillin. Ketamine responder", "Adverse reaction to fentanyl, given ketamine",
    "Adverse reaction to fentanyl after ketamine infusion", "Ketamine-induced cystitis",
    "Ketamine use disorder", "Ketamine withdrawal", "Ketamine infusion",
    "keine Allergie gegen Ketamin",
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), HARM)
def test_a_problem_that_ketamine_caused_is_an_allergy_to_it(text: str, code: str) -> None:
    found = answer(problem(text, code))
    assert stop(found) == ["critical"]
    assert not names_unread(found)


@pytest.mark.parametrize("text", NO_HARM)
def test_one_that_is_denied_of_others_or_of_another_drug_is_none(text: str) -> None:
    assert "critical" not in stop(answer(problem(text)))


def test_a_refuted_problem_is_none() -> None:
    status = {"coding": [{"code": "refuted"}]}
    assert not stop(answer(problem("Ketamine allergy", verificationStatus=status)))


@pytest.mark.parametrize(
    ("text", "stops"),
    [("Anaphylaxis due to ketamine", True), ("Laryngospasm with ketamine", True),
     ("Ketamine allergy", False), ("Ketamine intolerance", False)],
)  # fmt: skip
def test_a_reaction_resolves_and_leaves_the_allergy(text: str, stops: bool) -> None:
    found = answer(problem(text, clinicalStatus={"coding": [{"code": "resolved"}]}))
    assert ("critical" in stop(found)) is stops


@pytest.mark.parametrize("entry", [allergy, medication])
@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("NO KETAMINE - laryngospasm", True),
        ("NO KETAMINE - anaphylaxis 2021", True),
        ("NO KETAMINE!!! laryngospasm", True),
        ("no ketamine (hives)", True),
        ("NO ESKETAMINE - angioedema", True),
        ("Never ketamine - emergence delirium", True),
        ("DO NOT GIVE ketamine", True),
        ("no ketamine allergy", False),
        ("No known allergy to ketamine - rash with penicillin", False),
        ("denies ketamine reaction", False),
    ],
)
def test_no_before_ketamine_forbids_it_where_a_harm_is_told(
    entry: Any, text: str, stops: bool
) -> None:
    found = answer(entry(text))
    assert bool(stop(found)) is stops
    if stops:
        assert not names_unread(found)


def test_no_ketamine_in_a_list_of_medications_may_only_deny_it() -> None:
    for text in ("no ketamine", "NO KETAMINE", "no ketamine at home"):
        assert not stop(answer(medication(text)))
