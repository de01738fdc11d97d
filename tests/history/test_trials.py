"""Antidepressant trials: rules A1 to A10 of the psychiatric digest, with their near misses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial_courses import AS_OF, allergy, course, day, score, scores

from cds.history.model.course import MedicationCourse
from cds.history.model.trial import Trial
from cds.history.trials.candidates import adequate_trials, antidepressant_trials
from cds.knowledge.load import load_knowledge
from cds.knowledge.model.antidepressant_trials import AntidepressantDose
from tests.charts.entries import condition

KNOWLEDGE = load_knowledge()
ROWS = [row for row in KNOWLEDGE.antidepressant_trials.values() if row.course_days is None]


def trials(*courses: MedicationCourse, **chart: Any) -> tuple[Trial, ...]:
    as_of = chart.pop("as_of", AS_OF)
    return antidepressant_trials(
        courses,
        chart.pop("observations", {}),
        chart.pop("conditions", ()),
        chart.pop("allergies", ()),
        chart.pop("episode_start", None),
        KNOWLEDGE,
        as_of,
        **chart,
    )


def trial(*courses: MedicationCourse, **chart: Any) -> Trial:
    (found,) = trials(*courses, **chart)
    return found


# --- every row of psy:adequate_trials, at and just below its bars


def of_row(row: AntidepressantDose, dose: Decimal, days: int) -> MedicationCourse:
    partners = {row.ingredient, *row.combined_with}
    forms = ["Extended Release Oral Tablet"] if row.release == "extended" else []
    return course(
        row.ingredient,
        (0, days, f"{dose} mg/d"),
        route=row.routes[0],
        forms=forms,
        product_ingredients=partners,
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.basis[0])
def test_row_at_its_bars(row: AntidepressantDose) -> None:
    low, high = row.min_daily_dose_mg, row.strict_daily_dose_mg
    below = low - Decimal("0.1")
    expected = {
        (high, 42): "strict",
        (high, 41): "minimum",
        (low, 28): "minimum",
        (low, 27): "inadequate",
        (below, 200): "inadequate",
        (low, 42): "strict" if low == high else "minimum",
        (high - Decimal("0.1"), 42): "inadequate" if low == high else "minimum",
    }
    for (dose, days), adequacy in expected.items():
        found = trial(of_row(row, dose, days))
        assert (dose, days, found.adequacy) == (dose, days, adequacy)
        assert found.drug_class == row.drug_class
        assert found.basis[-len(row.basis) :] == row.basis
        assert found.basis[0].startswith("psy:A")


# --- rules A1 to A6


@pytest.mark.parametrize(
    ("rule", "stretches", "adequacy", "words"),
    [
        ("A1", [(0, 56, "100 mg/d")], "strict", "8 weeks at 50 mg/d or more (6 needed)"),
        ("A1", [(0, 14, "25 mg/d"), (14, 56, "50 mg/d")], "strict", "6 weeks at 50 mg/d"),
        ("A1", [(0, 21, "50 mg/d"), (35, 56, "50 mg/d")], "strict", "6 weeks"),
        ("A2", [(0, 28, "50 mg/d")], "minimum", "4 weeks at 50 mg/d"),
        ("A2", [(0, 14, "25 mg/d"), (14, 55, "50 mg/d")], "minimum", "5.9 weeks"),
        ("A3", [(0, 27, "200 mg/d")], "inadequate", "too short: 3.9 weeks, 4 needed"),
        (
            "A3",
            [(0, 21, "25 mg/d"), (21, 42, "50 mg/d")],
            "inadequate",
            "too short at dose: 3 weeks",
        ),
        ("A3", [(0, 20, None)], "inadequate", "too short: 2.9 weeks"),
        ("A5", [(0, 300, "25 mg/d")], "inadequate", "at most 25 mg/d, 50 mg/d needed"),
        ("A5", [(0, 300, "49.9 mg/d")], "inadequate", "below antidepressant range"),
    ],
)
def test_dose_and_time(
    rule: str, stretches: list[tuple[int, int, str]], adequacy: str, words: str
) -> None:
    found = trial(course("sertraline", *stretches))
    assert (found.adequacy, found.basis[0]) == (adequacy, f"psy:{rule}")
    assert words in found.reason


def test_a_gap_of_more_than_two_weeks_starts_another_trial() -> None:
    found = trial(course("sertraline", (0, 21, "50 mg/d"), (36, 57, "50 mg/d")))
    assert found.adequacy == "inadequate"
    assert "counted once" in found.remarks[-1]


@pytest.mark.parametrize(
    "taken",
    [
        course("sertraline", (0, 60, None)),
        course("sertraline", (0, 60, "1 {tablet}/d")),
        course("sertraline", (0, 20, "50 mg/d"), (20, 60, None)),
        course("sertraline", (0, 1, "50 mg/d"), end_basis="unknown"),
        course("sertraline", undated=True),
        course("sertraline", (0, 60, "25 mg/d"), high="50 mg/d"),
        course("sertraline", (0, 0, "50 mg/d")),
    ],
    ids=["no dose", "no strength", "part unread", "no end", "no date", "dose range", "begun only"],
)
def test_what_cannot_be_told_is_unknown(taken: MedicationCourse) -> None:
    assert trial(taken).adequacy == "unknown"


@pytest.mark.parametrize(
    ("taken", "adequacy"),
    [
        (course("sertraline", (0, 42, "50 mg/d"), (42, 60, None)), "strict"),
        (course("sertraline", (0, 28, "50 mg/d"), (28, 60, None)), "minimum"),
        (course("sertraline", (0, 1, "25 mg/d"), end_basis="unknown"), "inadequate"),
        (
            course("sertraline", (0, 42, "50 mg/d"), (42, 43, "50 mg/d"), end_basis="unknown"),
            "strict",
        ),
        (course("sertraline", (655, 656, "50 mg/d"), end_basis="unknown"), "inadequate"),
    ],
    ids=["strict before", "minimum before", "low in any case", "strict for sure", "too late to be"],
)
def test_what_is_certain_counts_whatever_is_missing(taken: MedicationCourse, adequacy: str) -> None:
    assert trial(taken).adequacy == adequacy


@pytest.mark.parametrize(
    ("adequacy", "days", "chart", "fields"),
    [
        ("not_tolerated", 20, {}, {"stop_reason": "intolerance"}),
        ("not_tolerated", 20, {"allergies": [allergy("sertraline")]}, {}),
        ("not_tolerated", 20, {"allergies": [allergy("sertraline", recorded=day(30))]}, {}),
        ("inadequate", 20, {"allergies": [allergy("sertraline", recorded=day(-9))]}, {}),
        ("inadequate", 20, {"allergies": [allergy("sertraline", active=False)]}, {}),
        ("inadequate", 20, {"allergies": [allergy("citalopram")]}, {}),
        ("inadequate", 20, {"allergies": [allergy("sertraline")]}, {"current": True}),
        ("inadequate", 20, {}, {"stop_reason": "other"}),
        ("strict", 42, {}, {"stop_reason": "intolerance"}),
        ("minimum", 28, {"allergies": [allergy("sertraline")]}, {}),
    ],
)
def test_a4_not_tolerated_before_an_adequate_period(
    adequacy: str, days: int, chart: dict[str, Any], fields: dict[str, Any]
) -> None:
    found = trial(course("sertraline", (0, days, "50 mg/d"), **fields), **chart)
    assert found.adequacy == adequacy
    assert (found.basis[0] == "psy:A4") == (adequacy == "not_tolerated")
    if adequacy == "not_tolerated":
        assert found.outcome == "not_tolerated"
        assert not found.adequate


@pytest.mark.parametrize(
    ("covered", "adequacy", "adherence"),
    [
        (100, "strict", "verified"),
        (80, "strict", "verified"),
        (79, "unknown", "contradicted"),
        (None, "strict", "unverified"),
    ],
)
def test_a6_dispense_coverage(covered: int | None, adequacy: str, adherence: str) -> None:
    found = trial(course("sertraline", (0, 100, "50 mg/d"), covered_days=covered))
    assert (found.adequacy, found.adherence) == (adequacy, adherence)
    assert ("psy:A6" in found.basis) == (adherence != "verified")


def test_a6_never_makes_a_low_dose_unknown() -> None:
    found = trial(course("sertraline", (0, 100, "25 mg/d"), covered_days=10))
    assert (found.adequacy, found.adherence) == ("inadequate", "contradicted")


def test_doses_that_were_seen_given_are_verified() -> None:
    assert (
        trial(course("sertraline", (0, 50, "50 mg/d"), evidence="administered")).adherence
        == "verified"
    )


# --- rules A7 to A9


@pytest.mark.parametrize(
    ("outcome", "rule", "taken"),
    [
        ("failed", "A7", [(-7, "20"), (56, "18")]),
        ("failed", "A7", [(-7, "20"), (56, "24")]),
        ("failed", "A7", [(-7, "20"), (56, "15.1")]),
        ("partial", "A8", [(-7, "20"), (56, "15")]),
        ("partial", "A8", [(-7, "20"), (56, "10.1")]),
        ("responded", "A9", [(-7, "20"), (56, "10")]),
        ("responded", "A9", [(-7, "20"), (40, "8"), (56, "19")]),
        ("responded", "A9", [(14, "20"), (70, "5")]),
        ("failed", "A7", [(-7, "20"), (40, "12"), (56, "18")]),
        ("unknown", None, [(-31, "20"), (56, "10")]),
        ("unknown", None, [(15, "20"), (56, "10")]),
        ("unknown", None, [(-7, "20"), (20, "10")]),
        ("unknown", None, [(-7, "20"), (71, "10")]),
        ("unknown", None, [(-7, "0"), (56, "0")]),
        ("unknown", None, []),
    ],
)
@pytest.mark.parametrize("scale", ["phq9_total", "madrs_total", "qids_total", "hamd_total"])
def test_outcome_by_scores(
    scale: str, outcome: str, rule: str | None, taken: list[tuple[int, str]]
) -> None:
    found = trial(
        course("sertraline", (0, 56, "50 mg/d")),
        observations=scores(score(scale, offset, value) for offset, value in taken),
    )
    assert found.outcome == outcome
    decided = [b for b in found.basis if b in ("psy:A7", "psy:A8", "psy:A9")]
    assert decided == ([f"psy:{rule}"] if rule else [])
    assert found.adequate == (outcome != "responded")


def test_a9_a_lost_response_is_said() -> None:
    taken = [
        score("phq9_total", -7, "20"),
        score("phq9_total", 40, "8"),
        score("phq9_total", 56, "19"),
    ]
    found = trial(course("sertraline", (0, 56, "50 mg/d")), observations=scores(taken))
    assert any("lost again" in remark for remark in found.remarks)


def test_scores_of_two_scales_are_never_compared() -> None:
    taken = [score("phq9_total", -7, "20"), score("madrs_total", 56, "10")]
    assert (
        trial(course("sertraline", (0, 56, "50 mg/d")), observations=scores(taken)).outcome
        == "unknown"
    )


def test_improvement_after_ketamine_is_not_the_antidepressants() -> None:
    sertraline = course("sertraline", (0, 200, "50 mg/d"), current=True)
    taken = scores(
        [
            score("phq9_total", -7, "20"),
            score("phq9_total", 60, "19"),
            score("phq9_total", 150, "4"),
        ]
    )
    ketamine = course("ketamine", (100, 101, "35 mg/d"), route="injectable")
    assert trial(sertraline, observations=taken).outcome == "responded"
    assert trial(sertraline, ketamine, observations=taken).outcome == "failed"
    assert trial(sertraline, observations=taken, ketamine_dates=[day(100)]).outcome == "failed"


@pytest.mark.parametrize(
    ("reason", "use", "outcome", "counts"),
    [
        ("inefficacy", None, "failed", True),
        ("inefficacy", "mood", "failed", True),
        ("inefficacy", "pain", "unknown", True),  # says nothing of the mood
        ("response", None, "responded", False),
        ("response", "pain", "unknown", True),
        ("other", None, "unknown", True),
        (None, None, "unknown", True),
    ],
)
def test_outcome_by_the_reason_for_stopping(
    reason: str | None, use: str | None, outcome: str, counts: bool
) -> None:
    taken = course("sertraline", (0, 56, "50 mg/d"), stop_reason=reason, stop_use=use)
    found = trial(taken)
    assert (found.outcome, found.adequate) == (outcome, counts)


def test_a_reason_that_says_it_was_not_taken_contradicts_the_dates() -> None:
    taken = course("sertraline", (0, 56, "50 mg/d"), stop_reason="not_taken")
    found = trial(taken)
    assert (found.adequacy, found.adherence, found.adequate) == ("unknown", "contradicted", False)
    assert "not taken as ordered; otherwise 8 weeks" in found.reason
    short = trial(course("sertraline", (0, 10, "50 mg/d"), stop_reason="not_taken"))
    assert short.adequacy == "inadequate"  # whatever was taken


# --- rule A10


def test_a10_one_ingredient_is_one_trial_the_best_one() -> None:
    found = trial(
        course("sertraline", (0, 30, "50 mg/d")),
        course("sertraline", (200, 260, "100 mg/d")),
        course("sertraline", (400, 410, "25 mg/d")),
    )
    assert (found.adequacy, found.start) == ("strict", day(200))
    assert "psy:A10" in found.basis
    assert len(found.remarks) == 2
    assert found.basis[-1] == "psy:adequate_trials/sertraline"


@pytest.mark.parametrize(
    ("one", "other"), [("citalopram", "escitalopram"), ("venlafaxine", "desvenlafaxine")]
)
def test_a10_pairs_count_as_two_with_a_remark(one: str, other: str) -> None:
    found = trials(course(one, (0, 60, "150 mg/d")), course(other, (100, 160, "50 mg/d")))
    assert adequate_trials(found)[:2] == (2, 2)
    assert all("both count" in t.remarks[-1] and "psy:A10" in t.basis for t in found)


def test_a10_two_routes_of_writing_one_drug_are_one_line_of_time() -> None:
    found = trial(
        course("sertraline", (0, 28, "50 mg/d")),
        course("sertraline", (28, 56, "50 mg/d"), route="unknown"),
    )
    assert found.adequacy == "strict"


def test_overlapping_courses_do_not_count_days_twice() -> None:
    found = trial(
        course("sertraline", (0, 27, "50 mg/d")),
        course("sertraline", (0, 27, "50 mg/d"), route="unknown"),
    )
    assert found.adequacy == "inadequate"


def test_the_episode_is_that_of_an_adequate_course() -> None:
    earlier = course("sertraline", (0, 60, "100 mg/d"))
    later = course("sertraline", (300, 328, "50 mg/d"))
    found = trial(earlier, later, episode_start=day(250))
    assert (found.adequacy, found.in_current_episode) == ("strict", True)
    assert trial(earlier, episode_start=day(250)).in_current_episode is False


# --- traps


@pytest.mark.parametrize(
    ("name", "adequacy", "taken"),
    [
        ("trazodone as a sleep dose", "inadequate", course("trazodone", (0, 300, "100 mg/d"))),
        ("trazodone at 150 mg", "minimum", course("trazodone", (0, 300, "150 mg/d"))),
        ("doxepin tablets for sleep", "inadequate", course("doxepin", (0, 300, "6 mg/d"))),
        (
            "doxepin for sleep, dose unread",
            "inadequate",
            course("doxepin", (0, 300, None), flags=["insomnia_low_dose"]),
        ),
        ("amitriptyline for pain", "inadequate", course("amitriptyline", (0, 300, "75 mg/d"))),
        ("mirtazapine for sleep", "inadequate", course("mirtazapine", (0, 300, "7.5 mg/d"))),
        (
            "bupropion product for smoking",
            "inadequate",
            course("bupropion", (0, 90, "300 mg/d"), flags=["smoking_cessation"]),
        ),
        (
            "bupropion ordered for smoking",
            "inadequate",
            course("bupropion", (0, 90, "300 mg/d"), reason_sets=["tobacco_use"]),
        ),
        (
            "bupropion for smoking and depression",
            "strict",
            course("bupropion", (0, 90, "300 mg/d"), reason_sets=["tobacco_use", "depression_any"]),
        ),
        (
            "bupropion with naltrexone",
            "inadequate",
            course(
                "bupropion", (0, 90, "360 mg/d"), product_ingredients=["bupropion", "naltrexone"]
            ),
        ),
        (
            "paroxetine CR below its own bar",
            "inadequate",
            course("paroxetine", (0, 90, "20 mg/d"), forms=["Extended Release Oral Tablet"]),
        ),
        (
            "paroxetine plain",
            "strict",
            course("paroxetine", (0, 90, "20 mg/d"), forms=["Oral Tablet"]),
        ),
        (
            "paroxetine of both forms",
            "strict",
            course(
                "paroxetine",
                (0, 90, "20 mg/d"),
                forms=["Oral Tablet", "Extended Release Oral Tablet"],
            ),
        ),
        (
            "selegiline patch",
            "strict",
            course("selegiline", (0, 90, "6 mg/d"), route="transdermal"),
        ),
        (
            "selegiline of unstated route",
            "unknown",
            course("selegiline", (0, 90, "6 mg/d"), route="unknown"),
        ),
        (
            "clomipramine by injection",
            "unknown",
            course(
                "clomipramine",
                (0, 90, "150 mg/d"),
                route="injectable",
                classes=["antidepressant_tca"],
            ),
        ),
        (
            "an antidepressant without a row",
            "unknown",
            course("toloxatone", (0, 90, "600 mg/d"), classes=["antidepressant_maoi"]),
        ),
        ("as needed", "inadequate", course("trazodone", (0, 90, "300 mg/d"), as_needed=True)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_traps(name: str, adequacy: str, taken: MedicationCourse) -> None:
    found = trial(taken)
    assert found.adequacy == adequacy
    assert found.reason


@pytest.mark.parametrize(
    "taken",
    [
        course("selegiline", (0, 90, "10 mg/d"), classes=["maoi_other"], flags=["parkinson_oral"]),
        course("doxepin", (0, 90, None), route="topical", classes=["doxepin_topical"]),
        course("esketamine", (0, 60, "84 mg/d"), route="nasal", classes=["antidepressant_nmda"]),
        course("ketamine", (0, 60, "35 mg/d"), route="injectable", classes=["ketamine"]),
        course("5-hydroxytryptophan", (0, 60, "100 mg/d"), classes=["antidepressant_herbal"]),
        course("dextromethorphan", (0, 60, "90 mg/d"), classes=["nmda_antagonist_other"]),
        course("quetiapine", (0, 60, "300 mg/d"), classes=["augmentation_sga"]),
        course(
            "perphenazine",
            (0, 60, "8 mg/d"),
            classes=["antidepressant_tca"],
            product_ingredients=["perphenazine", "amitriptyline"],
        ),
        course(
            "olanzapine",
            (0, 60, "12 mg/d"),
            classes=["antidepressant_ssri"],
            product_ingredients=["olanzapine", "fluoxetine"],
        ),
    ],
    ids=lambda c: c.ingredient,
)
def test_not_antidepressant_trials_at_all(taken: MedicationCourse) -> None:
    assert trials(taken) == ()


def test_dextromethorphan_bupropion_is_one_trial_and_none_of_bupropion() -> None:
    both = ["bupropion", "dextromethorphan"]
    found = trial(
        course("dextromethorphan", (0, 60, "90 mg/d"), product_ingredients=both),
        course("bupropion", (0, 60, "210 mg/d"), product_ingredients=both),
    )
    assert (found.ingredient, found.adequacy) == ("dextromethorphan-bupropion", "strict")


def test_bupropion_before_the_combination_is_a_trial_of_its_own() -> None:
    both = ["bupropion", "dextromethorphan"]
    found = trials(
        course("bupropion", (0, 60, "300 mg/d"), (60, 120, "210 mg/d"), product_ingredients=both),
        course("dextromethorphan", (60, 120, "90 mg/d"), product_ingredients=both),
    )
    assert [(t.ingredient, t.adequacy, t.weeks) for t in found] == [
        ("bupropion", "strict", Decimal("8.6")),
        ("dextromethorphan-bupropion", "strict", Decimal("8.6")),
    ]


def test_the_antidepressant_of_a_combination_counts_by_its_own_dose() -> None:
    found = trial(
        course("fluoxetine", (0, 60, "25 mg/d"), product_ingredients=["olanzapine", "fluoxetine"])
    )
    assert found.adequacy == "strict"


@pytest.mark.parametrize(
    ("taken", "chart", "words"),
    [
        (course("bupropion", (0, 60, "150 mg/d")), {}, "borderline"),
        (
            course("duloxetine", (0, 60, "60 mg/d"), reason_sets=["neuropathic_pain"]),
            {},
            "not for depression",
        ),
        (course("citalopram", (0, 60, "10 mg/d")), {"age": 61}, "limited by age"),
        (course("citalopram", (0, 60, "20 mg/d"), end_basis="assumed"), {}, "assumption"),
        (
            course("bupropion", (0, 60, "300 mg/d")),
            {"conditions": [condition("tobacco_use")]},
            "tobacco use",
        ),
    ],
)
def test_remarks(taken: MedicationCourse, chart: dict[str, Any], words: str) -> None:
    assert any(words in remark for remark in trial(taken, **chart).remarks)


@pytest.mark.parametrize(
    ("taken", "chart"),
    [
        (course("bupropion", (0, 60, "149 mg/d")), {}),
        (
            course(
                "duloxetine", (0, 60, "60 mg/d"), reason_sets=["neuropathic_pain", "depression_any"]
            ),
            {},
        ),
        (course("citalopram", (0, 60, "10 mg/d")), {"age": 60}),
        (course("citalopram", (0, 60, "20 mg/d")), {"age": 80}),
        (course("bupropion", (0, 60, "300 mg/d")), {}),
    ],
)
def test_near_misses_without_a_remark(taken: MedicationCourse, chart: dict[str, Any]) -> None:
    assert trial(taken, **chart).remarks == ()


# --- time and episode


def test_an_ongoing_trial_is_counted_up_to_the_day() -> None:
    taken = course("sertraline", (0, 90, "50 mg/d"), current=True, end_basis="ongoing")
    found = trial(taken, as_of=day(42))
    assert (found.adequacy, found.ongoing, found.end) == ("strict", True, None)
    assert trial(taken, as_of=day(41)).adequacy == "minimum"
    assert "so far" in trial(taken, as_of=day(20)).reason
    assert trial(taken, as_of=day(0)).adequacy == "inadequate"


@pytest.mark.parametrize(
    ("start", "current", "in_episode"),
    [
        (30, False, True),
        (59, False, True),
        (60, False, False),
        (61, False, False),
        (90, True, True),
        (None, False, None),
    ],
)
def test_current_episode(start: int | None, current: bool, in_episode: bool | None) -> None:
    taken = course("sertraline", (0, 60, "50 mg/d"), current=current)
    episode = None if start is None else day(start)
    assert trial(taken, episode_start=episode).in_current_episode is in_episode


def test_counts_and_classes() -> None:
    found = trials(
        course("sertraline", (0, 60, "50 mg/d")),
        course("venlafaxine", (100, 130, "75 mg/d")),
        course("fluoxetine", (200, 220, "20 mg/d")),
        course("escitalopram", (300, 360, "10 mg/d")),
        observations=scores([score("phq9_total", 298, "20"), score("phq9_total", 355, "5")]),
    )
    assert [t.ingredient for t in found] == [
        "sertraline",
        "venlafaxine",
        "fluoxetine",
        "escitalopram",
    ]
    assert adequate_trials(found) == (1, 2, ("SNRI", "SSRI"))
    assert adequate_trials(()) == (0, 0, ())


# --- properties

_RANK = {"inadequate": 0, "unknown": 1, "minimum": 2, "strict": 3}
_STRETCHES = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 60), st.sampled_from(["25", "50", "100", None])),
    min_size=1,
    max_size=5,
)


def taken_as(stretches: list[tuple[int, int, str | None]]) -> list[MedicationCourse]:
    return [
        course("sertraline", (start, start + days, None if dose is None else f"{dose} mg/d"))
        for start, days, dose in stretches
    ]


@given(_STRETCHES, st.integers(0, 400), st.integers(1, 80))
def test_more_days_at_dose_never_lower_adequacy(
    stretches: list[tuple[int, int, str | None]], start: int, days: int
) -> None:
    before = taken_as(stretches)
    after = trial(*before, course("sertraline", (start, start + days, "100 mg/d")))
    assert _RANK[after.adequacy] >= _RANK[trial(*before).adequacy]


@given(_STRETCHES, st.integers(0, 4), st.integers(1, 59))
def test_one_order_or_its_renewals_are_the_same(
    stretches: list[tuple[int, int, str | None]], which: int, cut: int
) -> None:
    start, days, dose = stretches[which % len(stretches)]
    cut = min(cut, days)
    parts = [(start, cut, dose), (start + cut, days - cut, dose)]
    rest = [s for n, s in enumerate(stretches) if n != which % len(stretches)]
    whole = trial(*taken_as(stretches))
    split = trial(*taken_as([*rest, *(p for p in parts if p[1])]))
    assert (split.adequacy, split.weeks, split.reason) == (
        whole.adequacy,
        whole.weeks,
        whole.reason,
    )


@given(st.permutations(range(4)))
def test_the_order_of_courses_does_not_matter(order: list[int]) -> None:
    courses = [
        course("sertraline", (0, 30, "50 mg/d")),
        course("sertraline", (100, 130, "50 mg/d")),
        course("bupropion", (0, 60, "150 mg/d")),
        course("sertraline", (30, 60, None), route="unknown"),
    ]
    expected = [(t.ingredient, t.adequacy, t.start, t.reason) for t in trials(*courses)]
    found = trials(*(courses[n] for n in order))
    assert [(t.ingredient, t.adequacy, t.start, t.reason) for t in found] == expected
