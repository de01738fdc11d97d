"""Opioids on the day: CDC 2022 factors, what stays apart, tolerance by drug, and the way there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial_courses import course, day

from cds.history.loads.opioids import opioid_intake
from cds.history.model.course import MedicationCourse
from cds.history.model.load import OpioidIntake
from cds.knowledge.load import load_knowledge

KNOWLEDGE = load_knowledge()
TODAY = day(100)
ANSWERED = frozenset({"medicationRequests"})


def opioid(
    ingredient: str, dose: str | None, route: str = "oral", since: int = 0, **fields: Any
) -> MedicationCourse:
    """An opioid that goes on today, since a day of the tests' calendar."""
    given: dict[str, Any] = {"current": True, "end_basis": "ongoing", **fields}
    return course(ingredient, (since, 100, dose), route=route, **given)


def intake(*courses: MedicationCourse, answered: frozenset[str] = ANSWERED) -> OpioidIntake:
    return opioid_intake(courses, KNOWLEDGE, TODAY, answered)


# --- every CDC 2022 row of pain:mme_factors, exact


CDC_2022 = [
    ("codeine", "oral", "240 mg/d", "36.00"),
    ("fentanyl", "transdermal", "75 ug/h", "180.0"),
    ("fentanyl", "transdermal", "12.5 ug/h", "30.00"),
    ("fentanyl", "transdermal", "1.8 mg/d", "180.0"),
    ("hydrocodone", "oral", "40 mg/d", "40.0"),
    ("hydromorphone", "oral", "8 mg/d", "40.0"),
    ("methadone", "oral", "30 mg/d", "141.0"),
    ("methadone", "oral", "100 mg/d", "470.0"),
    ("morphine", "oral", "60 mg/d", "60.0"),
    ("oxycodone", "oral", "80 mg/d", "120.0"),
    ("oxymorphone", "oral", "25 mg/d", "75.0"),
    ("tapentadol", "oral", "200 mg/d", "80.0"),
    ("tramadol", "oral", "400 mg/d", "80.0"),
    ("codeine", "unknown", "240 mg/d", "36.00"),
]


@pytest.mark.parametrize(("ingredient", "route", "dose", "mme"), CDC_2022)
def test_cdc_2022(ingredient: str, route: str, dose: str, mme: str) -> None:
    found = intake(opioid(ingredient, dose, route))
    assert found.mme_per_day == Decimal(mme)
    (item,) = found.items
    row = f"pain:mme_factors/{ingredient}-{route.replace('unknown', 'oral')}"
    assert item.basis[0] == row
    assert not found.not_convertible


def test_all_cdc_rows_have_a_case_here() -> None:
    computing = [row for row in KNOWLEDGE.mme_factors.values() if row.computes]
    assert {row.factor_set for row in computing} == {"CDC2022"}
    written = {(ingredient, route) for ingredient, route, *_ in CDC_2022}
    assert {(row.opioid, row.route) for row in computing} == written - {("codeine", "unknown")}


