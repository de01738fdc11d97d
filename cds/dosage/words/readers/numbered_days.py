"""Days of a course by their numbers: `days 2-5`, `from the third week`, `night 1`.

Facts: `days`, and `length` (`first 3 days`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from cds.dosage.words.facts import Length, Said, skip, span_of
from cds.dosage.words.readers.lengths import stretch
from cds.dosage.words.scan import Item

_NEAR = 40
_NUMBERED = ("night", "nights", "day", "days")


class Days(NamedTuple):
    """`days 2-5`; `last` None: goes on."""

    first: int
    last: int | None


def nights(items: Sequence[Item], at: int) -> Said | None:
    """`nights 1 to 3`, `from night 4`."""
    if items[at].key == "nights":
        return days(items, at)
    if items[at].key != "night" or (
        at and items[at - 1].kind in ("at", "every", "each", "in", "q")
    ):
        return None
    near = items[max(0, at - _NEAR) : at + _NEAR]
    numbered = [b.kind == "num" and a.key in _NUMBERED for a, b in pairwise(near)]
    others = any(item.kind == "part" and item.value != "night" for item in near)
    return days(items, at) if sum(numbered) > 1 and not others else None


def days(items: Sequence[Item], at: int) -> Said | None:
    """`day 1`, `days 2-5`, `weeks 1 to 2`, `day 4 onwards`, `week 3+`."""
    unit, number = items[at].value, items[skip(items, at + 1, "#")]
    unit = "d" if items[at].kind == "part" else unit
    letter = items[at].key in ("d", "w") and not _lettered(items, at)
    if unit not in ("d", "wk") or letter or number.kind != "num":
        return None
    span = number.value
    if span.low.denominator != 1 or span.high.denominator != 1 or span.low < 1:
        return None
    first, last, end = int(span.low), int(span.high), skip(items, at + 1, "#") + 1
    if items[end].kind in ("unit", "letter_unit"):
        return None  # "week 1 - 2 tablets"
    if items[end].kind in ("through", "thru", "to", "until", "-"):
        after = skip(items, end + 1, "time")
        whole = items[after].kind == "num" and items[after].value.low.denominator == 1
        if whole and items[after + 1].kind not in ("unit", "letter_unit", "times", "a"):
            last, end = int(items[after].value.low), after + 1
    plus = items[end].kind == "+" and items[end].glued and items[end + 1].glued  # "wk 1+2"
    if plus or (items[at].key.endswith("s") and items[end].kind in ("and", "&")):
        other, beyond = items[end + 1], items[end + 2].kind
        follows = other.kind == "num" and other.value == span_of(last + 1)
        if follows and beyond not in ("unit", "letter_unit", "times"):
            last, end = last + 1, end + 2  # "weeks 1 and 2"
    forever = items[end].kind == "then" and items[end + 1].kind in (":", "-", "end", ".", ";", ",")
    open_ended = (
        forever
        or items[end].kind in ("onward", "+")
        or (items[end].kind in ("on", "and") and items[end + 1].kind in ("after", "following"))
    )
    end += open_ended and items[end].kind == "and"
    open_ended = open_ended or (
        items[end].kind == "on" and items[end + 1].kind in ("num", "pattern", ",", ":", "a", "end")
    )
    factor = 7 if unit == "wk" else 1
    if not 1 <= first <= last <= 400:
        return None
    return _range_of_days(end + open_ended, first, None if open_ended else last, factor)


def _range_of_days(end: int, first: int, last: int | None, factor: int) -> Said:
    return end, "days", Days((first - 1) * factor + 1, last * factor if last else None)


def _lettered(items: Sequence[Item], at: int) -> bool:
    """`D1 20 mg, D2 15 mg`: several days by a letter with its number."""
    key = items[at].key
    named = [b.kind == "num" and b.glued and a.key == key for a, b in pairwise(items)]
    return items[at + 1].glued and sum(named) > 1


def on_days(items: Sequence[Item], at: int) -> Said | None:
    """`on day 1`, `on the first day`, `from day 4`, `on days 2-5`."""
    place = skip(items, at + 1, "the")
    numbered = items[place].kind == "time" or items[place].key in ("night", "nights")
    said = days(items, place) if numbered else nth_day(items, place)
    if said is None:
        return None
    named, last = said[2].first, said[2].last
    one = last == named or (last == named + 6 and (not numbered or items[place].value == "wk"))
    if items[at].kind == "from" and one:
        return said[0], "days", Days(named, None)
    return said


def nth_day(items: Sequence[Item], at: int) -> Said | None:
    """`first day`, `2nd week`, `third week`; `first 3 days` is a length."""
    at = skip(items, at, "the")
    item = items[at]
    nth = {"first": 1, "second": 2, "third": 3}.get(item.kind)
    if item.kind == "ordinal":
        nth = item.value
    unit = items[at + 1]
    if nth and unit.kind == "time" and unit.value in ("d", "wk"):
        return _range_of_days(at + 2, nth, nth, 7 if unit.value == "wk" else 1)
    if item.kind in ("first", "next", "following") and (found := stretch(items, at + 1)):
        return found[0], "length", Length(found[1], found[2], "for")
    return None
