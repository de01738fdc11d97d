"""The edges of a daily dose: what is too much, too often, or more than the stated maximum."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds.dosage.read import read_dosages
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.phase import Phase
from cds.history.medications.strength import Product
from cds.units import Quantity
from cds.wire import decode, encode

Json = dict[str, Any]
TABLET = Product(Quantity(Decimal(50), "mg"), form="Oral Tablet")
PATCH = Product(Quantity(Decimal(50), "ug/h"), form="Transdermal System", rate_kept=True)


def read(dose: Json, repeat: Json, product: Product = TABLET, **more: Any) -> Phase:
    dosage = {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": dose}], **more}
    (phase,) = phases_of(read_dosages(decode(encode([dosage]))), product)
    return phase


def mg(value: float) -> Json:
    return {"value": value, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}


def daily(times: int = 1) -> Json:
    return {"frequency": times, "period": 1, "periodUnit": "d"}


@pytest.mark.parametrize(
    ("dose", "known"), [(9_499, 9_499), (9_500, 9_500), (9_501, None), (10_000, None)]
)
def test_more_than_9500_mg_of_an_unknown_product_are_an_error(dose: int, known: int | None) -> None:
    low = read(mg(dose), daily(), Product()).low
    assert (low and low.value) == known


@pytest.mark.parametrize(
    ("dose", "known"), [(149_999, 149_999), (150_000, 150_000), (150_001, None)]
)
def test_more_than_150_g_a_day_is_an_error_of_entry(dose: int, known: int | None) -> None:
    low = read(mg(dose), daily(), Product(Quantity(Decimal(15), "g"), form="Packet")).low
    assert (low and low.value) == known


@pytest.mark.parametrize(("times", "known"), [(23, 230), (24, 240), (25, None)])
def test_more_than_24_times_a_day_is_no_instruction(times: int, known: int | None) -> None:
    low = read(mg(10), daily(times)).low
    assert (low and low.value) == known


@pytest.mark.parametrize(("days", "known"), [(6, 50), (7, 50), (8, None)])
def test_a_patch_is_changed_once_a_week_or_more_often(days: int, known: int | None) -> None:
    every = {"frequency": 1, "period": days, "periodUnit": "d"}
    low = read({"value": 1, "unit": "patch"}, every, PATCH).low
    assert (low and low.value) == known


def per_day(*most: int) -> Json:
    """Stated maxima of a day: one in the fields, another in the words."""
    ratio: Json = {"numerator": mg(most[0]), "denominator": {"value": 1, "unit": "d", "code": "d"}}
    text = f"100 mg every 12 hours, max {most[1]} mg per day" if len(most) > 1 else None
    return {"maxDosePerPeriod": ratio, **({"text": text} if text else {})}


@pytest.mark.parametrize(
    ("most", "dose", "above"),
    [((199,), 199, True), ((200,), 200, False), ((201,), 200, False),
     ((150, 120), 120, True), ((120, 150), 120, True)],
)  # fmt: skip
def test_the_lowest_stated_maximum_counts(most: tuple[int, ...], dose: int, above: bool) -> None:
    phase = read(mg(100), daily(2), **per_day(*most))
    assert phase.low is not None
    assert phase.low.value == dose
    assert phase.high is not None
    assert phase.high.value == 200
    assert ("above_maximum" in phase.doubts) is above


@pytest.mark.parametrize(
    ("strength", "number", "known"),
    [
        ("50 mg", "100", "100 mg/d"),  # two tablets; nobody takes a hundred
        ("50 mg", "12.5", "12.5 mg/d"),  # a quarter
        ("50 mg", "12", None),  # no part of a tablet
        ("50 mg", "4", "200 mg/d"),  # 4 mg is none of it
        ("50 mg", "5", None),
        ("50 mg", "2000", "2000 mg/d"),  # forty tablets
        ("50 mg", "2050", None),
        ("1 mg", "2", "2 mg/d"),  # the same either way
        ("2 mg", "2", None),  # one tablet or two
        ("0.5 mg", "2", None),
        ("8 mg", "4.5", None),
        ("25 ug/h", "50", "50 ug/h"),
        (None, "20", "20 mg/d"),
        (None, "4", None),
    ],
)
def test_a_number_behind_the_name_is_tablets_or_milligrams(
    strength: str | None, number: str, known: str | None
) -> None:
    holds = (
        None if strength is None else Quantity(Decimal(strength.split()[0]), strength.split()[1])
    )
    product = Product(holds, form="Oral Tablet", names=frozenset({"xyzafil"}))
    if strength == "25 ug/h":
        product = Product(holds, form="Transdermal System", rate_kept=True, names=product.names)
    (phase,) = phases_of(read_dosages([{"text": f"Xyzafil {number} daily"}]), product)
    assert (None if phase.low is None else str(phase.low)) == known