@pytest.mark.parametrize(
    ("ingredient", "route", "dose", "row", "words"),
    [
        ("buprenorphine", "sublingual_buccal", "16 mg/d", "buprenorphine-any", "partial agonist"),
        ("buprenorphine", "transdermal", "20 ug/h", "buprenorphine-any", "partial agonist"),
        ("methadone", "injectable", "30 mg/d", "methadone-parenteral", "varies too much"),
        (
            "dihydrocodeine",
            "oral",
            "120 mg/d",
            "dihydrocodeine-oral",
            "CMS table of 2014 would give 30 MME",
        ),
        ("levorphanol", "oral", "8 mg/d", "levorphanol-oral", "give 88 MME"),
        ("meperidine", "oral", "300 mg/d", "meperidine-oral", "give 30 MME"),
        ("opium", "oral", "60 mg/d", "opium-oral", "give 60 MME"),
        ("pentazocine", "oral", "100 mg/d", "pentazocine-oral", "give 37 MME"),
        ("butorphanol", "nasal", "4 mg/d", "butorphanol-nasal", "give 28 MME"),
        ("nalbuphine", "injectable", "40 mg/d", "nalbuphine-parenteral", "give 40 MME"),
        ("fentanyl", "nasal", "400 ug/d", "fentanyl-nasal spray", "give 64 MME"),
        (
            "morphine",
            "injectable",
            "20 mg/d",
            "morphine-parenteral",
            "equianalgesic tables would give 60 MME",
        ),
        ("hydromorphone", "injectable", "3 mg/d", "hydromorphone-parenteral", "give 60 MME"),
        ("fentanyl", "injectable", "200 ug/d", "fentanyl-parenteral", "give 60 MME"),
        ("oxymorphone", "injectable", "2 mg/d", "oxymorphone-parenteral", "give 60 MME"),
        ("meperidine", "injectable", "100 mg/d", "meperidine-parenteral", "give 30 MME"),
    ],
)
def test_not_convertible(ingredient: str, route: str, dose: str, row: str, words: str) -> None:
    found = intake(opioid(ingredient, dose, route))
    assert (found.mme_per_day, found.items) == (None, ())
    (apart,) = found.not_convertible
    assert apart.basis[0] == f"pain:mme_factors/{row}"
    assert words in apart.reason


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("Buccal Tablet", "fentanyl-buccal/sublingual tablet or lozenge"),
        ("Oral Lozenge", "fentanyl-buccal/sublingual tablet or lozenge"),
        ("Buccal Film", "fentanyl-buccal film or oral spray"),
        ("Mucosal Spray", "fentanyl-buccal film or oral spray"),
    ],
)
def test_fentanyl_in_the_mouth_is_told_by_its_form(form: str, row: str) -> None:
    found = intake(opioid("fentanyl", "400 ug/d", "sublingual_buccal", forms=[form]))
    assert found.not_convertible[0].basis[0] == f"pain:mme_factors/{row}"


@pytest.mark.parametrize("ingredient", ["morphine", "hydromorphone", "fentanyl", "methadone"])
def test_an_unstated_route_is_not_guessed_where_it_matters(ingredient: str) -> None:
    found = intake(opioid(ingredient, "10 mg/d", "unknown"))
    assert found.mme_per_day is None
    assert "route is not stated" in found.not_convertible[0].reason


def test_superseded_values_are_never_applied() -> None:
    legacy = [row for row in KNOWLEDGE.mme_factors.values() if row.superseded]
    assert len(legacy) == 4
    assert not any(row.computes for row in legacy)


# --- totals


def test_one_total_from_the_convertible_and_the_rest_apart() -> None:
    found = intake(
        opioid("oxycodone", "60 mg/d"),
        opioid("fentanyl", "25 ug/h", "transdermal"),
        opioid("buprenorphine", "8 mg/d", "sublingual_buccal"),
    )
    assert found.mme_per_day == Decimal(150)
    assert [apart.ingredient for apart in found.not_convertible] == ["buprenorphine"]


