"""The unit table, with Pint as an independent oracle."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.units import (
    Quantity,
    UnitError,
    convert,
    kilograms,
    measures,
    parse_unit,
    plain,
    readable,
    rounded,
    ucum,
)

pint = pytest.importorskip("pint")
UREG = pint.UnitRegistry(non_int_type=Decimal)
UREG.define("bodykg = [body]")

# our spelling, Pint's spelling
FAMILIES = {
    "mass": [("kg", "kg"), ("g", "g"), ("mg", "mg"), ("ug", "ug"), ("ng", "ng"),
             ("[lb_av]", "pound"), ("[oz_av]", "ounce")],
    "volume": [("L", "L"), ("dL", "dL"), ("mL", "mL"), ("uL", "uL")],
    "time": [("ms", "ms"), ("s", "s"), ("min", "min"), ("h", "hour"), ("d", "day"), ("wk", "week")],
    "length": [("m", "m"), ("cm", "cm"), ("mm", "mm"), ("[in_i]", "inch"), ("[ft_i]", "foot")],
    "rate": [("mg/h", "mg/hour"), ("mg/min", "mg/min"), ("ug/min", "ug/min"), ("g/d", "g/day"),
             ("mg/24h", "mg/day")],
    "rate per kg": [("mg/kg/h", "mg/bodykg/hour"), ("ug/kg/min", "ug/bodykg/min"),
                    ("mg/kg/min", "mg/bodykg/min"), ("ng/kg/min", "ng/bodykg/min"),
                    ("mg/(kg.h)", "mg/bodykg/hour"), ("mg.kg-1.h-1", "mg/bodykg/hour"),
                    ("mg/kg/24h", "mg/bodykg/day")],
    "concentration": [("mg/mL", "mg/mL"), ("g/L", "g/L"), ("ug/mL", "ug/mL"), ("ng/mL", "ng/mL")],
    "flow": [("mL/h", "mL/hour"), ("mL/min", "mL/min"), ("L/d", "L/day")],
    "body mass index": [("kg/m2", "kg/m**2"), ("g/cm2", "g/cm**2")],
    "amount": [("mmol/L", "mmol/L"), ("umol/L", "umol/L"), ("nmol/mL", "nmol/mL")],
    "pressure": [("mm[Hg]", "mmHg"), ("kPa", "kPa")],
}  # fmt: skip
PAIRS = [
    (name, one, other) for name, units in FAMILIES.items() for one, other in combinations(units, 2)
]


@pytest.mark.parametrize(("name", "one", "other"), PAIRS)
def test_conversions_agree_with_pint(
    name: str, one: tuple[str, str], other: tuple[str, str]
) -> None:
    for (ours, theirs), (our_target, their_target) in [(one, other), (other, one)]:
        expected = UREG.Quantity(Decimal(7), theirs).to(their_target).magnitude
        found = convert(Decimal(7), ours, our_target)
        # UCUM's own millimetre of mercury has six digits
        tolerance = Decimal("1e-5" if name == "pressure" else "1e-12")
        assert abs(found - expected) <= abs(expected) * tolerance


@pytest.mark.parametrize(
    ("written", "canonical"),
    [("mcg/kg/min", "ug/kg/min"), ("MG/KG/HR", "mg/kg/h"), ("milligrams", "mg"), ("cc", "mL"),
     ("cm3", "mL"),
     ("µg", "ug"), ("mL/hr", "mL/h"), ("mg/24 h", "mg/24h"), ("sprays", "{spray}"),
     ("vials", "{vial}"), ("lbs", "[lb_av]"), ("bpm", "/min"), ("IU/L", "U/L"),
     ("lbs.", "[lb_av]"), ("lb.", "[lb_av]"), ("kg.", "kg"), ("Kgs", "kg"), ("KGS.", "kg"),
     ("Pounds", "[lb_av]"), ("Lb", "[lb_av]"), ("lb(s)", "[lb_av]"), ("Kilograms", "kg"),
     ("mg.", "mg"), ("Tabs.", "{tablet}"), ("mg/Hr.", "mg/h"), ("oz.", "[oz_av]")],
)  # fmt: skip
def test_the_spellings_of_clinics_are_read(written: str, canonical: str) -> None:
    assert ucum(written) == canonical


@pytest.mark.parametrize(
    "text",
    ["", "/", "bag", "mg/", "mg//h", "mg)h", "(mg", "mg kg", "mgg", "{}", "mg/{a}{b}", "drop", "Mg",
     "mg/0h", "1/0 tab", "mg/0 h", "mg..h", "h mg", "Lo", "M", "lbs..", ".", "MIU", "lbkg",
     "1/" * 10_000 + "1", "mg" + "." * 100_000],
)  # fmt: skip
def test_what_is_not_on_the_list_is_an_error(text: str) -> None:
    with pytest.raises(UnitError):
        parse_unit(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("mg/h", "mg/kg/h"), ("mg", "mg/kg"), ("mg", "mL"), ("mg/kg.h", "mg/kg/h"), ("mg", "{tablet}"),
     ("{tablet}", "{spray}"), ("mg/{spray}", "mg"), ("U/L", "[IU]/mL"), ("mg/mL", "mg/h")],
)  # fmt: skip
def test_units_of_different_kinds_never_agree(one: str, other: str) -> None:
    assert not measures(one, other)
    with pytest.raises(UnitError):
        convert(Decimal(1), one, other)


def test_an_unknown_unit_measures_nothing() -> None:
    assert not measures("bag", "mg")


@given(
    value=st.decimals(min_value="0.001", max_value="99999", places=3),
    pair=st.sampled_from(PAIRS),
)
def test_a_round_trip_gives_the_same_amount(
    value: Decimal, pair: tuple[str, tuple[str, str], tuple[str, str]]
) -> None:
    _, (one, _), (other, _) = pair
    back = convert(convert(value, one, other), other, one)
    # 28 digits of a quotient that never ends
    assert abs(Fraction(back) - Fraction(value)) <= Fraction(value) / 10**26


@pytest.mark.parametrize(
    ("value", "unit", "target", "expected"),
    [("2", "ug/kg/min", "mg/kg/h", "0.12"), ("10", "ug/kg/min", "mg/kg/h", "0.6"),
     ("5", "mg/kg/min", "mg/kg/h", "300"), ("0.3", "mg/kg/min", "mg/kg/h", "18"),
     ("240", "mg/24h", "mg/h", "10"), ("154", "[lb_av]", "kg", "69.85322498")],
)  # fmt: skip
def test_worked_conversions(value: str, unit: str, target: str, expected: str) -> None:
    assert convert(Decimal(value), unit, target) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("210.0178515173789772130631104", "210"), ("120.06", "120.06"), ("0.123456", "0.123456"),
     ("0.1234567", "0.1235"), ("69.85322498", "69.85"), ("1234567.1234567", "1234567.1"),
     ("0.00001234567", "0.00001235"), ("100", "100")],
)  # fmt: skip
def test_a_figure_of_many_places_is_shown_short(value: str, shown: str) -> None:
    assert readable(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [("1.005", 2, "1.00"), ("1e27", 1, "1e27"), ("1e26", 1, "1e26")],
)
def test_rounding_never_fails(value: str, places: int, expected: str) -> None:
    assert rounded(Decimal(value), places) == Decimal(expected)


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        ("78.01788764", "78.0"), ("69.989302691", "70.0"), ("70", "70"), ("70.2", "70.2"),
        ("72.35", "72.35"), ("72.351", "72.4"), ("10.004", "10.0"), ("9.996", "10.00"),
        ("3.4567", "3.46"), ("70.00", "70"),
    ],
)  # fmt: skip
def test_a_converted_weight_is_shown_as_a_scale_shows_it(exact: str, shown: str) -> None:
    assert kilograms(Decimal(exact)) == shown


def test_a_quantity_reads_as_a_person_writes_it() -> None:
    assert str(Quantity(Decimal("100.0"), "mg")) == "100 mg"
    assert str(Quantity(Decimal("1E+2"), "mg")) == "100 mg"
    assert plain(Decimal("0.50")) == "0.5"
