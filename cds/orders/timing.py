"""How often, how long and until when: from a FHIR Timing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cds.dates import parse_when
from cds.fhir_json import as_count, as_number, as_object, as_text, concept_codes, concept_texts
from cds.orders.quantities import Problems, read_quantity, read_range
from cds.units import Quantity, UnitError, convert, decimal

_DAYS = {"s": Fraction(1, 86400), "min": Fraction(1, 1440), "h": Fraction(1, 24), "d": Fraction(1),
         "wk": Fraction(7), "mo": Fraction(30), "a": Fraction(365)}  # fmt: skip
_CODES = {
    "BID": Fraction(2), "TID": Fraction(3), "QID": Fraction(4), "AM": Fraction(1),
    "PM": Fraction(1), "QD": Fraction(1), "DAILY": Fraction(1), "QOD": Fraction(1, 2),
    "Q1H": Fraction(24),
    "Q2H": Fraction(12), "Q3H": Fraction(8), "Q4H": Fraction(6), "Q6H": Fraction(4),
    "Q8H": Fraction(3), "Q12H": Fraction(2), "BED": Fraction(1), "WK": Fraction(1, 7),
    "MO": Fraction(1, 30),
}  # fmt: skip
"""HL7 timing codes as administrations per day."""
_ONCE = frozenset({"ONCE", "STAT", "ONE TIME", "ONE-TIME", "NOW", "X1"})


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a dose is given. None: not said."""

    per_day: Fraction | None = None
    sessions: int | None = None
    duration_min: Decimal | None = None
    start: date | None = None
    end: date | None = None
    weeks: Decimal | None = None
    single: bool | None = None

    @property
    def per_week(self) -> Decimal | None:
        return None if self.per_day is None else decimal(self.per_day * 7)

    @property
    def interval_days(self) -> Decimal | None:
        return None if self.per_day is None else decimal(1 / self.per_day)


def read_timing(node: object, path: str, problems: Problems) -> Schedule:
    """The schedule of a Timing; fields that can't be read are None and a problem."""
    timing = as_object(node)
    repeat = as_object(timing.get("repeat"))
    events = timing.get("event")
    sessions = as_count(repeat.get("countMax")) or as_count(repeat.get("count"))
    if isinstance(events, list) and events and sessions is None:
        sessions = len(events)
    start, end, weeks = _bounds(repeat, f"{path}.repeat", problems)
    return Schedule(
        per_day=_per_day(repeat, timing.get("code")),
        sessions=sessions,
        duration_min=_duration(repeat, f"{path}.repeat", problems),
        start=start,
        end=end,
        weeks=weeks,
        single=True if sessions == 1 or _is_once(timing.get("code")) else None,
    )


def _per_day(repeat: object, code: object) -> Fraction | None:
    """Administrations per day; the higher end of a range, which is the one to check."""
    node = as_object(repeat)
    period, unit = as_number(node.get("period")), as_text(node.get("periodUnit"))
    frequency = as_count(node.get("frequencyMax")) or as_count(node.get("frequency"))
    days = node.get("dayOfWeek")
    if frequency is None and isinstance(days, list) and days:
        frequency, period, unit = len(days), period or Decimal(1), unit or "wk"
    if period is not None and period > 0 and unit in _DAYS:
        return Fraction(frequency or 1) / (Fraction(period) * _DAYS[unit])
    named = (c.upper() for c in (*concept_codes(code), *concept_texts(code)))
    return next((_CODES[name] for name in named if name in _CODES), None)


def _is_once(code: object) -> bool:
    return any(t.upper() in _ONCE for t in (*concept_codes(code), *concept_texts(code)))


def _duration(repeat: object, path: str, problems: Problems) -> Decimal | None:
    node = as_object(repeat)
    value = as_number(node.get("duration"))
    if value is None:
        return None
    unit = as_text(node.get("durationUnit")) or as_text(node.get("durationUnits"))
    if value <= 0 or unit not in _DAYS:
        problems.add(
            f"{path}.duration", f'unknown unit "{unit[:20]}"' if value > 0 else "not above zero"
        )
        return None
    return decimal(Fraction(value) * _DAYS[unit] * 1440)


def _bounds(
    repeat: object, path: str, problems: Problems
) -> tuple[date | None, date | None, Decimal | None]:
    """Start, end and length in weeks of the course."""
    node = as_object(repeat)
    period = as_object(node.get("boundsPeriod"))
    start, end = parse_when(period.get("start")), parse_when(period.get("end"))
    length: Quantity | None = None
    if node.get("boundsDuration"):
        length = read_quantity(node["boundsDuration"], f"{path}.boundsDuration", problems)
    elif node.get("boundsQuantity"):  # STU3
        length = read_quantity(node["boundsQuantity"], f"{path}.boundsQuantity", problems)
    elif node.get("boundsRange"):
        low, high = read_range(node["boundsRange"], f"{path}.boundsRange", problems)
        length = high or low
    weeks = _weeks(length)
    if weeks is None and start and end and end.latest >= start.earliest:
        weeks = decimal(Fraction((end.latest - start.earliest).days, 7))
    return start.day if start else None, end.latest if end else None, weeks


def _weeks(length: Quantity | None) -> Decimal | None:
    if length is None:
        return None
    if length.unit == "mo":
        return decimal(Fraction(length.value) * 30 / 7)
    try:
        return convert(length.value, length.unit, "wk")
    except UnitError:
        return None
