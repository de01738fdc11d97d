"""Steps by the calendar: `1/6 to 14/6: 1 tablet od; from 15 June …`. Fact: `dates`.

Whether 3/4 is in March or in April is not told by one date; all dates of a text must make sense in
the same order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from cds.dosage.words.facts import Said, skip
from cds.dosage.words.readers.clocks import clock, clock_number, hour_of_24
from cds.dosage.words.readers.day_times import WEEK
from cds.dosage.words.readers.numbered_days import Days
from cds.dosage.words.scan import Item

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NO_YEAR = 2001
_A_COURSE, _NO_COURSE = 14, 100
"""days: of two ways to read two dates, the shorter is meant where the other is longer than this"""
_NAMED = re.compile(r"([0-9]+)-([a-z]{3})[a-z]*-([0-9]+)")
_DAY_AND_MONTH = re.compile(r"[0-9]{1,2}/[0-9]{1,2}")
"""also where it could be a fraction: the `3/4` of `3/4-3/10`"""
_BRITISH = frozenset({"bd", "bds", "tds", "qds", "od", "om", "nocte", "mane", "tto", "gp"})
_AMERICAN = frozenset({"bid", "tid", "qid", "qd", "qhs", "qam", "qpm", "refill", "refills", "disp"})
"""words by which a text writes the day, or the month, first"""
AMERICAN_ZONES = ("est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt")
"""where the month stands first"""
_TO = ("to", "-", "through", "thru", "until", "till")


class Written(NamedTuple):
    """A date as its figures stand; with a month in words the day is `b`."""

    a: int
    b: int
    year: int | None
    sure: bool
    """that `a` is the month"""
    weekday: str | None = None
    """`tue`, where it stands before the date"""

    def as_date(self, *, day_first: bool) -> date | None:
        """None where the figures, or the day of the week, are of no such date."""
        month, day = (self.b, self.a) if day_first and not self.sure else (self.a, self.b)
        try:
            found = date(self.year or _NO_YEAR, month, day)
        except ValueError:
            return None
        told = self.weekday if self.year else None
        return found if told is None or WEEK[found.weekday()] == told else None


class Stretch(NamedTuple):
    """From one date to another; None: goes on."""

    first: Written
    last: Written | None
    minute: int | None = None
    """the hour of the first day, where it is told"""


class Moment(NamedTuple):
    """A day as written, with its hour in minutes where that is told."""

    day: Written
    minute: int | None


def moment(items: Sequence[Item], at: int, end: int) -> Moment | None:
    """The first day that stands between two places."""
    for place in range(at, end):
        if (found := _date(items, place)) is not None and found[0] <= end:
            return Moment(found[1], _hour(items, found[0], end))
    return None


def _hour(items: Sequence[Item], at: int, end: int) -> int | None:
    """The first clock time between two places, in minutes."""
    clocks = (_clock(items, place) for place in range(at, end))
    return next((minute for minute in clocks if minute is not None), None)


def _clock(items: Sequence[Item], at: int) -> int | None:
    said = clock(items, at) if items[at].kind == "clock" else clock_number(items, at)
    return said[2] if said else None


def length_between(first: Moment, last: Moment) -> int | None:
    """Days from one to the other; a last day that ends before the hour of the first is none.
    None where the figures can be read as two lengths."""
    found = in_days([Stretch(first.day, last.day)])
    days = found[0].last if found else None
    if days is None or first.minute is None or last.minute is None:
        return days
    return days - (last.minute <= first.minute) or None


def only_day(written: Written) -> date | None:
    """The day of a date that can be read in one way."""
    ways = {written.as_date(day_first=day_first) for day_first in (True, False)} - {None}
    return ways.pop() if len(ways) == 1 and written.year is not None else None


def dates(items: Sequence[Item], at: int) -> Said | None:
    """`6/14/24 through 6/20/24`, `from 1 March`, `beginning 6/21/24`."""
    led = items[at].kind in ("from", "verb", "date_cue")
    place = skip(items, at + led, "on", ":", "weekday")
    found = _date(items, place)
    if found is None:
        return None
    end, first = found
    if items[place].kind == "num" and "/" in items[place].key and "/" not in items[end + 1].key:
        return None  # "1/2 tablet"
    if items[end].kind in _TO and (second := _date(items, skip(items, end + 1, "weekday"))):
        return second[0], "dates", Stretch(first, second[1])
    open_ended = items[end].kind == "onward" or (
        items[end].kind == "on" and items[end + 1].kind == ":"
    )
    if items[at].kind == "date_cue" or not (led or open_ended):
        return None
    after = _past_clock(items, end)
    minute, end = _hour(items, end, after), after
    end += items[end].kind == "onward" or (
        items[end].kind == "on" and items[end + 1].kind in ("num", ":", ",", "a")
    )
    return end, "dates", Stretch(first, None, minute)


def _past_clock(items: Sequence[Item], at: int) -> int:
    """Past the hour of a date: `08:00 EST`, `@0900`, `at 9 am`, `1700`."""
    place = skip(items, at, "at", "@")
    led = place > at or (
        items[at - 1].kind == "date" and hour_of_24(items, at, led=True) is not None
    )
    said = clock_number(items, place) if led else None
    end = place + 1 if items[place].kind == "clock" else said[0] if said else at
    return end + (items[end].key in AMERICAN_ZONES)


def _date(items: Sequence[Item], at: int) -> tuple[int, Written] | None:
    item = items[at]
    if item.kind == "num" and items[at + 1].kind == "/" and items[at + 2].key == "24":
        first = int(item.value.low)  # "3/24", which may also be hours
        return at + 3, Written(first, 24, None, sure=False)
    if item.kind == "date" and (named := _NAMED.fullmatch(item.key)):  # "12-apr-2024"
        in_words = MONTHS.index(named[2]) + 1
        return at + 1, Written(in_words, int(named[1]), _in_full(int(named[3])), sure=True)
    if item.kind in ("date", "ratio") or _DAY_AND_MONTH.fullmatch(item.key):
        return at + 1, _in_figures(items, at)
    before = item.kind in ("num", "ordinal")
    month = items[at + 1] if before else item
    day = item if before else items[at + 1]
    if not (month.kind == "month" or (month.key == "may" and before)) or day.kind not in (
        "num",
        "ordinal",
    ):
        return None
    number = day.value if day.kind == "ordinal" else day.value.low
    end = skip(items, at + 2, ",")
    year = int(items[end].key) if items[end].key.isdigit() and len(items[end].key) == 4 else None
    written = Written(MONTHS.index(month.key[:3]) + 1, int(number), year, sure=True)
    return (end + 1 if year else at + 2), written


def _in_figures(items: Sequence[Item], at: int) -> Written:
    """`3/4`, `3/4/25`, `2025-04-03`: the day first where the other words are British."""
    figures = [int(figure) for figure in items[at].key.replace("-", "/").split("/")]
    words = {item.key for item in items}
    british, american = bool(words & _BRITISH), bool(words & _AMERICAN)
    if len(figures) == 2:
        in_order = figures[::-1] if british and not american else figures
        return Written(in_order[0], in_order[1], None, sure=british != american)
    if figures[0] > 31:
        return Written(figures[1], figures[2], figures[0], sure=True)
    year = _in_full(figures[2])
    zone = items[_past_clock(items, at + 1) - 1].key in AMERICAN_ZONES
    if british and not american and not zone:
        return Written(figures[1], figures[0], year, sure=True)
    month_first = zone or (american and not british)
    return Written(figures[0], figures[1], year, month_first, _weekday(items, at))


def _in_full(year: int) -> int:
    return year + 2000 if year < 100 else year


def _weekday(items: Sequence[Item], at: int) -> str | None:
    """The `Tue` of `Tue 3/5/24`."""
    place = at - 1 - (items[at - 1].kind == ",")
    named = at > 0 and items[place].kind == "weekday" and " " not in items[place].value
    return items[place].value if named else None


def in_days(stretches: Sequence[Stretch]) -> list[Days] | None:
    """The stretches as days of a course that begins with the first; None where they are not in
    order, or are so in two ways."""
    ways = [_days(stretches, day_first=day_first) for day_first in (True, False)]
    found = [way for way in ways if way is not None]
    if len(stretches) > 1 and len(found) > 1:  # one that leaves no day out is meant
        found = [way for way in found if _without_gaps(way)] or found
    found = _days_not_months(found)
    return found[0] if found and all(way == found[0] for way in found) else None


def _days_not_months(ways: list[list[Days]]) -> list[list[Days]]:
    """Of `3/1 through 3/10` the ten days, and not the nine months."""
    lasts = [way[-1].last for way in ways]
    if len(ways) < 2 or None in lasts:
        return ways
    short, long = sorted(
        ((last, way) for last, way in zip(lasts, ways, strict=True) if last),
        key=lambda pair: pair[0],
    )
    return [short[1]] if short[0] <= _A_COURSE and long[0] > _NO_COURSE else ways


def _without_gaps(days: Sequence[Days]) -> bool:
    return all(a.last is None or a.last + 1 == b.first for a, b in pairwise(days))


def _days(stretches: Sequence[Stretch], *, day_first: bool) -> list[Days] | None:
    starts = [s.first.as_date(day_first=day_first) for s in stretches]
    ends = [s.last.as_date(day_first=day_first) if s.last else None for s in stretches]
    if any(start is None for start in starts) or any(
        end is None and s.last is not None for end, s in zip(ends, stretches, strict=True)
    ):
        return None
    firsts = [start.toordinal() for start in starts if start is not None]
    lasts = [end.toordinal() if end else None for end in ends]
    if any(a >= b for a, b in pairwise(firsts)):
        return None
    days = []
    for place, first in enumerate(firsts):
        last = lasts[place]
        if last is None and place + 1 < len(firsts):
            last = firsts[place + 1] - 1
        if last is not None and last < first:
            return None
        days.append(Days(first - firsts[0] + 1, last - firsts[0] + 1 if last else None))
    return days
