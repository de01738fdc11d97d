"""How often, how long and until when: from a FHIR Timing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from cds.dates import When, parse_when
from cds.dosage.model import Span, Timing
from cds.dosage.quantity import DAYS_IN, MAKES_NO_SENSE, Problems, days_of, time_unit
from cds.dosage.words import read_words
from cds.fhir_json import (
    as_count,
    as_number,
    as_object,
    as_text,
    as_texts,
    concept_codes,
    concept_texts,
)
from cds.units import decimal
from cds.wire import Json

_CODES = {
    code: Fraction(rate)
    for rate, codes in {
        "1": "QD DAILY AM PM QAM QPM BED HS QHS",
        "2": "BID", "3": "TID", "4": "QID", "1/2": "QOD",
        "1/7": "WK Q1W QWK", "1/30": "MO",
    }.items()
    for code in codes.split()
}  # fmt: skip
"""HL7 GTS abbreviations, and the ones that vendors add, as administrations a day"""
_PARTS_OF_DAY = frozenset(["AM", "PM", "QAM", "QPM", "BED", "HS", "QHS"])
_EVERY_HOURS = re.compile(r"Q(\d{1,3})H\Z")
_ONCE = frozenset({"ONCE", "STAT", "ONE TIME", "ONE-TIME", "NOW", "X1"})
_A_RANGE = 2
"""up to so many times the lower count, two counts are a range that somebody may mean"""
_MAKES_NO_SENSE = "frequency makes no sense"
_UNREAD = "not in a shape that can be read"
_NUMBERS = ("frequency", "frequencyMax", "period", "periodMax")
_MOST_PER_DAY = 1440
"""once a minute"""
_LEAST_PER_DAY = Fraction(1, 3653)
"""once in ten years"""
_MOST_TIMES = 10_000
_LONGEST_MIN = 366 * 1440


def read_timing(node: object, path: str, problems: Problems) -> Timing:
    """Read a Timing. Never raises; what can't be read is None and a problem."""
    timing = as_object(node)
    if not timing and node not in (None, {}, [], ""):
        problems.add(path, _UNREAD)
        return Timing(why_not=_UNREAD)
    if not timing:
        return Timing()
    repeat = as_object(timing.get("repeat"))
    events = timing.get("event")
    duration = _duration(repeat, f"{path}.repeat", problems)
    code = timing.get("code")
    codes, texts = tuple(concept_codes(code)), tuple(concept_texts(code))
    per_day, why_not, differs = _per_day(repeat, codes, texts)
    if why_not:
        problems.add(f"{path}.repeat", why_not)
    count = _count(repeat, "count", path, problems)
    most = _count(repeat, "countMax", path, problems)
    start, end = dates_of(as_object(repeat.get("boundsPeriod")))
    if count and most and most > count * _A_RANGE:
        problems.add(f"{path}.repeat", f"{count} to {most} administrations are no clear number")
    return Timing(
        per_day=per_day,
        why_not=why_not,
        differs=differs,
        count=count,
        count_max=most,
        events=tuple(map(parse_when, events)) if isinstance(events, list) else (),
        duration_min=duration,
        duration_unread=duration is None and _is_unread(repeat.get("duration")),
        days=_length(repeat, f"{path}.repeat", problems),
        start=start,
        end=end,
        parts_of_day=frozenset(_parts_of_day(repeat, (*codes, *texts))),
        weekdays=frozenset(day.lower() for day in as_texts(repeat.get("dayOfWeek"))),
        once=any(name.upper() in _ONCE for name in (*codes, *texts)),
    )


def dates_of(bounds: Json) -> tuple[When | None, When | None]:
    """Start and end of a timing, by its boundsPeriod."""
    return parse_when(bounds.get("start")), parse_when(bounds.get("end"))


def _parts_of_day(repeat: Json, names: Sequence[str]) -> list[str]:
    """As they are written: `MORN`, `08:00:00`; of the code's names those that stand for one."""
    coded = [name.upper() for name in names if name.upper() in _PARTS_OF_DAY]
    return [*as_texts(repeat.get("when")), *as_texts(repeat.get("timeOfDay")), *coded]


def _per_day(
    repeat: Json, codes: Sequence[str], texts: Sequence[str]
) -> tuple[Span | None, str | None, bool]:
    """(administrations a day, why a written frequency is none, whether two are written)."""
    stated = _repeated(repeat)
    if stated is not None and not (stated.low >= _LEAST_PER_DAY and stated.high <= _MOST_PER_DAY):
        return None, _MAKES_NO_SENSE, False
    told = [span for span in (stated, _coded(codes), _worded(texts)) if span is not None]
    if not told:
        return None, None, False
    low, high = min(s.low for s in told), max(s.high for s in told)
    return Span(low, high), None, any(span != told[0] for span in told)


