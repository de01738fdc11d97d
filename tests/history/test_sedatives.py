"""Benzodiazepines on the day, as diazepam by the table that the knowledge cites."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from trial_courses import course, day

from cds.history.loads.sedatives import sedative_intake
from cds.history.model.course import MedicationCourse
from cds.history.model.load import SedativeIntake
from cds.knowledge.load import load_knowledge

KNOWLEDGE = load_knowledge()
ANSWERED = frozenset({"medicationRequests"})


def drug(ingredient: str, dose: str | None, **fields: Any) -> MedicationCourse:
    given: dict[str, Any] = {
        "current": True,
        "end_basis": "ongoing",
        "classes": ["benzodiazepine"],
        **fields,
    }
    return course(ingredient, (0, 100, dose), **given)


def intake(*courses: MedicationCourse, answered: frozenset[str] = ANSWERED) -> SedativeIntake:
    return sedative_intake(courses, KNOWLEDGE, day(100), answered)


EQUIVALENTS = [
    ("alprazolam", "0.5 mg/d", "10"),
    ("bromazepam", "6 mg/d", "10"),
    ("chlordiazepoxide", "25 mg/d", "10"),
    ("clobazam", "20 mg/d", "10"),
    ("clonazepam", "0.5 mg/d", "10"),
    ("clorazepate", "15 mg/d", "10"),
    ("diazepam", "8 mg/d", "8"),
    ("estazolam", "1 mg/d", "10"),
    ("flunitrazepam", "2 mg/d", "10"),
    ("flurazepam", "15 mg/d", "10"),
    ("halazepam", "20 mg/d", "10"),
    ("loprazolam", "1 mg/d", "10"),
    ("lorazepam", "2 mg/d", "20"),
    ("lormetazepam", "1 mg/d", "10"),
    ("midazolam", "5 mg/d", "10"),
    ("nitrazepam", "5 mg/d", "5"),
    ("oxazepam", "20 mg/d", "10"),
    ("prazepam", "10 mg/d", "10"),
    ("quazepam", "20 mg/d", "10"),
    ("temazepam", "30 mg/d", "15"),
    ("triazolam", "0.25 mg/d", "5"),
]


@pytest.mark.parametrize(("ingredient", "dose", "diazepam"), EQUIVALENTS)
def test_equivalents(ingredient: str, dose: str, diazepam: str) -> None:
    found = intake(drug(ingredient, dose))
    assert found.diazepam_equivalent_mg_per_day == Decimal(diazepam)
    assert found.problems == ()


def test_every_equivalent_has_a_case_above() -> None:
    rows = [r for r in KNOWLEDGE.benzodiazepines.values() if r.equals_diazepam_10_mg is not None]
    assert {row.id for row in rows} == {ingredient for ingredient, *_ in EQUIVALENTS}


@pytest.mark.parametrize(
    ("name", "courses", "answered", "total", "items"),
    [
        ("none", [], ANSWERED, Decimal(0), 0),
        ("no data", [], frozenset({"conditions"}), None, 0),
        ("ended", [drug("lorazepam", "2 mg/d", current=False)], ANSWERED, Decimal(0), 0),
        (
            "two add up",
            [drug("lorazepam", "1 mg/d"), drug("diazepam", "5 mg/d")],
            ANSWERED,
            Decimal(15),
            2,
        ),
        ("dose unknown", [drug("lorazepam", None)], ANSWERED, None, 1),
        (
            "one of two unknown",
            [drug("lorazepam", None), drug("diazepam", "5 mg/d")],
            ANSWERED,
            None,
            2,
        ),
        ("as needed only", [drug("lorazepam", "1 mg/d", as_needed=True)], ANSWERED, None, 1),
        (
            "as needed besides",
            [drug("lorazepam", "1 mg/d", as_needed=True), drug("diazepam", "5 mg/d")],
            ANSWERED,
            Decimal(5),
            2,
        ),
        ("perhaps no longer", [drug("lorazepam", "1 mg/d", current=None)], ANSWERED, None, 1),
        (
            "perhaps no longer, besides",
            [drug("lorazepam", "1 mg/d", current=None), drug("diazepam", "5 mg/d")],
            ANSWERED,
            None,
            2,
        ),
        ("injected", [drug("lorazepam", "4 mg/d", route="injectable")], ANSWERED, None, 1),
        (
            "rectal rescue",
            [drug("diazepam", "10 mg/d", route="rectal", as_needed=True)],
            ANSWERED,
            None,
            1,
        ),
        (
            "route unstated",
            [drug("lorazepam", "1 mg/d", route="unknown")],
            ANSWERED,
            Decimal(10),
            1,
        ),
        (
            "written twice",
            [drug("lorazepam", "1 mg/d"), drug("lorazepam", "1 mg/d", route="unknown")],
            ANSWERED,
            Decimal(10),
            1,
        ),
        ("z-drug", [drug("zolpidem", "10 mg/d", classes=["z_drug"])], ANSWERED, Decimal(0), 0),
        (
            "partner",
            [
                drug(
                    "amitriptyline",
                    "50 mg/d",
                    product_ingredients=["amitriptyline", "chlordiazepoxide"],
                )
            ],
            ANSWERED,
            Decimal(0),
            0,
        ),
        ("unlisted", [drug("bentazepam", "25 mg/d")], ANSWERED, None, 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_totals(
    name: str,
    courses: list[MedicationCourse],
    answered: frozenset[str],
    total: Decimal | None,
    items: int,
) -> None:
    found = intake(*courses, answered=answered)
    assert (found.diazepam_equivalent_mg_per_day, len(found.items)) == (total, items)
    assert found.problems or total is not None


def test_an_item_keeps_its_own_dose_and_equivalent() -> None:
    ((name, dose, equivalent),) = intake(drug("clonazepam", "1 mg/d", as_needed=True)).items
    assert (name, str(dose), equivalent) == ("clonazepam", "1 mg/d", Decimal(20))


def test_of_a_range_the_upper_end_counts() -> None:
    found = intake(drug("diazepam", "5 mg/d", high="10 mg/d"))
    assert found.diazepam_equivalent_mg_per_day == Decimal(10)


def test_more_as_needed_is_said_and_not_added() -> None:
    found = intake(drug("diazepam", "5 mg/d", up_to="10 mg/d", as_needed=False))
    assert found.diazepam_equivalent_mg_per_day == Decimal(5)
    assert "up to 10 mg/d" in found.problems[0]
