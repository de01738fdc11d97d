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
    scale_reading,
    ucum,
    weeks,
    written,
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
    [
        # below, at and above the half of the last digit that is shown
        ("0.12344", "0.1234"), ("0.12345", "0.1235"), ("0.12346", "0.1235"),
        ("99.994", "99.99"), ("99.995", "100"), ("99.996", "100"),
        ("999.94", "999.9"), ("999.95", "1000"), ("1234.4", "1234"), ("1234.5", "1235"),
        # measured to as many digits, or to fewer
        ("0.125", "0.125"), ("70.2", "70.2"), ("12.34", "12.34"), ("12.340", "12.34"),
        ("100", "100"), ("100.0", "100"), ("1E+2", "100"), ("0", "0"), ("0.000", "0"),
        # a whole number keeps its digits: it was counted
        ("12345", "12345"), ("250000", "250000"), ("-3.16", "-3.16"),
        ("210.0178515173789772130631104", "210"), ("0.00001234567", "0.00001235"),
    ],
)  # fmt: skip
def test_a_figure_has_four_digits_and_no_ornament(value: str, shown: str) -> None:
    assert readable(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("39.0089", "mg", "39.01 mg"), ("0.50", "mg/kg", "0.5 mg/kg"),
        ("58.5134", "mg/h", "58.51 mg/h"),
        ("0.7801788764", "mL", "0.7802 mL"), ("78.01788764", "kg", "78 kg"),
        ("72.35", "kg", "72.35 kg"),
        ("39.99999", "min", "40 min"), ("55.38", "%", "55.38 %"), ("20", "{score}", "20"),
        ("180.0", "{MME}/d", "180 MME/d"), ("21.428571", "wk", "21 weeks"),
        ("5.857", "wk", "5.9 weeks"),
        ("6", "ug/kg/min", "6 mcg/kg/min"), ("142", "mm[Hg]", "142 mmHg"),
        ("154", "[lb_av]", "154 lb"), ("1.0", "1", "1"), ("14", "d", "14 days"),
        ("72", "/min", "72 /min"),
    ],
)  # fmt: skip
def test_a_quantity_is_written_as_a_clinic_writes_it(value: str, unit: str, shown: str) -> None:
    assert written(Quantity(Decimal(value), unit)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("9.94", "9.9"), ("9.95", "10"), ("9.949", "9.9"), ("10.4", "10"), ("10.5", "11"),
     ("3.857142857", "3.9"), ("4", "4"), ("52.14", "52")],
)  # fmt: skip
def test_weeks_are_whole_from_the_tenth_on(value: str, shown: str) -> None:
    assert weeks(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [("1.005", 2, "1.00"), ("1e27", 1, "1e27"), ("1e26", 1, "1e26")],
)
def test_rounding_never_fails(value: str, places: int, expected: str) -> None:
    assert rounded(Decimal(value), places) == Decimal(expected)


@pytest.mark.parametrize(
    ("exact", "line", "arithmetic"),
    [
        ("78.01788764", "78", "78.0"), ("69.989302691", "70", "70.0"), ("70", "70", "70"),
        ("70.2", "70.2", "70.2"), ("70.00", "70", "70"), ("72.35", "72.35", "72.35"),
        ("102.35", "102.4", "102.35"), ("72.349", "72.3", "72.3"), ("72.350", "72.4", "72.4"),
        ("72.351", "72.4", "72.4"), ("10.004", "10", "10.0"), ("9.994", "9.99", "9.99"),
        ("9.995", "10", "10.00"), ("3.4567", "3.46", "3.46"),
    ],
)  # fmt: skip
def test_a_converted_weight_is_shown_as_a_scale_shows_it(
    exact: str, line: str, arithmetic: str
) -> None:
    assert kilograms(Decimal(exact)) == line
    assert scale_reading(Decimal(exact)) == arithmetic


def test_a_quantity_reads_as_a_person_writes_it() -> None:
    assert str(Quantity(Decimal("100.0"), "mg")) == "100 mg"
    assert str(Quantity(Decimal("1E+2"), "mg")) == "100 mg"
    assert plain(Decimal("0.50")) == "0.5"
