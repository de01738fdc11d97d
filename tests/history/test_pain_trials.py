"""Pain treatment trials: every row of the pain digest's adequate_trials, at its bars."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial_courses import AS_OF, allergy, course, day, score, scores

from cds.chart.entries import Result
from cds.history.model.course import MedicationCourse
from cds.history.model.trial import Trial
from cds.history.trials.pain import pain_trials
from cds.knowledge.load import load_knowledge
from cds.knowledge.model.pain_trials import PainTrialDose
from tests.charts.entries import condition
from tests.replaced import replace

KNOWLEDGE = load_knowledge()
ROWS = list(KNOWLEDGE.pain_trials.values())


def trials(*courses: MedicationCourse, **chart: Any) -> tuple[Trial, ...]:
    return pain_trials(
        courses,
        chart.pop("observations", {}),
        chart.pop("conditions", ()),
        chart.pop("allergies", ()),
        KNOWLEDGE,
        chart.pop("as_of", AS_OF),
        **chart,
    )


def trial(group: str, *courses: MedicationCourse, **chart: Any) -> Trial:
    (found,) = (t for t in trials(*courses, **chart) if t.group == group)
    return found


def measured(kind: str, offset: int, value: str, unit: str) -> Result:
    return Result(kind, day(offset), (f"Observation/{kind}",), Decimal(value), unit)


def of_row(row: PainTrialDose, dose: Decimal | None, days: int) -> MedicationCourse:
    forms = ["Extended Release Oral Tablet"] if row.release == "extended" else list(row.forms)
    return course(
        row.ingredients[0],
        (0, days, None if dose is None else f"{dose} {row.unit}"),
        route=row.routes[0],
        forms=forms,
    )


def test_all_rows_of_the_digest_are_there() -> None:
    assert len({(row.group, row.drug) for row in ROWS}) == 50
    assert {row.basis[0] for row in ROWS} == {f"pain:adequate_trials/{row.drug}" for row in ROWS}


TIMED = [
    row for row in ROWS if row.min_weeks and row.min_daily_dose is not None and not row.lasts_days
]


@pytest.mark.parametrize("row", TIMED, ids=lambda row: row.id)
def test_row_with_dose_and_weeks_at_its_bars(row: PainTrialDose) -> None:
    assert row.min_weeks is not None
    assert row.min_daily_dose is not None
    days = row.min_weeks * 7
    adequate = "unknown" if row.strength_matters else "minimum"
    below = row.min_daily_dose - Decimal("0.1")
    for dose, taken, adequacy in [
        (row.min_daily_dose, days, adequate),
        (row.min_daily_dose, days - 1, "inadequate"),
        (below, days + 200, "inadequate"),
        (None, days, "unknown"),
    ]:
        found = trial(row.group, of_row(row, dose, taken))
        assert (dose, taken, found.adequacy) == (dose, taken, adequacy)
        assert (found.drug_class, found.basis[0]) == (row.drug_class, row.basis[0])


UNTIMED = [row for row in ROWS if row.min_weeks is None]


@pytest.mark.parametrize("row", UNTIMED, ids=lambda row: row.id)
def test_row_without_published_weeks_is_never_adequate(row: PainTrialDose) -> None:
    assert row.min_daily_dose is not None
    reached = trial(row.group, of_row(row, row.min_daily_dose, 300))
    assert reached.adequacy == "unknown"
    assert any("stands in" in remark for remark in reached.remarks) == row.proxy
    below = row.min_daily_dose - Decimal("0.1")
    assert trial(row.group, of_row(row, below, 300)).adequacy == "inadequate"


@pytest.mark.parametrize(
    ("row", "gap", "adequacy"),
    [
        ("migraine-onabotulinumtoxina", 84, "minimum"),
        ("migraine-onabotulinumtoxina", None, "inadequate"),
        ("neuropathic-botulinum-toxin-a", None, "minimum"),
    ],
)
def test_an_injection_acts_for_twelve_weeks(row: str, gap: int | None, adequacy: str) -> None:
    fact = KNOWLEDGE.pain_trials[row]
    dose = f"{fact.min_daily_dose} [U]/d"
    sessions = [0] if gap is None else [0, gap]
    taken = course(
        "botulinum toxin type a",
        *((start, start + 1, dose) for start in sessions),
        route="injectable",
        evidence="administered",
    )
    assert trial(fact.group, taken).adequacy == adequacy
    assert trial(fact.group, taken, as_of=day(80)).adequacy == "inadequate"


@pytest.mark.parametrize(
    ("ingredient", "doses", "every", "adequacy"),
    [
        ("erenumab", 3, 28, "minimum"),
        ("erenumab", 2, 28, "inadequate"),
        ("eptinezumab", 2, 84, "minimum"),
        ("eptinezumab", 1, 84, "inadequate"),
    ],
)
def test_cgrp_antibodies(ingredient: str, doses: int, every: int, adequacy: str) -> None:
    taken = course(
        ingredient,
        *((n * every, n * every + 1, None) for n in range(doses)),
        route="injectable",
    )
    assert trial("migraine", taken).adequacy == adequacy


@pytest.mark.parametrize(
    ("ingredient", "dose", "weight", "adequacy"),
    [
        ("lorazepam", "4 mg/d", None, "minimum"),
        ("lorazepam", "3.9 mg/d", None, "inadequate"),
        ("midazolam", "10 mg/d", None, "minimum"),
        ("diazepam", "10 mg/d", None, "minimum"),
        ("levetiracetam", "4200 mg/d", "70", "minimum"),
        ("levetiracetam", "4199 mg/d", "70", "inadequate"),
        ("levetiracetam", "4500 mg/d", "100", "minimum"),
        ("levetiracetam", "4500 mg/d", None, "unknown"),
        ("valproate", "2800 mg/d", "70", "minimum"),
        ("fosphenytoin", "1400 mg/d", "70", "minimum"),
        ("fosphenytoin", "1399 mg/d", "70", "inadequate"),
    ],
)
def test_loading_doses_in_status_epilepticus(
    ingredient: str, dose: str, weight: str | None, adequacy: str
) -> None:
    taken = course(ingredient, (0, 1, dose), route="injectable")
    chart: dict[str, Any] = {"conditions": [condition("status_epilepticus")]}
    if weight:
        chart["observations"] = {"body_weight": (measured("body_weight", -1, weight, "kg"),)}
    assert trial("status_epilepticus", taken, **chart).adequacy == adequacy
    assert not [t for t in trials(taken) if t.group == "status_epilepticus"]


@pytest.mark.parametrize(
    ("egfr", "dose", "adequacy"),
    [
        ("59", "400 mg/d", "unknown"),
        ("59", "399 mg/d", "inadequate"),
        ("29", "200 mg/d", "unknown"),
        ("14", "100 mg/d", "unknown"),
        ("60", "400 mg/d", "inadequate"),
        ("20", "1200 mg/d", "minimum"),
        (None, "400 mg/d", "inadequate"),
    ],
)
def test_reduced_kidney_function_keeps_a_low_gabapentin_dose_from_being_judged(
    egfr: str | None, dose: str, adequacy: str
) -> None:
    facts = {"egfr": (measured("egfr", 10, egfr, "mL/min/{1.73_m2}"),)} if egfr else {}
    found = trial("neuropathic", course("gabapentin", (0, 60, dose)), observations=facts)
    assert found.adequacy == adequacy


def test_kidney_disease_without_an_egfr_is_unsure_too() -> None:
    taken = course("pregabalin", (0, 60, "75 mg/d"))
    chart = {"conditions": [condition("chronic_kidney_disease")]}
    assert trial("neuropathic", taken, **chart).adequacy == "unknown"
    assert trial("neuropathic", taken).adequacy == "inadequate"


@pytest.mark.parametrize(
    ("name", "adequacy", "taken"),
    [
        ("strong opioid", "minimum", course("oxycodone", (0, 28, "10 mg/d"))),
        ("strong opioid, short", "inadequate", course("oxycodone", (0, 27, "10 mg/d"))),
        ("strong opioid, dose unread", "minimum", course("morphine", (0, 28, None))),
        ("fentanyl patch", "minimum", course("fentanyl", (0, 28, "25 ug/h"), route="transdermal")),
        ("as needed", "unknown", course("oxycodone", (0, 60, "20 mg/d"), as_needed=True)),
        (
            "SNRI for depression",
            "minimum",
            course("duloxetine", (0, 28, "60 mg/d"), reason_sets=["depression_any"]),
        ),
        ("venlafaxine, plain form", "minimum", course("venlafaxine", (0, 28, "150 mg/d"))),
        (
            "gabapentin extended release",
            "minimum",
            course("gabapentin", (0, 14, "1200 mg/d"), forms=["Extended Release Oral Tablet"]),
        ),
        ("gabapentin enacarbil", "minimum", course("gabapentin enacarbil", (0, 14, "1200 mg/d"))),
        (
            "lidocaine plaster",
            "unknown",
            course(
                "lidocaine", (0, 60, "1 {patch}/d"), route="transdermal", forms=["Medicated Patch"]
            ),
        ),
        (
            "low dispense cover",
            "unknown",
            course("pregabalin", (0, 100, "300 mg/d"), covered_days=79),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_ways_of_taking(name: str, adequacy: str, taken: MedicationCourse) -> None:
    assert trial("neuropathic", taken).adequacy == adequacy


@pytest.mark.parametrize(
    "taken",
    [
        course("oxycodone", (0, 60, "10 mg/d"), route="injectable"),
        course("hydrocodone", (0, 60, "10 mg/d"), flags=["antitussive"]),
        course("lidocaine", (0, 60, None), route="injectable"),
        course("lidocaine", (0, 60, None), route="topical", forms=["Topical Cream"]),
        course("capsaicin", (0, 60, None), route="topical", forms=["Topical Cream"]),
        course("sertraline", (0, 60, "50 mg/d")),
    ],
    ids=lambda c: c.ingredient,
)
def test_no_pain_trials(taken: MedicationCourse) -> None:
    assert trials(taken) == ()


def test_a_drug_is_judged_in_each_of_its_groups() -> None:
    found = trials(course("amitriptyline", (0, 42, "25 mg/d")))
    assert {t.group: t.adequacy for t in found} == {
        "neuropathic": "minimum",
        "migraine": "inadequate",
    }


@pytest.mark.parametrize("ingredient", ["pregabalin", "amitriptyline", "tramadol"])
def test_a_drug_that_was_not_tolerated_stands_apart(ingredient: str) -> None:
    taken = course(ingredient, (0, 5, "25 mg/d"), stop_reason="intolerance")
    found = trial("neuropathic", taken)
    assert (found.adequacy, found.outcome) == ("not_tolerated", "not_tolerated")
    assert trial("neuropathic", replace(taken, current=True)).adequacy == "inadequate"


@pytest.mark.parametrize(
    ("reason", "use", "found"),
    [
        ("inefficacy", "pain", ("minimum", "failed")),
        ("inefficacy", "mood", ("minimum", "unknown")),
        ("response", None, ("minimum", "responded")),
        ("not_taken", None, ("unknown", "unknown")),
    ],
)
def test_why_it_was_stopped(reason: str, use: str | None, found: tuple[str, str]) -> None:
    taken = course("amitriptyline", (0, 42, "25 mg/d"), stop_reason=reason, stop_use=use)
    told = trial("neuropathic", taken)
    assert (told.adequacy, told.outcome) == found


def test_an_intolerance_without_a_course_counts_as_well() -> None:
    found = trial("neuropathic", allergies=[allergy("pregabalin")])
    assert (found.adequacy, found.start) == ("not_tolerated", None)
    assert trials(allergies=[allergy("pregabalin", active=False)]) == ()
    assert trials(allergies=[allergy("lacosamide")]) == ()


@pytest.mark.parametrize(
    ("end", "outcome", "failed"),
    [
        ("5.7", "failed", True),
        ("5.6", "partial", True),
        ("4.1", "partial", True),
        ("4", "responded", False),
    ],
)
def test_outcome_by_pain_scores(end: str, outcome: str, failed: bool) -> None:
    taken = scores([score("pain_severity_nrs", -3, "8"), score("pain_severity_nrs", 50, end)])
    found = trial("neuropathic", course("pregabalin", (0, 60, "300 mg/d")), observations=taken)
    assert (found.outcome, found.adequate) == (outcome, failed)


def test_a_gap_of_more_than_two_weeks_restarts_the_clock() -> None:
    whole = course("pregabalin", (0, 20, "300 mg/d"), (34, 42, "300 mg/d"))
    broken = course("pregabalin", (0, 20, "300 mg/d"), (35, 43, "300 mg/d"))
    assert trial("neuropathic", whole).adequacy == "minimum"
    assert trial("neuropathic", broken).adequacy == "inadequate"


_RANK = {"inadequate": 0, "unknown": 1, "minimum": 2}
_STRETCHES = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 40), st.sampled_from(["150", "300", None])),
    min_size=1,
    max_size=4,
)


@given(_STRETCHES, st.integers(0, 300), st.integers(1, 40))
def test_more_days_at_dose_never_lower_adequacy(
    stretches: list[tuple[int, int, str | None]], start: int, days: int
) -> None:
    before = [
        course("pregabalin", (first, first + n, dose and f"{dose} mg/d"))
        for first, n, dose in stretches
    ]
    after = [*before, course("pregabalin", (start, start + days, "300 mg/d"))]
    assert (
        _RANK[trial("neuropathic", *after).adequacy]
        >= _RANK[trial("neuropathic", *before).adequacy]
    )


@given(st.integers(2, 80), st.data())
def test_one_order_or_its_renewals_are_the_same(days: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, days - 1))
    whole = course("pregabalin", (0, days, "300 mg/d"))
    renewed = course("pregabalin", (0, cut, "300 mg/d"), (cut, days, "300 mg/d"))
    one, other = trial("neuropathic", whole), trial("neuropathic", renewed)
    assert one == replace(other, source=one.source)
