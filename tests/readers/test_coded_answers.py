"""A coded answer says the same under every name of its system, and nothing under another one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds.fhir.record.patient_record import gather
from cds.reviewed import read_reviewed
from cds.terminology.answers import answer, interpretation, interpreted, scored
from cds.terminology.codes import systems
from tests.charts.fhir import concept
from tests.charts.reading import history_of

DAY = date(2026, 11, 22)
SNOMED_OID = "urn:oid:2.16.840.1.113883.6.96"
LOINC_OID = "urn:oid:2.16.840.1.113883.6.1"


@pytest.mark.parametrize(
    ("system", "code", "meant"),
    [
        (systems.SNOMED, "10828004", "positive"),
        (SNOMED_OID, "10828004", "positive"),
        ("http://snomed.info/sct/731000124108", "260385009", "negative"),
        ("http://hospital.example/results", "10828004", None),
        (None, "10828004", None),
        (systems.LOINC, "LA6576-8", "positive"),
        (LOINC_OID, "LA6577-6", "negative"),
        ("urn:oid:1.3.6.1.4.1.12009.10.1.361", "LA33-6", "yes"),  # the answer list's own OID
        ("http://loinc.org/vs/LL361-7", "LA32-8", "no"),
        (None, "LA33-6", "yes"),  # nothing else looks like it
        ("http://hospital.example/results", "LA33-6", None),
        ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y", "yes"),
        ("http://terminology.hl7.org/CodeSystem/expandedYes-No", "n", "no"),
        ("http://hl7.org/fhir/v2/0136", "Y", "yes"),
        ("urn:oid:2.16.840.1.113883.12.136", "N", "no"),
    ],
)
def test_an_answer_by_its_system(system: str | None, code: str, meant: str | None) -> None:
    assert answer(concept(system, code)) == ({meant} if meant else set())


@pytest.mark.parametrize(
    "row", read_reviewed("cds.terminology", "answers.yaml")["words"], ids=lambda r: r["such_as"]
)
def test_each_pattern_reads_its_example(row: dict[str, str]) -> None:
    assert answer(row["such_as"]) == {row["answer"]}
    assert answer(f"{row['such_as']} on the whole") == frozenset()


@pytest.mark.parametrize(
    ("system", "score"),
    [
        (systems.LOINC, 3),
        (LOINC_OID, 3),
        ("http://loinc.org/vs/LL358-3", 3),
        (None, 3),
        ("http://hospital.example/answers", None),
    ],
)
def test_the_score_of_an_answer(system: str | None, score: int | None) -> None:
    assert scored(concept(system, "LA6571-9")) == score


@pytest.mark.parametrize(
    ("written", "score"),
    [
        ("Not at all", 0), ("Several days", 1), ("More than half the days", 2),
        ("nearly every day.", 3), ("3 - Nearly every day", 3), ("Nearly every day (+3)", 3),
        ("2 - Nearly every day", None),  # the number is another answer's
        ("Nearly every day for a week", None), ("several", None), ("", None),
    ],
)  # fmt: skip
def test_the_score_of_an_answer_in_words(written: str, score: int | None) -> None:
    assert scored({"text": written}) == score
    assert (
        scored({"coding": [{"system": systems.SNOMED, "code": "1", "display": written}]}) == score
    )


def test_two_answers_at_once_are_none() -> None:
    assert scored({"coding": [{"display": "Not at all"}, {"display": "Several days"}]}) is None


@pytest.mark.parametrize(
    "value",
    [
        {"valueCodeableConcept": {"text": "Nearly every day"}},
        {"valueString": "Nearly every day"},
        {"valueCodeableConcept": concept(systems.LOINC, "LA6571-9")},
    ],
)
def test_an_item_that_is_answered_in_words(terminology, knowledge, value: dict[str, Any]) -> None:
    item = {
        "resourceType": "Observation", "id": "o", "status": "final",
        "code": concept(systems.LOINC, "44260-8"), "effectiveDateTime": "2026-11-20",
    }  # fmt: skip
    history = history_of(gather([item | value]), terminology, knowledge, DAY)
    (fact,) = history.observations["phq9_item9"]
    assert (fact.value, fact.problem) == (Decimal(3), None)


@pytest.mark.parametrize(
    "answer",
    [{"valueString": "Several days"}, {"valueCoding": {"display": "Several days"}},
     {"valueCoding": {"system": systems.LOINC, "code": "LA6569-3"}}],
)  # fmt: skip
def test_an_item_of_a_form_in_words(terminology, knowledge, answer: dict[str, Any]) -> None:
    form = {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed",
            "authored": "2026-11-20",
            "item": [{"linkId": "/44260-8", "answer": [answer]}]}  # fmt: skip
    history = history_of(gather([form]), terminology, knowledge, DAY)
    assert [fact.value for fact in history.observations["phq9_item9"]] == [1]


@pytest.mark.parametrize(
    ("concepts", "code"),
    [
        ([concept(systems.INTERPRETATION, "POS")], "POS"),
        ([concept("http://hl7.org/fhir/v2/0078", "neg")], "NEG"),
        ([concept("urn:oid:2.16.840.1.113883.5.83", "H")], "H"),
        ([concept("http://hospital.example/flag", "7"), concept(systems.INTERPRETATION, "H")], "H"),
        ([concept("http://hospital.example/flag", "HH")], "HH"),
        ([concept(SNOMED_OID, "10828004")], "POS"),
        ([concept(systems.SNOMED, "260385009")], "NEG"),
        ([{"text": "Positive"}], "POS"),
        ([{"text": "Positive"}, {"text": "Negative"}], None),
        ([{"text": "see note"}], None),
        ([], None),
    ],
)
def test_an_interpretation(concepts: list[dict[str, Any]], code: str | None) -> None:
    assert interpretation(concepts) == code


def test_what_an_interpretation_says_of_presence() -> None:
    assert interpreted("POS") == interpreted("det") == {"positive"}
    assert interpreted("NEG") == {"negative"}
    assert interpreted("H") == interpreted(None) == frozenset()


@pytest.mark.parametrize("system", [systems.SNOMED, SNOMED_OID])
def test_a_positive_pregnancy_test_under_any_name(terminology, knowledge, system) -> None:
    found = {
        "resourceType": "Observation", "id": "o", "status": "final",
        "code": concept(LOINC_OID, "2106-3"), "effectiveDateTime": "2026-11-20",
        "valueCodeableConcept": concept(system, "10828004"),
    }  # fmt: skip
    patient = {"resourceType": "Patient", "id": "p", "gender": "female"}
    history = history_of(gather([patient, found]), terminology, knowledge, DAY)
    assert history.reproductive.pregnant is True


def test_a_form_whose_questions_carry_a_local_code_first(terminology, knowledge) -> None:
    local = {"system": "http://hospital.example/q", "code": "Q9"}
    loinc = {"system": LOINC_OID, "code": "44260-8"}
    given = {"system": "http://loinc.org/vs/LL358-3", "code": "LA6569-3"}
    item = {"code": {"coding": [local, loinc]}, "answer": [{"valueCoding": given}]}
    form = {
        "resourceType": "QuestionnaireResponse", "id": "q", "status": "completed",
        "authored": "2026-11-20", "item": [item],
    }  # fmt: skip
    history = history_of(gather([form]), terminology, knowledge, DAY)
    assert history.observations["phq9_item9"][0].value == Decimal(1)
