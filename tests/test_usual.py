"""Concepts that are remembered: only by what tells all of them, so that none is taken for another.

A reader that remembers must say of any concept what the same reader says that does not.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cds.dates import LocalTime, local_days, parse_when
from cds.fhir_json import as_text, concept_texts, display, status_code
from cds.terminology.codes.concept import codings, read_concept
from cds.terminology.codes.diagnosis_marks import marked
from cds.terminology.lookup import Terminology
from cds.usual import concept_of, once, usual

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ONE = {"system": ICD, "code": "I10", "display": "Essential hypertension"}
TWO = {"system": "http://snomed.info/sct", "code": "38341003", "display": "Hypertension"}
USUAL: dict[str, Any] = {
    "a code and its text": {"coding": [ONE], "text": "High blood pressure"},
    "two codes": {"coding": [ONE, TWO]},
    "two codes the other way round": {"coding": [TWO, ONE]},
    "picked by a person": {"coding": [ONE | {"userSelected": True}, TWO]},
    "the other one picked": {"coding": [ONE, TWO | {"userSelected": True}]},
    "not picked": {"coding": [ONE | {"userSelected": False}, TWO, TWO]},
    "of a version": {"coding": [ONE | {"version": "2026"}]},
    "a text": {"text": "High  blood pressure "},
    "a code alone": {"coding": [{"code": "I10"}]},
    "a display alone": {"coding": [{"display": "Hypertension"}]},
    "an empty coding": {"coding": [{}], "text": "Hypertension"},
    "no coding": {"coding": [], "text": "Hypertension"},
    "nothing": {},
}  # fmt: skip
UNUSUAL: dict[str, Any] = {
    "a string": "Hypertension",
    "a list": [{"text": "Hypertension"}],
    "none": None,
    "a bare coding": ONE,
    "a display of its own": {"coding": [ONE], "display": "High blood pressure"},
    "a number for a code": {"coding": [ONE | {"code": 10}]},
    "no number, and no text": {"coding": [ONE | {"display": None}], "text": False},
    "a coding that is no list": {"coding": ONE},
    "a coding that is no object": {"coding": [ONE, "I10"]},
    "a mark": {"coding": [ONE | {"extension": [{"url": "x", "valueString": "V"}]}]},
    "an extension": {"text": "Hypertension", "extension": []},
    "a note": {"text": "Hypertension " * 100},
    "many codes": {"coding": [ONE] * 17},
}


@pytest.mark.parametrize("concept", USUAL.values(), ids=USUAL)
def test_its_strings_tell_all_that_a_reader_sees_of_it(concept: Any) -> None:
    strings = usual(concept)
    assert strings is not None
    same = concept_of(strings)
    assert usual(same) == strings
    for read in (read_concept, display, status_code, marked, as_text):
        assert read(same) == read(concept), read
    for listed in (codings, concept_texts):
        assert list(listed(same)) == list(listed(concept)), listed


def test_no_two_have_the_same_strings() -> None:
    alike = {usual(USUAL["a text"]), usual({"text": USUAL["a text"]["text"], "coding": []})}
    assert len(alike) == 1
    told_apart = {usual(one) for name, one in USUAL.items() if name != "no coding"}
    assert len(told_apart) == len(USUAL) - 1


@pytest.mark.parametrize("concept", UNUSUAL.values(), ids=UNUSUAL)
def test_of_any_other_shape_it_is_read_each_time(concept: Any) -> None:
    assert usual(concept) is None
    seen: list[object] = []
    reader = once(8)(seen.append)
    reader(concept)
    reader(concept)
    assert [one is concept for one in seen] == [True, True]


def test_the_usual_is_read_once() -> None:
    seen: list[object] = []
    reader = once(8)(seen.append)
    for _ in range(2):
        reader({"coding": [dict(ONE)], "text": "High blood pressure"})
    reader({"coding": [dict(ONE)], "text": "high blood pressure"})
    assert [read_concept(one).texts for one in seen] == [
        ("High blood pressure",), ("high blood pressure",),
    ]  # fmt: skip


def test_what_broke_is_not_remembered() -> None:
    def read(concept: object) -> None:
        raise ValueError

    reader = once(8)(read)
    for _ in range(2):
        with pytest.raises(ValueError):
            reader({"text": "Hypertension"})


def test_a_terminology_remembers_for_each_reader_apart(terminology: Terminology) -> None:
    seen: list[str] = []

    def first(terms: Terminology, concept: object) -> str:
        assert terms is terminology
        seen.append("first")
        return display(concept)

    def second(terms: Terminology, concept: object) -> int:
        seen.append("second")
        return len(display(concept))

    for concept in ({"text": "Asthma"}, {"text": "Asthma"}, "Asthma"):
        assert terminology.once(first, concept) == "Asthma"
        assert terminology.once(second, concept) == 6
    assert seen == ["first", "second"] * 2


def test_a_day_is_not_remembered_for_another_place() -> None:
    written = "2026-11-24T23:30:00Z"
    days = []
    for place in ("Europe/Zurich", "America/New_York", "Europe/Zurich"):
        with local_days(LocalTime(ZoneInfo(place))):
            days.append(str(parse_when(written)))
    assert days == ["2026-11-25", "2026-11-24", "2026-11-25"]
