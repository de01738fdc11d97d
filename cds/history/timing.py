"""How often, and from when to when: the Timing of a dosage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from cds.dates import When, parse_when
from cds.fhir_json import as_number, as_objects, as_text, child
from cds.history.sig import MAX_PER_DAY, Span, read_sig
from cds.terminology.codes.concept import codings
from cds.wire import Json

_DAYS = {
    "s": Fraction(1, 86400), "min": Fraction(1, 1440), "h": Fraction(1, 24), "d": Fraction(1),
    "wk": Fraction(7), "mo": Fraction(30), "a": Fraction(365),
}  # fmt: skip
"""days in a UnitsOfTime; a month of supply is 30 days"""
_TIME_WORDS = {
    "hr": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "{day}": "d", "week": "wk",
    "weeks": "wk", "month": "mo", "months": "mo", "year": "a", "years": "a",
}  # fmt: skip
_CODES = {
    "BID": Fraction(2), "TID": Fraction(3), "QID": Fraction(4), "QD": Fraction(1),
    "AM": Fraction(1), "PM": Fraction(1), "BED": Fraction(1), "QOD": Fraction(1, 2),
    "WK": Fraction(1, 7), "MO": Fraction(1, 30), "HS": Fraction(1), "QHS": Fraction(1),
    "QAM": Fraction(1), "QPM": Fraction(1), "DAILY": Fraction(1), "Q1W": Fraction(1, 7),
}  # fmt: skip
_EVERY_HOURS = re.compile(r"Q(\d{1,3})H\Z")


@dataclass(frozen=True, slots=True)
class Timing:
    """What a Timing says; None where it says nothing."""

    per_day: Span | None = None
    """administrations a day"""
    start: When | None = None
    end: When | None = None
    """first day no longer covered"""
    days: int | None = None
    """stated length"""
    count: int | None = None
    """stated number of administrations"""
    problem: str | None = None


def read_timing(timing: object) -> Timing:
    """Read a Timing. Never raises; what can't be read is a `problem`."""
    if not isinstance(timing, dict):
        return Timing()
    found = child(timing, "repeat")
    repeat: Json = found if isinstance(found, dict) else {}
    per_day = _frequency(repeat) or _coded(timing.get("code"))
    problem = None
    if per_day is not None and not 0 < per_day.low <= per_day.high <= MAX_PER_DAY:
        per_day, problem = None, "frequency makes no sense"
    bounds = repeat.get("boundsPeriod")
    period: Json = bounds if isinstance(bounds, dict) else {}
    return Timing(
        per_day=per_day,
        start=parse_when(period.get("start")),
        end=parse_when(period.get("end")),
        days=_length(repeat),
        count=_whole(repeat.get("count")),
        problem=problem,
    )


def days_of(duration: object) -> Fraction | None:
    """The days in a Duration or Quantity of time; None when it is none."""
    if not isinstance(duration, dict):
        return None
    amount = as_number(duration.get("value"))
    unit = as_text(duration.get("code")) or as_text(duration.get("unit"))
    unit = _TIME_WORDS.get(unit.lower(), unit) or "d"
    if amount is None or amount <= 0 or unit not in _DAYS:
        return None
    return Fraction(amount) * _DAYS[unit]


def after(start: date, days: Fraction | int) -> date:
    """The first day no longer covered by so many days; part of a day counts as none."""
    try:
        return start + timedelta(days=int(days))
    except OverflowError:
        return date.max


def _length(repeat: Json) -> int | None:
    days = days_of(repeat.get("boundsDuration")) or days_of(child(repeat, "boundsRange", "low"))
    return int(days) if days is not None else None


def _whole(value: object) -> int | None:
    found = as_number(value)
    return int(found) if found is not None and found > 0 and found == int(found) else None


def _frequency(repeat: Json) -> Span | None:
    """Administrations a day: frequency over period, times of day, events, days of the week."""
    unit = as_text(repeat.get("periodUnit"))
    times = len(_texts(repeat.get("timeOfDay"))) or len(set(_texts(repeat.get("when"))))
    weekdays = len(set(_texts(repeat.get("dayOfWeek"))))
    period = as_number(repeat.get("period"))
    said = as_number(repeat.get("frequency"))
    if period is None or unit not in _DAYS:
        if not times and not weekdays:
            return None
        per_day = Span(Fraction(max(times, 1)), Fraction(max(times, 1)))
        return per_day * _on(weekdays)
    if period <= 0 or (said is not None and said <= 0):
        return Span(Fraction(0), Fraction(0))
    longest = max(period, as_number(repeat.get("periodMax")) or period)
    low = Fraction(said) if said is not None else Fraction(max(times, 1))
    high = max(low, Fraction(as_number(repeat.get("frequencyMax")) or low), Fraction(times))
    days = _DAYS[unit]
    span = Span(low / (Fraction(longest) * days), high / (Fraction(period) * days))
    return span * _on(weekdays) if unit == "d" and period == 1 else span


def _on(weekdays: int) -> Span:
    share = Fraction(weekdays or 7, 7)
    return Span(share, share)


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, str) and item]


def _coded(code: object) -> Span | None:
    """A GTS abbreviation (`BID`), or a text such as "twice daily"."""
    for _, value in codings(code):
        plain = value.upper()
        every = _EVERY_HOURS.match(plain)
        if every and int(every[1]):
            rate = Fraction(24, int(every[1]))
            return Span(rate, rate)
        if plain in _CODES:
            return Span(_CODES[plain], _CODES[plain])
    named = [
        as_text(child(code, "text")),
        *(as_text(c.get("display")) for c in as_objects(child(code, "coding"))),
    ]
    for name in filter(None, named):
        sig = read_sig(name)
        if sig is not None and sig.per_day is not None and sig.amount is None:
            return sig.per_day
    return None
