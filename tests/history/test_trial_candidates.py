"""Which courses may be antidepressant trials, under which name, and what speaks against it."""

from __future__ import annotations

from typing import Any

from trial_courses import course, day

from cds.history.model.course import MedicationCourse
from cds.history.trials.antidepressant import candidates, release_of
from cds.knowledge.load import load_knowledge
from tests.rows import check_each

ROWS = tuple(load_knowledge().antidepressant_trials.values())
EXTENDED, PLAIN = "Extended Release Oral Tablet", "Oral Tablet"
TCA = ["antidepressant_tca"]
BOTH = ["bupropion", "dextromethorphan"]


def read(*courses: MedicationCourse) -> list[tuple[str, str | None, str | None, str | None]]:
    """Name, row, why it is another use, why no row can judge it."""
    return [(c.name, c.row and c.row.id, c.excluded, c.unjudged) for c in candidates(courses, ROWS)]


def test_the_release_of_a_course() -> None:
    rows: list[tuple[list[str], list[str], str]] = [
        # forms, flags; release
        ([EXTENDED], [], "extended"),
        (["24 HR EXTENDED RELEASE Oral Capsule"], [], "extended"),
        ([PLAIN], [], "other"),
        ([EXTENDED, PLAIN], [], "other"),
        ([PLAIN], ["extended_release"], "other"),
        ([], ["extended_release"], "extended"),
        ([], [], "unknown"),
        ([], ["smoking_cessation"], "unknown"),
    ]

    def check(row: Any) -> None:
        forms, flags, release = row
        assert release_of(course("x", (0, 9, "1 mg/d"), forms=forms, flags=flags)) == release

    check_each(rows, check)


def one(ingredient: str, **fields: Any) -> MedicationCourse:
    return course(ingredient, (0, 60, "50 mg/d"), **fields)


FOUND: list[tuple[MedicationCourse, list[tuple[str, str | None, str | None, str | None]]]] = [
    (one("sertraline"), [("sertraline", "sertraline", None, None)]),
    (one("sertraline", route="unknown"), [("sertraline", "sertraline", None, None)]),
    (one("sertraline", route="rectal"), []),
    (one("sertraline", route="rectal", classes=["antidepressant_ssri"]),
     [("sertraline", "sertraline", None, "no adequacy threshold for the rectal route")]),
    (one("paroxetine"), [("paroxetine", "paroxetine", None, None)]),
    (one("paroxetine", forms=[PLAIN]), [("paroxetine", "paroxetine", None, None)]),
    (one("paroxetine", forms=[EXTENDED]),
     [("paroxetine", "paroxetine-controlled-release", None, None)]),
    (one("venlafaxine", forms=[EXTENDED]), [("venlafaxine", "venlafaxine", None, None)]),
    (one("selegiline", route="transdermal"),
     [("selegiline", "selegiline-transdermal", None, None)]),
    (one("selegiline", route="unknown"),
     [("selegiline", "selegiline-transdermal", None,
       "the route is not stated, and it decides the use")]),
    (one("selegiline", route="oral"), []),
    # no row: the class says what it is
    (one("toloxatone", classes=["antidepressant_maoi"]),
     [("toloxatone", None, None, "no adequacy threshold in the knowledge")]),
    (one("toloxatone", classes=["anxiolytic"]), []),
    (one("esketamine", classes=["antidepressant_nmda"]), []),
    (one("hypericin", classes=["antidepressant_herbal"]), []),
    (one("dextromethorphan"), []),
    # no row, and its partner has one that judges the product
    (one("perphenazine", classes=TCA, product_ingredients=["perphenazine", "amitriptyline"]), []),
    (one("perphenazine", classes=TCA, product_ingredients=["perphenazine", "caffeine"]),
     [("perphenazine", None, None, "no adequacy threshold in the knowledge")]),
    (one("quinidine", classes=TCA, product_ingredients=["quinidine", "dextromethorphan"]),
     [("quinidine", None, None, "no adequacy threshold in the knowledge")]),
    # another use
    (one("bupropion", flags=["smoking_cessation", "weight_management", "extended_release"]),
     [("bupropion", "bupropion",
       "a product for another use (smoking cessation, weight management)", None)]),
    (one("bupropion", product_ingredients=["bupropion", "naltrexone"]),
     [("bupropion", "bupropion", "a product for another use (combination)", None)]),
    (one("bupropion", flags=["extended_release"]), [("bupropion", "bupropion", None, None)]),
    (one("bupropion", reason_sets=["obesity", "tobacco_use", "hypertension"]),
     [("bupropion", "bupropion", "ordered for another use (obesity, tobacco use)", None)]),
    (one("bupropion", reason_sets=["hypertension"]), [("bupropion", "bupropion", None, None)]),
    (one("bupropion", reason_sets=["tobacco_use", "depression_any"]),
     [("bupropion", "bupropion", None, None)]),
    (one("bupropion", reason_sets=["tobacco_use"], route="unknown"),
     [("bupropion", "bupropion", "ordered for another use (tobacco use)", None)]),
]  # fmt: skip


