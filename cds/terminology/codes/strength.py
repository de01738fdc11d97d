"""Strengths as sources write them, to UCUM quantities."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from cds.units import Quantity, plain, plausible

_UNITS = {
    "mg": "mg", "microgram": "ug", "micrograms": "ug", "mcg": "ug", "ug": "ug", "g": "g", "gm": "g",
    "ng": "ng", "nanogram": "ng", "unt": "[iU]", "unit": "[iU]", "units": "[iU]", "iu": "[iU]",
    "ml": "mL", "%": "%",
    "milligram": "mg", "milligrams": "mg", "gram": "g", "grams": "g",
}  # fmt: skip
_PER = re.compile(r"(?P<count>\d+(?:\.\d+)?)?\s*(?P<unit>[a-z]+)")
_DENOMINATORS = {
    "ml": "mL", "mg": "mg", "g": "g", "hr": "h", "hour": "h", "hours": "h", "h": "h",
    "actuat": "{actuat}", "dose": "{actuat}", "spray": "{actuat}", "actuation": "{actuat}",
}  # fmt: skip
_MILLIGRAMS = {"g": Decimal(1000), "ug": Decimal("0.001"), "ng": Decimal("0.000001")}
_FEW_MG_PER_HOUR = Decimal("0.2")


def strength(value: str, unit: str) -> Quantity | None:
    """`("50", "MG/ML")` as 50 mg/mL; None when it is not understood.

    Masses are in milligrams, as RxNorm writes them, apart from patches below 0.2 mg/h, which are
    in ug/h as on their labels; rates per 24 hours are per day. A number in the denominator is
    divided out (`100 mg/2ml` is 50 mg/mL), when that is exact.
    """
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite() or number <= 0 or not plausible(number):
        return None
    top, slash, bottom = unit.strip().lower().partition("/")
    numerator = _UNITS.get(top)
    if numerator is None:
        return None
    if numerator in _MILLIGRAMS:
        numerator, number = "mg", number * _MILLIGRAMS[numerator]
    if not slash:
        return Quantity(_tidy(number), numerator)
    return _ratio(number, numerator, bottom)


def _ratio(number: Decimal, numerator: str, bottom: str) -> Quantity | None:
    match = _PER.fullmatch(bottom.strip())
    per = _DENOMINATORS.get(match["unit"]) if match else None
    if match is None or per is None:
        return None
    count = Decimal(match["count"] or 1)
    if per == "g":
        per, count = "mg", count * 1000
    if per == "h" and count == 24:
        per, count = "d", Decimal(1)
    if count <= 0:
        return None
    number = number / count
    if len(number.as_tuple().digits) > 12:  # does not divide out
        return None
    if (numerator, per) == ("mg", "h") and number < _FEW_MG_PER_HOUR:
        numerator, number = "ug", number * 1000
    return Quantity(_tidy(number), f"{numerator}/{per}")


def _tidy(number: Decimal) -> Decimal:
    return Decimal(plain(number))