@pytest.mark.parametrize(
    ("name", "courses", "answered", "mme"),
    [
        ("none on record", [], ANSWERED, Decimal(0)),
        ("none on record, dispenses only", [], frozenset({"medicationDispenses"}), Decimal(0)),
        ("nothing was had", [], frozenset({"conditions"}), None),
        ("ended", [opioid("oxycodone", "60 mg/d", current=False)], ANSWERED, Decimal(0)),
        (
            "not an opioid",
            [opioid("naloxone", "4 mg/d", classes=["opioid_antagonist"])],
            ANSWERED,
            Decimal(0),
        ),
        ("dose unknown", [opioid("oxycodone", None)], ANSWERED, None),
        ("tablets without strength", [opioid("oxycodone", "4 {tablet}/d")], ANSWERED, None),
        ("perhaps no longer", [opioid("oxycodone", "60 mg/d", current=None)], ANSWERED, None),
        ("only as needed", [opioid("oxycodone", "60 mg/d", as_needed=True)], ANSWERED, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_zero_and_unknown_are_three_things(
    name: str, courses: list[MedicationCourse], answered: frozenset[str], mme: Decimal | None
) -> None:
    found = intake(*courses, answered=answered)
    assert found.mme_per_day == mme
    assert bool(found.problems) == (mme is None)


def test_as_needed_is_listed_and_not_added() -> None:
    found = intake(opioid("morphine", "60 mg/d"), opioid("oxycodone", "40 mg/d", as_needed=True))
    assert found.mme_per_day == Decimal(60)
    assert [(i.ingredient, i.mme_per_day) for i in found.items] == [
        ("morphine", Decimal(60)),
        ("oxycodone", None),
    ]
    assert "up to 40 mg/d (60 MME)" in found.problems[0]


def test_as_needed_beside_a_regular_dose_of_the_same_drug() -> None:
    found = intake(opioid("oxycodone", "40 mg/d", up_to="20 mg/d", as_needed=False))
    assert found.mme_per_day == Decimal(60)
    assert "up to 20 mg/d (30 MME)" in found.problems[0]


def test_as_needed_without_a_regular_dose() -> None:
    found = intake(opioid("oxycodone", None, up_to="20 mg/d", as_needed=True))
    assert found.mme_per_day is None
    assert [(str(i.daily_dose), i.mme_per_day) for i in found.items] == [("20 mg/d", None)]


def test_of_a_range_the_lower_end_is_in_the_total() -> None:
    found = intake(opioid("oxycodone", "20 mg/d", high="40 mg/d"))
    assert found.mme_per_day == Decimal(30)
    assert "20 mg/d to 40 mg/d" in found.problems[0]
    assert found.tolerant is None


def test_a_combination_counts_by_its_opioid() -> None:
    both = ["acetaminophen", "hydrocodone"]
    tags = ["opioid_full_agonist", "nonopioid_analgesic"]
    found = intake(
        opioid("hydrocodone", "40 mg/d", product_ingredients=both, classes=tags),
        opioid("acetaminophen", "1300 mg/d", product_ingredients=both, classes=tags),
    )
    assert found.mme_per_day == Decimal(40)
    assert not found.not_convertible


def test_the_partner_of_an_opioid_without_a_factor_is_no_opioid() -> None:
    both = ["acetaminophen", "benzhydrocodone"]
    tags = ["opioid_full_agonist"]
    found = intake(
        opioid("benzhydrocodone", "24 mg/d", product_ingredients=both, classes=tags),
        opioid("acetaminophen", "1300 mg/d", product_ingredients=both, classes=tags),
    )
    assert [apart.ingredient for apart in found.not_convertible] == ["benzhydrocodone"]


def test_cough_medicine_counts_by_its_milligrams() -> None:
    found = intake(opioid("codeine", "60 mg/d", flags=["antitussive"]))
    assert found.mme_per_day == Decimal(9)


def test_a_drug_written_down_twice_counts_once() -> None:
    found = intake(opioid("oxycodone", "60 mg/d"), opioid("oxycodone", "60 mg/d", "unknown"))
    assert found.mme_per_day == Decimal(90)


# --- tolerance: drug by drug, not 60 MME


@pytest.mark.parametrize(
    ("ingredient", "route", "at", "below"),
    [
        ("morphine", "oral", "60 mg/d", "59.9 mg/d"),
        ("fentanyl", "transdermal", "25 ug/h", "24 ug/h"),
        ("oxycodone", "oral", "30 mg/d", "29.9 mg/d"),
        ("hydromorphone", "oral", "8 mg/d", "7.9 mg/d"),
        ("oxymorphone", "oral", "25 mg/d", "24.9 mg/d"),
        ("hydrocodone", "oral", "60 mg/d", "59.9 mg/d"),
    ],
)
def test_fda_thresholds(ingredient: str, route: str, at: str, below: str) -> None:
    assert intake(opioid(ingredient, at, route)).tolerant is True
    assert intake(opioid(ingredient, below, route)).tolerant is False


def test_tolerance_is_not_a_number_of_mme() -> None:
    assert intake(opioid("hydromorphone", "8 mg/d")).mme_per_day == Decimal(40)
    just_below = intake(opioid("oxymorphone", "24 mg/d"))
    assert (just_below.mme_per_day, just_below.tolerant) == (Decimal(72), False)


@pytest.mark.parametrize(
    ("name", "tolerant", "courses"),
    [
        ("seven days", True, [opioid("morphine", "60 mg/d", since=93)]),
        ("six days", False, [opioid("morphine", "60 mg/d", since=94)]),
        (
            "a day missed",
            False,
            [course("morphine", (0, 96, "60 mg/d"), (97, 100, "60 mg/d"), current=True)],
        ),
        (
            "raised this week",
            False,
            [course("morphine", (0, 96, "30 mg/d"), (96, 100, "90 mg/d"), current=True)],
        ),
        ("stopped", False, [opioid("morphine", "60 mg/d", current=False)]),
        (
            "one drug by two products",
            True,
            [opioid("morphine", "30 mg/d"), opioid("morphine", "30 mg/d", evidence="dispensed")],
        ),
        (
            "halves only add up",
            None,
            [opioid("morphine", "30 mg/d"), opioid("oxycodone", "15 mg/d")],
        ),
        (
            "halves fall short",
            False,
            [opioid("morphine", "30 mg/d"), opioid("oxycodone", "14 mg/d")],
        ),
        ("methadone has no threshold", None, [opioid("methadone", "40 mg/d")]),
        ("buprenorphine neither", None, [opioid("buprenorphine", "16 mg/d", "sublingual_buccal")]),
        (
            "known part is enough",
            True,
            [opioid("morphine", "60 mg/d"), opioid("methadone", "5 mg/d")],
        ),
        ("methadone this week only", False, [opioid("methadone", "40 mg/d", since=96)]),
        ("dose unknown", None, [opioid("morphine", None)]),
        ("perhaps no longer", None, [opioid("morphine", "90 mg/d", current=None)]),
        (
            "supply ended, perhaps goes on",
            None,
            [course("morphine", (0, 80, "90 mg/d"), current=None)],
        ),
        ("as needed, could reach it", None, [opioid("oxycodone", "60 mg/d", as_needed=True)]),
        ("as needed, could not", False, [opioid("oxycodone", "20 mg/d", as_needed=True)]),
        ("none", False, []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_tolerance(name: str, tolerant: bool | None, courses: list[MedicationCourse]) -> None:
    found = intake(*courses)
    assert found.tolerant is tolerant
    assert found.tolerance_why


def test_without_medication_data_tolerance_is_unknown() -> None:
    assert intake(answered=frozenset()).tolerant is None


# --- over time


def test_timeline_names_every_change() -> None:
    taken = course("oxycodone", (0, 30, "20 mg/d"), (30, 60, "40 mg/d"))
    patch = course("fentanyl", (50, 70, "25 ug/h"), route="transdermal")
    assert intake(taken, patch).timeline == (
        (day(0), Decimal(30)),
        (day(30), Decimal(60)),
        (day(50), Decimal(120)),
        (day(60), Decimal(60)),
        (day(70), Decimal(0)),
    )


def test_timeline_goes_back_two_years_and_ends_on_the_day() -> None:
    long_ago = course("morphine", (-1000, 100, "30 mg/d"), current=True, end_basis="ongoing")
    assert intake(long_ago).timeline == ((day(100 - 730), Decimal(30)),)
    assert intake(course("morphine", (-1000, -700, "30 mg/d"))).timeline == ()


def test_timeline_is_unknown_where_an_opioid_cannot_be_added() -> None:
    assert intake(opioid("buprenorphine", "16 mg/d", "sublingual_buccal")).timeline == (
        (day(0), None),
    )


# --- properties


@given(
    st.lists(st.sampled_from(["codeine", "morphine", "oxycodone", "tramadol"]), unique=True),
    st.integers(1, 900),
)
def test_the_total_is_the_sum_of_its_parts(names: list[str], dose: int) -> None:
    courses = [opioid(name, f"{dose} mg/d") for name in names]
    single = [intake(c).mme_per_day for c in courses]
    assert intake(*courses).mme_per_day == sum((m for m in single if m is not None), Decimal(0))
    assert intake(*reversed(courses)) == intake(*courses)


@given(st.integers(1, 99), st.integers(1, 400))
def test_renewals_of_one_order_change_nothing(cut: int, dose: int) -> None:
    whole = opioid("morphine", f"{dose} mg/d")
    renewed = course(
        "morphine",
        (0, cut, f"{dose} mg/d"),
        (cut, 100, f"{dose} mg/d"),
        current=True,
        end_basis="ongoing",
        source=whole.source,
    )
    assert intake(renewed) == intake(whole)
