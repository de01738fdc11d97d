"""Why an augmentation step counts or does not: time, dose or level, and what was beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from test_augmentation import BESIDE, KNOWLEDGE, steps
from trial_courses import AS_OF, course, day

from cds.chart.entries import Result
from cds.history.model.course import MedicationCourse
from cds.history.model.trial import Trial
from cds.history.trials.augmentation import augmentation_trials
from cds.terminology.model import Certainty
from tests.replaced import replace
from tests.rows import check_each


def step(*courses: MedicationCourse, **chart: Any) -> Trial:
    (found,) = steps(*courses, **chart)
    return found


def partner(first: int, after: int, ingredient: str = "sertraline") -> MedicationCourse:
    return course(ingredient, (first, after, "50 mg/d"))


FOUR_WEEKS = course("aripiprazole", (0, 28, "2 mg/d"))
EXTENDED = ["Extended Release Oral Tablet"]
TOO_LITTLE_BESIDE = "no antidepressant on record beside it for that long"
REASONS: list[tuple[list[MedicationCourse], str, str]] = [
    # courses; adequacy, reason
    ([FOUR_WEEKS, BESIDE], "minimum", "4 weeks at 2 mg/d or more (4 needed)"),
    ([course("aripiprazole", (0, 27, "2 mg/d")), BESIDE], "inadequate",
     "too short: 3.9 weeks, 4 needed"),
    ([course("aripiprazole", (0, 27, None)), BESIDE], "inadequate",
     "too short: 3.9 weeks, 4 needed"),
    ([course("aripiprazole", (0, 28, "1.9 mg/d")), BESIDE], "inadequate",
     "0 weeks at 2 mg/d or more (4 needed)"),
    ([course("aripiprazole", (0, 14, "1 mg/d"), (14, 28, "2 mg/d")), BESIDE], "inadequate",
     "2 weeks at 2 mg/d or more (4 needed)"),
    ([course("aripiprazole", (0, 28, None)), BESIDE], "unknown",
     "the daily dose or the end could not be told from the record"),
    ([course("aripiprazole"), BESIDE], "unknown", "no dates on record"),
    ([course("aripiprazole", (0, 1, "2 mg/d"), end_basis="unknown"), BESIDE], "unknown",
     TOO_LITTLE_BESIDE),
    ([replace(FOUR_WEEKS, as_needed=True), BESIDE], "inadequate", "taken as needed, not regularly"),
    ([replace(FOUR_WEEKS, stop_reason="not_taken"), BESIDE], "unknown",
     "its reason for stopping says that it was not taken as ordered; "
     "otherwise 4 weeks at 2 mg/d or more (4 needed)"),
    ([course("aripiprazole", (0, 9, "2 mg/d"), stop_reason="not_taken"), BESIDE], "inadequate",
     "too short: 1.3 weeks, 4 needed"),
    ([course("quetiapine", (0, 28, "100 mg/d"), forms=EXTENDED), BESIDE], "inadequate",
     "a sleep dose: at most 100 mg/d"),
    ([course("quetiapine", (0, 28, "100.1 mg/d"), forms=EXTENDED), BESIDE], "inadequate",
     "0 weeks at 150 mg/d or more (4 needed)"),
    ([course("quetiapine", (0, 28, "150 mg/d"), forms=EXTENDED), BESIDE], "minimum",
     "4 weeks at 150 mg/d or more (4 needed)"),
    ([course("quetiapine", (0, 28, "150 mg/d"), forms=EXTENDED),
      course("quetiapine", (0, 28, "150 mg/d"), forms=["Oral Tablet"]), BESIDE], "unknown",
     "the range is known for the extended-release form only"),
    ([course("quetiapine", (0, 28, None), forms=EXTENDED), BESIDE], "unknown",
     "the daily dose or the end could not be told from the record"),
    ([course("quetiapine", (0, 28, "100 mg/d"), forms=EXTENDED, high="100.1 mg/d"), BESIDE],
     "inadequate", "0 weeks at 150 mg/d or more (4 needed)"),
    ([course("quetiapine", (0, 7, "50 mg/d"), (7, 60, None), forms=EXTENDED), BESIDE], "unknown",
     "the daily dose or the end could not be told from the record"),
    # beside it
    ([FOUR_WEEKS], "unknown", TOO_LITTLE_BESIDE),
    ([FOUR_WEEKS, partner(0, 28)], "minimum", "4 weeks at 2 mg/d or more (4 needed)"),
    ([FOUR_WEEKS, replace(partner(0, 28), as_needed=True)], "unknown", TOO_LITTLE_BESIDE),
    ([FOUR_WEEKS, partner(0, 27)], "unknown", TOO_LITTLE_BESIDE),
    ([FOUR_WEEKS, partner(1, 99)], "unknown", TOO_LITTLE_BESIDE),
    ([FOUR_WEEKS, partner(0, 14), partner(14, 28, "citalopram")], "minimum",
     "4 weeks at 2 mg/d or more (4 needed)"),
    ([FOUR_WEEKS, partner(0, 14), partner(0, 14, "citalopram")], "unknown", TOO_LITTLE_BESIDE),
    ([FOUR_WEEKS, partner(0, 99, "pregabalin")], "unknown", TOO_LITTLE_BESIDE),
    ([course("aripiprazole", (0, 14, "2 mg/d"), (20, 34, "2 mg/d")), partner(0, 34)], "minimum",
     "4 weeks at 2 mg/d or more (4 needed)"),
    ([course("aripiprazole", (0, 14, "2 mg/d"), (20, 34, "2 mg/d")), partner(0, 28)], "unknown",
     TOO_LITTLE_BESIDE),
]  # fmt: skip


def test_reasons() -> None:
    def check(row: Any) -> None:
        courses, adequacy, reason = row
        found = step(*courses)
        assert (found.adequacy, found.reason) == (adequacy, reason)

    check_each(REASONS, check, lambda row: f"{row[0][0].ingredient}: {row[2]}")


def level(offset: int, value: str, /, **fields: Any) -> Result:
    measured = Result("lithium_level", day(offset), ("Observation/li",), Decimal(value), "mmol/L")
    return replace(measured, **fields)


NONE = "no serum level on record: 0.4 to 1.0 mmol/L decides, not the dose"
TRIED = "a serum level of 0.4 to 1.0 mmol/L on record"
IN_RANGE = "a serum level of 0.6 to 1.0 mmol/L on record"
OUTSIDE = "serum levels outside 0.4 to 1.0 mmol/L only"
LEVELS: list[tuple[str, list[Result], str, str]] = [
    # name, levels of lithium from day 10 to day 60; adequacy, reason
    ("lowest", [level(30, "0.6")], "strict", IN_RANGE),
    ("highest", [level(30, "1.0")], "strict", IN_RANGE),
    ("just below the strict range", [level(30, "0.59")], "minimum", TRIED),
    ("lowest of all", [level(30, "0.4")], "minimum", TRIED),
    ("below", [level(30, "0.39")], "inadequate", "no serum level reached 0.4 to 1.0 mmol/L"),
    ("above", [level(30, "1.01")], "unknown", OUTSIDE),
    ("once in range", [level(20, "0.3"), level(30, "0.8"), level(40, "1.4")], "strict", IN_RANGE),
    ("below and above", [level(20, "0.3"), level(40, "1.4")], "unknown", OUTSIDE),
    ("below, twice", [level(20, "0.3"), level(40, "0.35")], "inadequate",
     "no serum level reached 0.4 to 1.0 mmol/L"),
    ("on the first day", [level(10, "0.8")], "strict", IN_RANGE),
    ("the day before", [level(9, "0.8")], "unknown", NONE),
    ("on the last", [level(60, "0.8")], "strict", IN_RANGE),
    ("the day after", [level(61, "0.8")], "unknown", NONE),
    ("no day", [level(30, "0.8", when=None)], "unknown", NONE),
    ("no value", [level(30, "0.8", value=None)], "unknown", NONE),
    ("no unit", [level(30, "0.8", unit=None)], "unknown", NONE),
    ("another kind of unit", [level(30, "0.8", unit="mg/d")], "unknown", NONE),
    ("a problem", [level(30, "0.8", problem="implausible")], "unknown", NONE),
    ("in another unit", [level(30, "0.0008", unit="mol/L")], "strict", IN_RANGE),
    ("none", [], "unknown", NONE),
]  # fmt: skip


def test_levels_of_lithium() -> None:
    taken = course("lithium", (10, 60, "900 mg/d"))

    def check(row: Any) -> None:
        _, levels, adequacy, reason = row
        found = step(taken, BESIDE, lithium_level=tuple(levels))
        assert (found.adequacy, found.reason) == (adequacy, reason)

    check_each(LEVELS, check, lambda row: row[0])


def test_a_level_decides_only_what_lasted_and_had_a_partner() -> None:
    taken = course("lithium", (10, 37, "900 mg/d"))
    assert step(taken, BESIDE, lithium_level=(level(30, "0.8"),)).adequacy == "inadequate"
    alone = course("lithium", (10, 60, "900 mg/d"))
    assert step(alone, lithium_level=(level(30, "0.8"),)).reason == TOO_LITTLE_BESIDE


def test_olanzapine_is_a_step_only_where_fluoxetine_is_beside_it() -> None:
    twice = course("olanzapine", (0, 28, "6 mg/d"), (100, 128, "6 mg/d"))
    found = step(twice, partner(0, 60), course("fluoxetine", (100, 200, "20 mg/d")))
    assert (found.start, found.adequacy) == (day(100), "minimum")
    assert not steps(twice, partner(0, 200))
    first = step(twice, course("fluoxetine", (0, 90, "20 mg/d")))
    assert (first.start, first.adequacy) == (day(0), "minimum")


def test_nothing_counts_beyond_the_day() -> None:
    both = (course("aripiprazole", (0, 99, "2 mg/d")), course("sertraline", (0, 99, "50 mg/d")))
    for last, adequacy in [(27, "inadequate"), (28, "minimum")]:
        (found,) = augmentation_trials(both, KNOWLEDGE, day(last))
        assert found.adequacy == adequacy
    # begun for good, and a partner whose end lies in the future: no day more than was lived
    begun = course("aripiprazole", (655, 700, "2 mg/d"))
    assert day(669) == AS_OF
    assert step(begun, partner(600, 900)).reason == "too short: 2 weeks, 4 needed"


def test_by_route() -> None:
    for route, there in [("oral", True), ("unknown", True), ("", True), ("injectable", False)]:
        assert bool(steps(replace(FOUR_WEEKS, route=route), BESIDE)) is there, route


FIGURES: list[tuple[str, MedicationCourse, tuple[str | None, str | None, str | None]]] = [
    # name, course; weeks on it, weeks at its bar, highest dose in mg
    ("all of it", FOUR_WEEKS, ("4.0", "4.0", "2")),
    ("part of it", course("aripiprazole", (0, 14, "1 mg/d"), (14, 28, "5 mg/d")),
     ("4.0", "2.0", "5")),
    ("its end is not known", course("aripiprazole", (0, 28, "2 mg/d"), end_basis="unknown"),
     (None, "0.0", "2")),
    ("no date", course("aripiprazole"), (None, None, None)),
    ("in micrograms", course("liothyronine", (0, 28, "25 ug/d")), ("4.0", "4.0", None)),
]  # fmt: skip


def test_weeks_and_doses() -> None:
    def check(row: Any) -> None:
        _, taken, expected = row
        found = step(taken, BESIDE)
        told = (found.weeks, found.weeks_at_minimum, found.max_daily_dose_mg)
        assert told == tuple(None if n is None else Decimal(n) for n in expected)

    check_each(FIGURES, check, lambda row: row[0])


def test_what_else_is_told() -> None:
    assert step(FOUR_WEEKS, BESIDE).remarks == ()
    assert step(course("aripiprazole", (0, 28, "15 mg/d")), BESIDE).remarks == ()
    above = step(course("aripiprazole", (0, 28, "15.1 mg/d")), BESIDE)
    assert above.remarks == ("above the range for augmentation",)
    assert step(course("aripiprazole", (0, 28, None)), BESIDE).remarks == ()
    assert step(course("lithium", (0, 28, "1500 mg/d")), BESIDE).remarks == ()
    (segment,) = FOUR_WEEKS.segments
    assumed = replace(FOUR_WEEKS, segments=(replace(segment, doubts=frozenset({"assumed"})),))
    assert step(assumed, BESIDE).remarks == ("amount not written: one unit at a time is assumed",)
    assert step(FOUR_WEEKS, BESIDE).adherence == "unverified"
    assert step(replace(FOUR_WEEKS, covered_days=28), BESIDE).adherence == "verified"
    assert step(FOUR_WEEKS, BESIDE).certainty is Certainty.CODE
    told = replace(FOUR_WEEKS, certainty=Certainty.TEXT)
    assert step(told, BESIDE).certainty is Certainty.TEXT
    assert step(FOUR_WEEKS, replace(FOUR_WEEKS, certainty=Certainty.TEXT), BESIDE).certainty is (
        Certainty.TEXT
    )


def test_steps_are_told_by_date_and_name() -> None:
    found = steps(
        course("lithium", (9, 60, "900 mg/d")), course("cariprazine"), course("brexpiprazole"),
        course("aripiprazole", (9, 60, "2 mg/d")), course("liothyronine", (0, 60, "25 ug/d")),
        BESIDE,
    )  # fmt: skip
    names = ["liothyronine", "aripiprazole", "lithium", "brexpiprazole", "cariprazine"]
    assert [t.ingredient for t in found] == names
