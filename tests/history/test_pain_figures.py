"""What else is told of a pain trial: figures, outcome, remarks, and what it rests on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from test_pain_trials import trial, trials
from trial_courses import allergy, course, day, score, scores

from cds.history.model.course import MedicationCourse
from cds.terminology.model import Certainty
from tests.replaced import replace
from tests.rows import check_each

FOUR_WEEKS = course("pregabalin", (0, 28, "300 mg/d"))
FIGURES: list[tuple[str, MedicationCourse, tuple[str | None, str | None, str | None]]] = [
    # name, course; weeks on it, weeks at its bar, highest dose in mg
    ("all of it", FOUR_WEEKS, ("4.0", "4.0", "300")),
    ("part of it", course("pregabalin", (0, 14, "75 mg/d"), (14, 28, "300 mg/d")),
     ("4.0", "2.0", "300")),
    ("its end is not known", course("pregabalin", (0, 28, "300 mg/d"), end_basis="unknown"),
     (None, "0.0", "300")),
    ("no date", course("pregabalin"), (None, None, None)),
    ("patches", course("lidocaine", (0, 7, "1 {patch}/d"), route="topical", forms=["Patch"]),
     ("1.0", "1.0", None)),
    ("an injection acts on", course("erenumab", (0, 1, "70 mg/d"), route="injectable"),
     ("4.4", "4.4", "70")),
]  # fmt: skip


def test_weeks_and_doses() -> None:
    def check(row: Any) -> None:
        _, taken, expected = row
        found = min(trials(taken), key=lambda t: t.group != "neuropathic")
        told = (found.weeks, found.weeks_at_minimum, found.max_daily_dose_mg)
        assert told == tuple(None if n is None else Decimal(n) for n in expected)

    check_each(FIGURES, check, lambda row: row[0])


@pytest.mark.parametrize("days", [0, 1])
def test_a_loading_dose_takes_a_day(days: int) -> None:
    usual: dict[str, Any] = {"route": "injectable", "reason_sets": ["status_epilepticus"]}
    taken = course("lorazepam", (0, days, "4 mg/d"), **usual)
    found = trial("status_epilepticus", taken)
    assert (found.adequacy, found.weeks, found.end) == ("minimum", Decimal("0.1"), day(1))


def test_a_usual_course_is_not_lengthened() -> None:
    begun = course("pregabalin", (0, 0, "300 mg/d"))
    assert trial("neuropathic", begun).weeks is None


REMARKS: list[tuple[str, MedicationCourse, tuple[str, ...]]] = [
    ("neuropathic", FOUR_WEEKS, ()),
    ("epilepsy_proxy", course("carbamazepine", (0, 90, "1000 mg/d")),
     ("a usual maintenance dose stands in: seizure freedom decides, not dose",)),
    ("neuropathic", course("venlafaxine", (0, 28, "150 mg/d"), forms=["Oral Tablet"]),
     ("the dose is published for extended release",)),
    ("neuropathic", course("venlafaxine", (0, 28, "150 mg/d")),
     ("the dose is published for extended release",)),
    ("neuropathic",
     course("venlafaxine", (0, 28, "150 mg/d"), forms=["Extended Release Oral Capsule"]), ()),
    ("neuropathic", course("pregabalin", (0, 28, "300 mg/d"), end_basis="assumed"),
     ("when it ended is an assumption",)),
    ("neuropathic",
     replace(FOUR_WEEKS, segments=tuple(
         replace(s, doubts=frozenset({"assumed"})) for s in FOUR_WEEKS.segments)),
     ("amount not written: one unit at a time is assumed",)),
]  # fmt: skip


def test_remarks() -> None:
    def check(row: Any) -> None:
        group, taken, remarks = row
        assert trial(group, taken).remarks == remarks

    check_each(REMARKS, check, lambda row: f"{row[1].ingredient}: {row[2]}")


def test_one_plain_form_is_enough_for_a_remark() -> None:
    extended = course("venlafaxine", (0, 14, "150 mg/d"), forms=["Extended Release Oral Capsule"])
    plain = course("venlafaxine", (14, 28, "150 mg/d"), forms=["Oral Tablet"])
    assert trial("neuropathic", extended, plain).remarks == (
        "the dose is published for extended release",
    )


def test_what_a_trial_rests_on() -> None:
    found = trial(
        "neuropathic",
        course("pregabalin", (0, 60, "300 mg/d")),
        observations=scores(
            [score("pain_severity_nrs", -3, "8"), score("pain_severity_nrs", 50, "4")]
        ),
    )
    assert found.basis == ("pain:adequate_trials/pregabalin", "pain:pain_response")
    assert found.remarks == ("pain score 8 (2024-12-29) to 4 (2025-02-20): 50 % better",)
    assert found.source == (
        "MedicationRequest/pregabalin-0",
        "Observation/pain_severity_nrs--3",
        "Observation/pain_severity_nrs-50",
    )
    stopped = trial("neuropathic", replace(FOUR_WEEKS, stop_reason="inefficacy"))
    assert stopped.basis == ("pain:adequate_trials/pregabalin",)
    assert stopped.remarks == ("stopped because it did not work",)
    short = trial(
        "neuropathic",
        course("pregabalin", (0, 9, "300 mg/d"), stop_reason="intolerance"),
        allergies=[allergy("pregabalin")],
    )
    assert (short.outcome, short.remarks, short.source) == (
        "not_tolerated", (), ("MedicationRequest/pregabalin-0",),
    )  # fmt: skip
    recorded = trial(
        "neuropathic",
        course("pregabalin", (0, 9, "300 mg/d")),
        allergies=[allergy("pregabalin")],
    )
    assert recorded.source == ("MedicationRequest/pregabalin-0", "AllergyIntolerance/pregabalin")


@pytest.mark.parametrize(
    ("scale", "name"),
    [("pain_severity_nrs", "pain score"), ("bpi_severity", "BPI severity"), ("peg_mean", "PEG")],
)
def test_the_scales_of_pain(scale: str, name: str) -> None:
    taken = scores([score(scale, -3, "8"), score(scale, 20, "8"), score(scale, 21, "4")])
    found = trial("neuropathic", FOUR_WEEKS, observations=taken)
    assert found.outcome == "responded"
    assert found.remarks[0].startswith(f"{name} 8 (2024-12-29) to 4 (2025-01-22)")


def test_ketamine_spoils_the_scores_of_pain_too() -> None:
    taken = scores([score("pain_severity_nrs", -3, "8"), score("pain_severity_nrs", 27, "4")])
    for spoilt in (
        trial("neuropathic", FOUR_WEEKS, observations=taken, ketamine_dates=[day(9)]),
        trial(
            "neuropathic", FOUR_WEEKS, course("ketamine", (9, 10, "35 mg/d")), observations=taken
        ),
    ):
        assert spoilt.outcome == "unknown"


def test_a_name_in_words_makes_the_trial_less_certain() -> None:
    assert trial("neuropathic", FOUR_WEEKS).certainty is Certainty.CODE
    told = replace(FOUR_WEEKS, certainty=Certainty.TEXT, route="unknown")
    assert trial("neuropathic", FOUR_WEEKS, told).certainty is Certainty.TEXT


def test_as_needed_and_regular_are_two_lines_of_time() -> None:
    needed = course("oxycodone", (30, 90, "20 mg/d"), as_needed=True)
    regular = course("oxycodone", (0, 30, "20 mg/d"))
    assert trial("neuropathic", needed, regular).adequacy == "minimum"
    half = course("oxycodone", (0, 20, "20 mg/d"))
    found = trial("neuropathic", half, replace(needed, source=("n",)))
    assert (found.adequacy, found.remarks) == (
        "unknown", ("also taken from 2025-01-01: counted once",),
    )  # fmt: skip


def test_not_tolerated_says_more_than_unknown() -> None:
    unread = course("pregabalin", (0, 60, None))
    stopped = course("pregabalin", (100, 105, "75 mg/d"), stop_reason="intolerance")
    found = trial("neuropathic", unread, stopped)
    assert (found.adequacy, found.start) == ("not_tolerated", day(100))
    undated = course("pregabalin")
    adequate = trial("neuropathic", undated, FOUR_WEEKS)
    assert adequate.remarks == ("also taken from an unknown day: counted once",)


def test_an_intolerance_alone() -> None:
    noted = allergy("pregabalin", certainty=Certainty.TEXT)
    older = allergy("pregabalin", source=("AllergyIntolerance/a",))
    found = trial("neuropathic", allergies=[older, noted])
    assert (found.adequacy, found.outcome, found.adherence) == (
        "not_tolerated", "not_tolerated", "unverified",
    )  # fmt: skip
    assert found.reason == "an allergy or intolerance is on record; no course of it is"
    assert (found.start, found.end, found.weeks, found.ongoing) == (None, None, None, False)
    assert (found.weeks_at_minimum, found.max_daily_dose_mg) == (None, None)
    assert found.basis == ("pain:adequate_trials/pregabalin",)
    # of two entries one, whatever their order
    assert found.source == ("AllergyIntolerance/a",)
    assert found == trial("neuropathic", allergies=[noted, older])
    assert trial("neuropathic", allergies=[allergy("pregabalin", active=None)])
    taken = trial("neuropathic", FOUR_WEEKS, allergies=[noted])
    assert taken.adequacy == "minimum"


def test_trials_are_told_by_date_group_and_name() -> None:
    found = trials(
        course("pregabalin"), course("tramadol", (9, 60, "200 mg/d")),
        course("amitriptyline", (9, 60, "25 mg/d")), course("topiramate", (0, 60, "100 mg/d")),
    )  # fmt: skip
    assert [(t.group, t.ingredient) for t in found] == [
        ("epilepsy_proxy", "topiramate"), ("migraine", "topiramate"),
        ("migraine", "amitriptyline"),
        ("neuropathic", "amitriptyline"), ("neuropathic", "tramadol"),
        ("fibromyalgia", "pregabalin"), ("neuropathic", "pregabalin"),
        ("trigeminal", "pregabalin"),
    ]  # fmt: skip