def test_candidates() -> None:
    def check(row: Any) -> None:
        assert read(row[0]) == row[1]

    check_each(FOUND, check, lambda row: f"{row[0].ingredient} {row[0].route} {row[0].flags}")


def test_rows_may_stand_in_any_order() -> None:
    backwards = tuple(reversed(ROWS))

    def check(row: Any) -> None:
        rows = [c.row and c.row.id for c in candidates([row[0]], backwards)]
        assert rows == [found[1] for found in row[1]]

    check_each(FOUND, check, lambda row: row[0].ingredient)


def dextromethorphan(first: int, after: int) -> MedicationCourse:
    return course("dextromethorphan", (first, after, "90 mg/d"), product_ingredients=BOTH)


COMBINED: list[tuple[str, list[MedicationCourse], list[tuple[int, int]]]] = [
    # name, courses; the days of bupropion alone
    ("all of it combined",
     [course("bupropion", (0, 60, "210 mg/d"), product_ingredients=BOTH), dextromethorphan(0, 60)],
     []),
    ("alone until the day before",
     [course("bupropion", (0, 60, "300 mg/d"), (60, 99, "210 mg/d"), product_ingredients=BOTH),
      dextromethorphan(60, 99)],
     [(0, 60)]),
    ("alone from the day after",
     [course("bupropion", (0, 60, "210 mg/d"), (60, 99, "300 mg/d"), product_ingredients=BOTH),
      dextromethorphan(0, 60)],
     [(60, 99)]),
    ("a day in common",
     [course("bupropion", (0, 60, "300 mg/d"), product_ingredients=BOTH), dextromethorphan(59, 99)],
     []),
    ("a day in common, at its beginning",
     [course("bupropion", (9, 60, "300 mg/d"), product_ingredients=BOTH), dextromethorphan(0, 10)],
     []),
    ("two of the combination",
     [course("bupropion", (0, 30, "210 mg/d"), (30, 60, "300 mg/d"), (60, 99, "210 mg/d"),
             product_ingredients=BOTH), dextromethorphan(0, 30), dextromethorphan(60, 99)],
     [(30, 60)]),
    ("never combined", [course("bupropion", (0, 60, "300 mg/d")), dextromethorphan(0, 60)],
     [(0, 60)]),
    ("the other alone",
     [course("bupropion", (0, 60, "300 mg/d"), product_ingredients=BOTH),
      course("dextromethorphan", (0, 60, "90 mg/d"))],
     [(0, 60)]),
]  # fmt: skip


def test_days_of_a_combination_are_those_of_its_own_row() -> None:
    def check(row: Any) -> None:
        _, courses, alone = row
        found = [c for c in candidates(courses, ROWS) if c.name == "bupropion"]
        spans = [(s.start, s.end) for c in found for s in c.course.segments]
        assert spans == [(day(first), day(after)) for first, after in alone]
        assert all("dextromethorphan" not in c.course.product_ingredients for c in found)

    check_each(COMBINED, check, lambda row: row[0])


def test_a_combination_has_a_name_of_its_own() -> None:
    together = [course("bupropion", (0, 60, "210 mg/d"), product_ingredients=BOTH)]
    assert read(dextromethorphan(0, 60), *together) == [
        ("dextromethorphan-bupropion", "dextromethorphan-bupropion", None, None)
    ]
