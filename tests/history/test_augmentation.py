"""Augmentation steps: every row of psy:augmentation_trials, beside an antidepressant."""

from __future__ import annotations

from decimal import Decimal

import pytest
from trial_courses import AS_OF, course, day

from cds.chart.entries import Result
from cds.history.model.course import MedicationCourse
from cds.history.model.trial import Trial
from cds.history.trials.augmentation import augmentation_trials
from cds.knowledge.load import load_knowledge
from cds.knowledge.model.augmentation import AugmentationDose

KNOWLEDGE = load_knowledge()
ROWS = list(KNOWLEDGE.augmentation.values())
BESIDE = course("fluoxetine", (0, 400, "20 mg/d"))


def steps(*courses: MedicationCourse, **chart: tuple[Result, ...]) -> tuple[Trial, ...]:
    return augmentation_trials(courses, KNOWLEDGE, AS_OF, chart)


def of_row(row: AugmentationDose, dose: Decimal, days: int) -> MedicationCourse:
    forms = ["Extended Release Oral Tablet"] if row.release == "extended" else []
    return course(row.ingredient, (10, 10 + days, f"{dose} {row.unit}"), forms=forms)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.min_daily_dose is not None], ids=lambda r: r.basis[0]
)
def test_row_at_its_bars(row: AugmentationDose) -> None:
    assert row.min_daily_dose is not None
    low = row.min_daily_dose
    for dose, days, adequacy in [
        (low, 28, "minimum"),
        (low, 27, "inadequate"),
        (low - Decimal("0.1"), 60, "inadequate"),
    ]:
        (found,) = steps(of_row(row, dose, days), BESIDE)
        assert (dose, days, found.adequacy) == (dose, days, adequacy)
        assert (found.basis, found.group) == (row.basis, "augmentation")


def test_all_rows_of_the_digest_are_there() -> None:
    assert len([row for row in ROWS if row.basis[0].startswith("psy:")]) == 7


@pytest.mark.parametrize(
    ("level", "adequacy"),
    [
        ("0.6", "strict"),
        ("1.0", "strict"),
        ("0.59", "minimum"),
        ("0.4", "minimum"),
        ("0.39", "inadequate"),
        ("1.1", "unknown"),
        (None, "unknown"),
    ],
)
def test_lithium_is_judged_by_its_level(level: str | None, adequacy: str) -> None:
    facts = (
        (Result("lithium_level", day(30), ("Observation/li",), Decimal(level), "mmol/L"),)
        if level
        else ()
    )
    (found,) = steps(course("lithium", (10, 60, "900 mg/d")), BESIDE, lithium_level=facts)
    assert found.adequacy == adequacy


@pytest.mark.parametrize(
    ("name", "adequacy", "courses"),
    [
        ("no antidepressant beside it", "unknown", [course("aripiprazole", (0, 60, "5 mg/d"))]),
        (
            "too few days beside it",
            "unknown",
            [course("aripiprazole", (0, 60, "5 mg/d")), course("sertraline", (40, 90, "50 mg/d"))],
        ),
        ("quetiapine for sleep", "inadequate", [course("quetiapine", (0, 60, "100 mg/d")), BESIDE]),
        ("quetiapine, plain form", "unknown", [course("quetiapine", (0, 60, "150 mg/d")), BESIDE]),
        ("dose unknown", "unknown", [course("aripiprazole", (0, 60, None)), BESIDE]),
        (
            "as needed",
            "inadequate",
            [course("aripiprazole", (0, 60, "5 mg/d"), as_needed=True), BESIDE],
        ),
        (
            "olanzapine with fluoxetine in one capsule",
            "minimum",
            [
                course(
                    "olanzapine",
                    (0, 60, "6 mg/d"),
                    product_ingredients=["olanzapine", "fluoxetine"],
                ),
                course(
                    "fluoxetine",
                    (0, 60, "25 mg/d"),
                    product_ingredients=["olanzapine", "fluoxetine"],
                ),
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_ways_of_taking(name: str, adequacy: str, courses: list[MedicationCourse]) -> None:
    (found,) = steps(*courses)
    assert found.adequacy == adequacy


def test_olanzapine_without_fluoxetine_is_no_step_of_this_table() -> None:
    assert (
        steps(course("olanzapine", (0, 60, "10 mg/d")), course("sertraline", (0, 60, "50 mg/d")))
        == ()
    )


def test_a_dose_above_the_range_is_said() -> None:
    (found,) = steps(course("aripiprazole", (0, 60, "30 mg/d")), BESIDE)
    assert found.remarks == ("above the range for augmentation",)