def _repeated(repeat: Json) -> Span | None:
    """Frequency over period, times of the day, days of the week; (0, 0) for nonsense."""
    unit = time_unit(as_text(repeat.get("periodUnit")) or as_text(repeat.get("periodUnits")))
    period, said = as_number(repeat.get("period")), as_number(repeat.get("frequency"))
    if any(repeat.get(name) is not None and as_number(repeat[name]) is None for name in _NUMBERS):
        return Span(Fraction(0), Fraction(0))
    if unit and period is not None and unit not in DAYS_IN:
        return Span(Fraction(0), Fraction(0))
    times = len(as_texts(repeat.get("timeOfDay"))) or len(set(as_texts(repeat.get("when"))))
    weekdays = len(set(as_texts(repeat.get("dayOfWeek"))))
    daily = Span(Fraction(max(times, 1)), Fraction(max(times, 1)))
    share = Span(Fraction(weekdays or 7, 7), Fraction(weekdays or 7, 7))
    if period is None or unit not in DAYS_IN:
        return daily * share if times or weekdays else None
    if period <= 0 or (said is not None and said <= 0):
        return Span(Fraction(0), Fraction(0))
    if said is None and weekdays and unit in ("d", "wk"):
        return daily * share  # the days are the frequency
    longest = max(period, as_number(repeat.get("periodMax")) or period)
    low = Fraction(said) if said is not None else daily.low
    high = max(low, Fraction(as_number(repeat.get("frequencyMax")) or low), Fraction(times))
    days = DAYS_IN[unit]
    span = Span(low / (Fraction(longest) * days), high / (Fraction(period) * days))
    return span * share if unit == "d" and period == 1 else span


def _coded(codes: Sequence[str]) -> Span | None:
    """A GTS abbreviation: `BID`, `Q6H`."""
    for name in codes:
        plain = name.upper().removesuffix("PRN").strip(" -_")
        every = _EVERY_HOURS.match(plain)
        if every and int(every[1]):
            return _exactly(Fraction(24, int(every[1])))
        if plain in _CODES:
            return _exactly(_CODES[plain])
    return None


def _worded(texts: Sequence[str]) -> Span | None:
    """The frequency that the code's text or displays name: "twice daily"."""
    for name in texts:
        if name.upper() in _CODES:
            return _exactly(_CODES[name.upper()])
        words = read_words(name)
        takes = [take for step in words.steps for take in step.takes]
        if len(takes) == 1 and takes[0].per_day is not None and takes[0].amount is None:
            return takes[0].per_day  # a name that gives a frequency alone
    return None


def _exactly(rate: Fraction) -> Span:
    return Span(rate, rate)


def _count(repeat: Json, field: str, path: str, problems: Problems) -> int | None:
    """How many times in all; a problem where that is written and is no number of times."""
    count = as_count(repeat.get(field))
    if count is not None and count <= _MOST_TIMES:
        return count
    if repeat.get(field) is not None:
        problems.add(f"{path}.repeat.{field}", MAKES_NO_SENSE)
    return None


def _duration(repeat: Json, path: str, problems: Problems) -> Decimal | None:
    """One that is written and can't be read is a problem: it is not the same as none."""
    if repeat.get("duration") is None:
        return None
    value = as_number(repeat["duration"])
    unit = time_unit(as_text(repeat.get("durationUnit")) or as_text(repeat.get("durationUnits")))
    if value is None:
        problems.add(f"{path}.duration", "no number")
    elif value <= 0:
        problems.add(f"{path}.duration", "not above zero")
    elif unit not in DAYS_IN:
        problems.add(f"{path}.duration", f'unknown unit "{unit[:20]}"' if unit else "no unit")
    elif (minutes := Fraction(value) * DAYS_IN[unit] * 1440) > _LONGEST_MIN:
        problems.add(f"{path}.duration", MAKES_NO_SENSE)
    else:
        return decimal(minutes)
    return None


def _is_unread(duration: object) -> bool:
    """A number in quotes, or in a unit that is not known; 0 is read, and gives no time."""
    value = as_number(duration)
    return duration is not None and (value is None or value > 0)


def _length(repeat: Json, path: str, problems: Problems) -> Span | None:
    """The length of the course in days: boundsDuration, boundsRange, or STU3's boundsQuantity."""
    for name in ("boundsDuration", "boundsQuantity"):
        if repeat.get(name):
            days = days_of(repeat[name])
            if days is None:
                problems.add(f"{path}.{name}", "not a length of time")
            return None if days is None else _exactly(days)
    limits = as_object(repeat.get("boundsRange"))
    low, high = days_of(limits.get("low")), days_of(limits.get("high"))
    known = [days for days in (low, high) if days is not None]
    return Span(min(known), max(known)) if known else None
