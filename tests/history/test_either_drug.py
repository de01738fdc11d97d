"""Drugs that are written as one or the other, and lists that only say what is not to be given."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import Answer, assess, load, read_chart
from tests.charts.fhir import on_the_wire

ENGINE = load()
DAY = date(2026, 11, 22)
ORDER = {
    "resourceType": "MedicationRequest", "id": "draft", "status": "draft", "intent": "order",
    "medicationCodeableConcept": {"text": "ketamine"},
}  # fmt: skip


def answer(text: str, **fields: Any) -> Answer:
    entry = {
        "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
        "authoredOn": "2026-11-01", "medicationCodeableConcept": {"text": text},
    } | fields  # fmt: skip
    chart = read_chart(ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}, entry]))
    return assess(ENGINE, chart, DAY, [on_the_wire(ORDER)])


def taken(found: Answer) -> set[tuple[str, bool | None]]:
    courses = found.assessment.cases[0].history.medications
    return {(course.ingredient, course.current) for course in courses}


EITHER = [
    # text; drugs that may be taken; the rule that must not be silent
    ("morphine or hydromorphone per pain score", {"morphine", "hydromorphone"}, "opioids"),
    ("hydromorphone or morphine", {"morphine", "hydromorphone"}, "opioids"),
    ("acetaminophen or codeine", {"acetaminophen", "codeine"}, "opioids"),
    ("lorazepam or diazepam prn", {"lorazepam", "diazepam"}, "benzodiazepines-with-ketamine"),
    ("phenelzine or tranylcypromine", {"phenelzine", "tranylcypromine"}, "mao-inhibitors"),
    ("aspirin or acetaminophen", {"aspirin", "acetaminophen"}, None),
    ("tramadol or loperamide", {"tramadol"}, "opioids"),
]


@pytest.mark.parametrize(("text", "drugs", "rule"), EITHER)
def test_each_may_be_taken_and_none_is_sure(text: str, drugs: set[str], rule: str | None) -> None:
    found = answer(text)
    assert {name for name, _ in taken(found)} >= drugs
    assert all(current is None for name, current in taken(found) if name in drugs)
    ids = {finding.id for finding in found.assessment.findings}
    assert rule is None or rule in ids


def test_a_total_with_an_opioid_that_may_be_taken_is_open() -> None:
    assert answer("acetaminophen or codeine").report()["opioids"]["mme_per_day"] is None
    assert answer("aspirin or acetaminophen").report()["opioids"]["mme_per_day"] == 0
    assert answer("metformin or insulin").report()["opioids"]["mme_per_day"] == 0


def test_what_is_not_known_of_two_is_named() -> None:
    unread = answer("aspirin or Zolmex").assessment.cases[0].history.unread_drugs
    assert [drug.label for drug in unread] == ["“Zolmex”"]
    for text in ("oxycodone or generic", "ibuprofen or equivalent", "1 or 2 aspirin tablets"):
        assert not answer(text).assessment.cases[0].history.unread_drugs


@pytest.mark.parametrize(
    "text", ["no opioids", "not on any opioids", "denies opioid use", "no MAOI"]
)
def test_a_denial_opens_nothing(text: str) -> None:
    found = answer(text)
    assert not taken(found)
    assert found.report()["opioids"]["mme_per_day"] == 0


@pytest.mark.parametrize("text", ["N/A", "n.a.", "NA", ".", "-", "Not on file"])
def test_what_only_fills_its_field_is_no_drug(text: str) -> None:
    found = answer(text)
    assert not taken(found)
    assert found.report()["opioids"]["mme_per_day"] == 0
    local = {"coding": [{"system": "urn:house", "code": "7"}], "text": text}
    coded = answer(text, medicationCodeableConcept=local)
    assert coded.report()["opioids"]["mme_per_day"] is None, "the code may be any drug"


@pytest.mark.parametrize("text", ["unknown", "?", "pills"])
def test_one_that_nobody_can_name_is_not_read(text: str) -> None:
    assert answer(text).report()["opioids"]["mme_per_day"] is None


@pytest.mark.parametrize(
    "text",
    ["Oxycodone (allergic)", "oxycodone: pt allergic", "DO NOT GIVE oxycodone",
     "oxycodone NOT TO BE USED", "oxycodone - contraindicated"],
)  # fmt: skip
def test_what_is_to_be_avoided_is_not_surely_taken(text: str) -> None:
    assert taken(answer(text)) == {("oxycodone", None)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("DO NOT GIVE ketamine", "hypersensitivity"),
        ("avoid ketamine", "hypersensitivity"),
        ("ketamine (allergic)", "hypersensitivity"),
        ("Ketamine - ALLERGY", "hypersensitivity"),
        ("allergic to ketamine", "hypersensitivity"),
        ("ketamine 35 mg IV", "second-ketamine-order"),
        ("ketamine nasal spray, avoid driving", "second-ketamine-order"),
        ("no ketamine", None),
        ("No ketamine allergy", None),
    ],
)
def test_ketamine_among_the_medications(text: str, told: str | None) -> None:
    """Only to say that it is not to be given: an allergy, and no second order."""
    ids = {f.id for f in answer(text).assessment.findings}
    assert ids & {"hypersensitivity", "second-ketamine-order"} == ({told} if told else set())


def test_one_with_a_dose_is_an_order_whatever_its_words() -> None:
    found = answer("avoid ketamine", dosageInstruction=[{"text": "35 mg IV"}])
    assert "hypersensitivity" not in {finding.id for finding in found.assessment.findings}
