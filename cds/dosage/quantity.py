"""FHIR Quantity, Range, Ratio and Duration to exact quantities; what can't be read is a problem."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from cds.dosage.dose_units import dose_unit
from cds.dosage.model import Problem
from cds.fhir_json import as_number, as_object, as_text
from cds.units import Quantity, UnitError, decimal, measures, parse_unit, plausible, ucum
from cds.wire import Json

DAYS_IN = {
    "s": Fraction(1, 86400), "min": Fraction(1, 1440), "h": Fraction(1, 24), "d": Fraction(1),
    "wk": Fraction(7), "mo": Fraction(30), "a": Fraction(365),
}  # fmt: skip
"""days in a FHIR UnitsOfTime; a month of treatment is 30 days"""
_TIME_WORDS = {
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "{day}": "d",
    "week": "wk", "weeks": "wk", "month": "mo", "months": "mo", "year": "a", "years": "a",
    "minute": "min", "minutes": "min", "mins": "min", "second": "s", "seconds": "s",
}  # fmt: skip
MAKES_NO_SENSE = "makes no sense"
_LONGEST_DAYS = 36_525
_NOTHING: tuple[object, ...] = (None, {}, [], "")
_COMPARED = "a bound (comparator) and not an amount"


class Problems(list[Problem]):
    """What could not be read, by FHIR path. Messages quote units, never other content."""

    def add(self, path: str, what: str) -> None:
        problem = Problem(path, what)
        if problem not in self:
            self.append(problem)

    def told(self) -> tuple[str, ...]:
        """`path: what` of each."""
        return tuple(f"{problem.path}: {problem.what}" for problem in self)

    def under(self, path: str, found: tuple[Problem, ...]) -> None:
        """Take over what was found below a path."""
        for problem in found:
            below = f"{path}.{problem.path}" if problem.path else path
            self.add(below, problem.what)


def _written(node: object, path: str, problems: Problems) -> Json:
    """The object that stands there; what is written in any other shape is a problem."""
    found = as_object(node)
    if not found and node not in _NOTHING:
        problems.add(path, "not in a shape that can be read")
    return found


def read_quantity(node: object, path: str, problems: Problems) -> Quantity | None:
    """A positive amount with a known unit, or None and a problem."""
    quantity = _written(node, path, problems)
    if not quantity:
        return None
    value = _positive(quantity, path, problems)
    if value is None:
        return None
    unit = _unit(quantity, path, problems)
    if unit == "":
        problems.add(path, "no unit")
    return Quantity(value, unit) if unit else None


def read_dose(node: object, path: str, problems: Problems) -> Quantity | None:
    """The same; a number without any unit keeps the unit `""`: who knows the product may know."""
    quantity = _written(node, path, problems)
    if not quantity:
        return None
    value = _positive(quantity, path, problems)
    unit = None if value is None else _unit(quantity, path, problems)
    return None if value is None or unit is None else Quantity(value, unit)


def _positive(quantity: object, path: str, problems: Problems) -> Decimal | None:
    node = as_object(quantity)
    value = as_number(node.get("value"))
    if value is None:
        problems.add(path, "no number")
    elif as_text(node.get("comparator")):
        problems.add(path, _COMPARED)
    elif value <= 0:
        problems.add(path, "not above zero")
    elif not plausible(value):
        problems.add(path, MAKES_NO_SENSE)
    else:
        return value
    return None


def _unit(quantity: object, path: str, problems: Problems) -> str | None:
    """The unit as `cds.units` spells it; "" when none is written, None when it can't be read."""
    node = as_object(quantity)
    code, text = as_text(node.get("code")), as_text(node.get("unit"))
    if not code and not text:
        return ""
    words = [word for word in (code, text) if word]
    read = [unit for word in words if (unit := dose_unit(word)) is not None]
    named = [unit for unit in read if unit != "1"]
    if not named and len(read) < len(words):  # `1` in the code leaves the thing to the text
        unknown = next(word for word in words if dose_unit(word) is None)
        problems.add(path, f'unknown unit "{unknown[:20]}"')
        return None
    named = named or read
    if len(named) == 2 and parse_unit(named[0]) != parse_unit(named[1]):
        problems.add(path, f'unit code "{code[:20]}" and unit text "{text[:20]}" disagree')
        return None
    return named[0]


def read_range(
    node: object, path: str, problems: Problems
) -> tuple[Quantity | None, Quantity | None]:
    """(low, high) in the unit of the lower end; an end that is not there is None."""
    limits = _written(node, path, problems)
    low = read_dose(limits.get("low"), f"{path}.low", problems)
    high = read_dose(limits.get("high"), f"{path}.high", problems)
    if low is None or high is None:
        return low, high
    if low.unit != high.unit:
        try:
            high = high.to(low.unit)
        except UnitError:
            problems.add(path, "low and high have different units")
            return None, None
    if high.value < low.value:
        problems.add(path, "low is above high")
        return None, None
    return low, high


def read_ratio(node: object, path: str, problems: Problems) -> Quantity | None:
    """An amount per amount: 35 mg per 40 min is 0.875 mg/min; 6 mg per 24 h is 6 mg/d.

    What is given over whole days stays a dose of a day, and is no rate of an infusion.
    """
    ratio = _written(node, path, problems)
    if not ratio:
        return None
    upper = read_quantity(ratio.get("numerator"), f"{path}.numerator", problems)
    lower = read_quantity(ratio.get("denominator"), f"{path}.denominator", problems)
    if upper is None or lower is None:
        return None
    value = decimal(Fraction(upper.value) / Fraction(lower.value))
    if not plausible(value):
        problems.add(path, MAKES_NO_SENSE)
        return None
    if lower.unit == "1":
        return Quantity(value, upper.unit)
    days = days_of(ratio.get("denominator")) if measures(lower.unit, "d") else None
    if days is not None and days >= 1:
        return Quantity(decimal(Fraction(upper.value) / days), f"{upper.unit}/d")
    plain_unit = "/" not in lower.unit and "." not in lower.unit
    unit = f"{upper.unit}/{lower.unit}" if plain_unit else f"{upper.unit}/({lower.unit})"
    try:
        return Quantity(value, ucum(unit))
    except UnitError:
        problems.add(path, f'unknown unit "{unit[:30]}"')
        return None


def time_unit(word: str) -> str:
    """A UnitsOfTime by its code or its word: `min`, `minutes`; as it stands where it is none."""
    return _TIME_WORDS.get(word.lower(), word)


def days_of(duration: object) -> Fraction | None:
    """The days in a Duration, or in a Quantity of time, days where it has no unit; else None.

    More than a hundred years are none.
    """
    node = as_object(duration)
    amount = as_number(node.get("value"))
    unit = time_unit(as_text(node.get("code")) or as_text(node.get("unit"))) or "d"
    if amount is None or amount <= 0 or unit not in DAYS_IN:
        return None
    days = Fraction(amount) * DAYS_IN[unit]
    return days if days <= _LONGEST_DAYS else None
