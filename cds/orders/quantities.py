"""FHIR Quantity, Range, Ratio and Duration to exact quantities; what can't be read is a problem."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from cds.fhir_json import as_number, as_object, as_text
from cds.units import Quantity, UnitError, convert, decimal, parse_unit, ucum


class Problems(list[str]):
    """What could not be read, by FHIR path. Messages quote units, never other content."""

    def add(self, path: str, what: str) -> None:
        message = f"{path}: {what}"
        if message not in self:
            self.append(message)


def read_quantity(node: object, path: str, problems: Problems) -> Quantity | None:
    """A positive amount with a known unit, or None and a problem."""
    quantity = as_object(node)
    if not quantity:
        return None
    value = as_number(quantity.get("value"))
    if value is None:
        problems.add(path, "no number")
        return None
    if as_text(quantity.get("comparator")):
        problems.add(path, "a bound (comparator) and not an amount")
        return None
    if value <= 0:
        problems.add(path, "not above zero")
        return None
    unit = _unit(quantity, path, problems)
    return None if unit is None else Quantity(value, unit)


def _unit(quantity: object, path: str, problems: Problems) -> str | None:
    node = as_object(quantity)
    code, text = as_text(node.get("code")), as_text(node.get("unit"))
    read = [spelled for spelled in map(_spelled, (code, text)) if spelled is not None]
    if not read:
        problems.add(path, f'unknown unit "{(code or text)[:20]}"' if code or text else "no unit")
        return None
    if len(read) == 2 and parse_unit(read[0]) != parse_unit(read[1]):
        problems.add(path, f'unit code "{code[:20]}" and unit text "{text[:20]}" disagree')
        return None
    return read[0]


def _spelled(text: str) -> str | None:
    try:
        return ucum(text)
    except UnitError:
        return None


def read_range(
    node: object, path: str, problems: Problems
) -> tuple[Quantity | None, Quantity | None]:
    """(low, high); a range with one end gives that end as both."""
    limits = as_object(node)
    low = read_quantity(limits.get("low"), f"{path}.low", problems)
    high = read_quantity(limits.get("high"), f"{path}.high", problems)
    if low and high:
        try:
            upper = high.to(low.unit)
        except UnitError:
            problems.add(path, "low and high have different units")
            return None, None
        if upper.value < low.value:
            problems.add(path, "low is above high")
            return None, None
        return low, upper
    return low or high, None


def read_ratio(node: object, path: str, problems: Problems) -> Quantity | None:
    """An amount per amount: 35 mg per 40 min is 0.875 mg/min."""
    ratio = as_object(node)
    if not ratio:
        return None
    upper = read_quantity(ratio.get("numerator"), f"{path}.numerator", problems)
    below = as_object(ratio.get("denominator"))
    lower = read_quantity(below, f"{path}.denominator", problems)
    if upper is None or lower is None:
        return None
    if lower.unit == "1":
        return Quantity(decimal(Fraction(upper.value) / Fraction(lower.value)), upper.unit)
    plain_unit = "/" not in lower.unit and "." not in lower.unit
    unit = f"{upper.unit}/{lower.unit}" if plain_unit else f"{upper.unit}/({lower.unit})"
    try:
        return Quantity(decimal(Fraction(upper.value) / Fraction(lower.value)), ucum(unit))
    except UnitError:
        problems.add(path, f'unknown unit "{unit[:30]}"')
        return None


def to_minutes(quantity: Quantity | None, path: str, problems: Problems) -> Decimal | None:
    """A duration in minutes."""
    if quantity is None:
        return None
    try:
        return convert(quantity.value, quantity.unit, "min")
    except UnitError:
        problems.add(path, f'"{quantity.unit}" is not a unit of time')
        return None
