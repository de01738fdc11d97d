"""Which weight a dose rests on, and when none may."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from order_cases import TODAY, case

from cds.assessment.weight import is_obese, read_build, read_weight
from cds.chart.entries import Result
from tests.replaced import replace


@pytest.mark.parametrize(
    ("row", "usable", "problem"),
    [
        ({"weights": [[70, 12]]}, "70", None),
        ({"weights": [[70.2, 0]]}, "70.2", None),
        ({"weights": [[70, 30]]}, "70", None),
        ({"weights": [[70, 31]]}, None, "old"),
        ({"weights": [[70, 31]], "site": {"weight_max_age_days": 60}}, "70", None),
        ({"weights": []}, None, "missing"),
        ({"weights": [[29.9, 1]]}, None, "implausible"),
        ({"weights": [[30, 1]]}, "30", None),
        ({"weights": [[200, 1]]}, "200", None),
        ({"weights": [[200.1, 1]]}, None, "implausible"),
        ({"weights": [[29.9, 1]], "age": 9}, "29.9", None),
        ({"weights": [[77, 1], [70, 60]]}, "77", None),
        ({"weights": [[77.1, 1], [70, 60]]}, None, "changed"),
        ({"weights": [[62.9, 1], [70, 60]]}, None, "changed"),
        ({"weights": [[80, 1], [70, 300]]}, "80", None),
        ({"weights": [[154, 1], [70, 600]]}, None, "pounds"),
        ({"weights": [[70, 1], [154, 600]]}, None, "pounds"),
        ({"weights": [[70, 1], [700, 20]]}, "70", None),
        ({"weights": [[70, -3]]}, None, "missing"),
    ],
)
def test_a_dose_rests_on(row: dict[str, Any], usable: str | None, problem: str | None) -> None:
    weight = read_weight(case(row))
    assert weight.problem == problem
    assert (str(weight.usable.value_kg) if weight.usable else None) == usable
    assert (weight.why is None) == (problem is None)


@pytest.mark.parametrize(
    ("loinc", "problem"),
    [
        ("3142-7", "stated"),
        ("75292-3", "stated"),
        ("29463-7", None),
        ("3141-9", None),
        (None, None),
    ],
)
def test_a_weight_that_nobody_measured_judges_and_makes_no_dose(
    loinc: str | None, problem: str | None
) -> None:
    patient = case({"weights": [[70, 1]]})
    (fact,) = patient.history.observations["body_weight"]
    code = ("http://loinc.org", loinc) if loinc else None
    told = replace(patient.history, observations={"body_weight": (replace(fact, code=code),)})
    weight = read_weight(replace(patient, history=told))
    assert weight.problem == problem
    assert (weight.usable is None) is (problem is not None)
    assert weight.for_checks is not None


def test_an_old_weight_judges_an_order_and_makes_no_dose() -> None:
    weight = read_weight(case({"weights": [[70, 100]]}))
    assert weight.usable is None
    assert weight.for_checks is not None
    assert read_weight(case({"weights": [[700, 1]]})).for_checks is None


@pytest.mark.parametrize(
    ("kg", "cm", "sex", "bmi", "ideal", "adjusted", "obese"),
    [
        (100, 165, "female", "36.7", "56.9", "74.1", True),
        (100, 165, "male", "36.7", "61.4", "76.8", True),
        (70, 175, "male", "22.9", "70.5", None, False),
        (100, 150, "female", "44.4", None, None, True),
        (100, 165, "unknown", "36.7", None, None, True),
        (100, None, "female", None, None, None, None),
    ],
)
def test_weights_derived_from_the_height(
    kg: int,
    cm: int | None,
    sex: str,
    bmi: str | None,
    ideal: str | None,
    adjusted: str | None,
    obese: bool | None,
) -> None:
    made = case({"kg": kg, "cm": cm, "sex": sex})
    build = read_build(made, read_weight(made).usable)
    assert (None if build.bmi is None else str(round(build.bmi, 1))) == bmi
    assert (None if build.ideal_kg is None else str(build.ideal_kg)) == ideal
    assert (None if build.adjusted_kg is None else str(build.adjusted_kg)) == adjusted
    assert is_obese(made, build) is obese


def test_the_day_of_the_weight_is_told() -> None:
    weight = read_weight(case({"weights": [[70.2, 12]]})).usable
    assert weight is not None
    assert (weight.value_kg, (TODAY - weight.when).days) == (Decimal("70.2"), 12)


@pytest.mark.parametrize(
    ("problem", "unanswered", "why"),
    [
        (None, [], "no weight on record"),
        (None, ["observations"], "the weight was not seen"),
        ("no unit", [], "the weight on record is not readable: no unit"),
    ],
)
def test_a_weight_that_cannot_be_used_is_said(
    problem: str | None, unanswered: list[str], why: str
) -> None:
    asked = case({"weights": [], "unanswered": unanswered})
    fact = Result("body_weight", TODAY, ("Observation/w",), problem=problem)
    known = {"body_weight": (fact,)} if problem else {}
    found = read_weight(replace(asked, history=replace(asked.history, observations=known)))
    assert (found.problem, found.why, found.unusable) == ("missing", why, problem)
