"""An instruction that an export writes twice counts once; two that differ add up.

A row: the instructions of one order (an oxycodone 10 mg tablet), the dose for a trial and for
tolerance, the dose against treatment, and what is said of it (mg/d).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cds.history.medications.on_day import dose_on
from cds.history.model.course import DOUBTS, Doubt, MedicationCourse
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import Terminology
from tests.charts.fhir import one_patient
from tests.charts.reading import history_of
from tests.rows import check_each

AS_OF = date(2026, 6, 1)
DAILY: dict[str, Any] = {"frequency": 1, "period": 1, "periodUnit": "d"}
TWICE = {"repeat": {**DAILY, "frequency": 2}}
WORDS = {"text": "1 tablet twice daily"}


def coded(timing: Any, tablets: float = 1, **more: Any) -> dict[str, Any]:
    dose = {"doseQuantity": {"value": tablets, "unit": "tablet"}}
    return {"timing": timing, "doseAndRate": [dose], **more}


def when(*parts: str) -> dict[str, Any]:
    return {"repeat": {"when": list(parts)}}


def at(*clocks: str) -> dict[str, Any]:
    return {"repeat": {"timeOfDay": list(clocks)}}


def on(*days: str) -> dict[str, Any]:
    return {"repeat": {**DAILY, "dayOfWeek": list(days)}}


def within(start: str, end: str | None = None) -> dict[str, Any]:
    period = {"start": start, **({"end": end} if end else {})}
    return {"repeat": {**DAILY, "boundsPeriod": period}}


def named(code: str) -> dict[str, Any]:
    return {"code": {"coding": [{"code": code}]}}


def texts(*written: str, **more: Any) -> list[dict[str, Any]]:
    return [{"text": text, **more} for text in written]


Row = tuple[str, list[dict[str, Any]], float | None, float | None, Doubt | None]
ROWS: list[Row] = [
    ("the same line", [WORDS, WORDS], 20, 20, "repeated"),
    ("three times", [WORDS, WORDS, WORDS], 20, 20, "repeated"),
    ("fields, and again in words", [coded(TWICE), WORDS], 20, 20, "repeated"),
    ("the same fields", [coded(TWICE), coded(TWICE)], 20, 20, "repeated"),
    ("tablets, and milligrams", texts("10 mg twice daily", "1 tab bid"), 20, 20, "repeated"),
    ("hours, and times a day", texts("1 tablet q12h", "1 tablet bid"), 20, 20, "repeated"),
    ("one number for both", [{**WORDS, "sequence": 1}] * 2, 20, 20, "repeated"),
    ("a number for one", [WORDS, {**WORDS, "sequence": 1}], 20, 20, "repeated"),
    ("numbered one after the other", [{**WORDS, "sequence": n} for n in (1, 2)], 20, 20, None),
    ("the same dates", [coded(within("2026-01-05", "2026-12-01"))] * 2, 10, 10, "repeated"),
    ("one of three", texts("1 tablet in the morning", "1 tablet in the morning",
                           "2 tablets in the evening"), 30, 30, "repeated"),
    # two that differ
    ("another amount", texts("1 tablet in the morning", "2 tablets in the evening"), 30, 30, None),
    ("morning and evening", [coded(when("MORN")), coded(when("EVE"))], 20, 20, None),
    ("numbered for two times", [coded(when("MORN"), sequence=1), coded(when("EVE"), sequence=2)],
     20, 20, None),
    ("two times in words", texts("1 tablet every morning", "1 tablet at bedtime"), 20, 20, None),
    ("one coded, one in words", [coded(when("HS")), *texts("1 tablet in the morning")],
     20, 20, None),
    ("abbreviations", [coded(named("AM")), coded(named("PM"))], 20, 20, None),
    ("two hours", [coded(at("08:00:00")), coded(at("20:00:00"))], 20, 20, None),
    ("two routes", [{**WORDS, "route": {"text": route}} for route in ("oral", "rectal")],
     40, 40, None),
    ("other days of the week", [coded(on("mon", "wed")), coded(on("tue", "thu"))],
     5.7142, 5.7142, None),
    ("other days in words", texts("1 tablet on Monday and Wednesday",
                                  "1 tablet on Tuesday and Thursday"), 5.7142, 5.7142, None),
    # the same times
    ("one part of the day, coded and in words",
     [coded(when("MORN")), *texts("1 tablet in the morning")], 10, 10, "repeated"),
    ("one hour, coded and in words", [coded(at("08:00:00")), *texts("1 tablet at 8 am")],
     10, 10, "repeated"),
    # nobody can tell
    ("a time in one of them", [coded({"repeat": DAILY}), *texts("1 tablet at bedtime")],
     10, 20, "perhaps_twice"),
    ("an hour, and a part of the day", [coded(at("08:00:00")), *texts("1 tablet in the morning")],
     10, 20, "perhaps_twice"),
    ("dates that overlap", [coded(within("2026-01-05", "2026-12-01")), coded(within("2026-02-05"))],
     10, 20, "perhaps_twice"),
    # not understood stays so
    ("as directed", texts("as directed", "as directed"), None, None, "repeated"),
    ("as needed beside regular", [WORDS, *texts("1 tablet twice daily as needed")], 20, 20, None),
]  # fmt: skip


def course_of(terminology: Terminology, dosages: list[dict[str, Any]]) -> Any:
    order = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p"}, "authoredOn": "2026-01-05",
        "medicationCodeableConcept": {"text": "oxycodone hydrochloride 10 MG Oral Tablet"},
        "dosageInstruction": dosages,
    }  # fmt: skip
    return history_of(one_patient(order), terminology, load_knowledge(), AS_OF)


def test_what_is_told_twice_counts_once(terminology: Terminology) -> None:
    def check(row: Row) -> None:
        _, dosages, low, against, doubt = row
        (course,) = course_of(terminology, dosages).medications
        dose = dose_on(course, AS_OF, AS_OF)
        found = [None if q is None else float(q.value) for q in (dose.low, dose.against)]
        assert found == [low, against]
        assert said(course) == doubt

    check_each(ROWS, check, name=lambda row: row[0])


def said(course: MedicationCourse) -> Doubt | None:
    return next((doubt for doubt, told in DOUBTS.items() if told in course.notes), None)


def test_a_doubled_line_makes_nobody_tolerant(terminology: Terminology) -> None:
    def check(dosages: list[dict[str, Any]]) -> None:
        found = course_of(terminology, dosages).opioids
        assert found.tolerant is False
        assert found.mme_per_day == 30
        assert any("counted once" in problem for problem in found.problems)

    check_each([[WORDS, WORDS], [coded(TWICE), WORDS], [coded(TWICE), coded(TWICE)]], check)


def test_as_needed_twice_is_allowed_once(terminology: Terminology) -> None:
    (course,) = course_of(terminology, texts("1 tablet q6h prn pain") * 2).medications
    assert str(course.segments[-1].as_needed_up_to) == "40 mg/d"


def test_steps_that_are_told_twice(terminology: Terminology) -> None:
    steps = texts("1 tablet daily for 7 days, then 2 tablets daily") * 2
    (course,) = course_of(terminology, steps).medications
    assert [str(segment.daily_dose) for segment in course.segments] == ["10 mg/d", "20 mg/d"]


FOUR = {"text": "1 tablet four times daily"}
AS_NEEDED: list[tuple[str, list[dict[str, Any]], bool | None, float | None]] = [
    # instructions, whether as needed, mg of a day that are regular
    ("alone in a second", texts("1 tablet four times daily", "PRN"), True, None),
    ("for its reason", texts("1 tablet four times daily", "as needed for pain"), True, None),
    ("first", texts("PRN", "1 tablet four times daily"), True, None),
    ("as a field alone", [FOUR, {"asNeededBoolean": True}], True, None),
    ("of coded fields", [coded(TWICE), *texts("prn")], True, None),
    ("of two", texts("1 tablet in the morning", "1 tablet at night", "as needed"), True, None),
    ("with an amount of its own", [FOUR, *texts("1 tablet prn")], False, 40),
    ("not as a field", [FOUR, {"asNeededBoolean": False}], False, 40),
    ("nothing else", texts("as needed"), True, None),
]  # fmt: skip


def test_as_needed_in_an_instruction_of_its_own(terminology: Terminology) -> None:
    def check(row: tuple[str, list[dict[str, Any]], bool | None, float | None]) -> None:
        _, dosages, needed, regular = row
        history = course_of(terminology, dosages)
        (course,) = history.medications
        dose = dose_on(course, AS_OF, AS_OF)
        low = None if dose.low is None else float(dose.low.value)
        assert (course.as_needed is True, low) == (needed, regular)
        assert history.opioids.tolerant is not True or regular == 40

    check_each(AS_NEEDED, check, name=lambda row: row[0])
