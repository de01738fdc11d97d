"""Parts of the day, clock times and days of the week.

Facts: `part`, `clock`, `weekdays`, `od`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Said, skip, span_of
from cds.dosage.words.scan import Item

_PREPOSITIONS = (
    "at", "with", "before", "after", "during", "in", "on", "upon", "the", "your", "my", "by", "of",
    "each", "every", "q", "~", "@", "first", "about", "approximately", "or", "from", "a", "an", ":",
    "just", "immediately", "right", "shortly", "prior", "to", "food",
)  # fmt: skip
_AFTER_A_CLOCK = frozenset({
    "end", ",", ".", ";", ")", "and", "&", "+", "or", "for", "then", "prn", "-", "with", "x", "in",
    "every_day", "adverb", "route", "how", "every", "each", "/", "part", "num", "on",
})  # fmt: skip
_TIMES_OF_DAY = (
    "part", "meals", "clock", "weekday", "rest_of_week", "parity", "awake", "today", "meal",
)  # fmt: skip
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def preposition(items: Sequence[Item], at: int) -> Said | None:
    """The `in the` of `in the morning`: nothing of its own, where a time of the day follows."""
    place = at
    while items[place].kind in _PREPOSITIONS and place < at + 6:
        place += 1
    if items[place].kind in _TIMES_OF_DAY and place > at:
        return place, "fill", items[at].kind
    if items[at].kind in ("at", "@", "~", "by") and (said := clock_number(items, at + 1)):
        return said if items[said[0]].kind in _AFTER_A_CLOCK else None
    return None


def clock_number(items: Sequence[Item], at: int) -> Said | None:
    """`8am`, `0800 hrs`, `8 o'clock`, `8` after `at`."""
    item = items[at]
    digits = item.key.isdigit()
    if item.kind not in ("num", "bad") or not digits or len(item.key) > 4:
        return None
    whole = int(item.key)
    hour, minute = divmod(whole, 100) if len(item.key) > 2 else (whole, 0)
    if hour > 24 or minute > 59:
        return None
    if item.kind == "num" and item.value != span_of(whole):
        return None
    return _half_day(items, at + 1, hour, minute)


def clock(items: Sequence[Item], at: int) -> Said | None:
    """`08:00`, `8:30 pm`."""
    hour, minute = map(int, items[at].key.split(":")[:2])
    return _half_day(items, at + 1, hour, minute) if hour <= 24 and minute <= 59 else None


def _half_day(items: Sequence[Item], end: int, hour: int, minute: int) -> Said | None:
    half = items[end]
    if half.key in ("am", "pm") and half.kind == "part":
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.key == "pm" else 0)
        end += 1
    elif half.key in ("h", "hr", "hrs", "hours", "oclock"):
        end += 1
    return end, "clock", hour * 60 + minute


def number_clock(items: Sequence[Item], at: int) -> Said | None:
    """`8am` with no space, or `2 pm` right after another clock time."""
    half = items[at + 1]
    if half.kind == "part" and half.key in ("am", "pm") and half.glued:
        return clock_number(items, at)
    if half.kind == "part" and half.key in ("am", "pm") and _after_a_clock(items, at):
        return clock_number(items, at)  # "at 8 am and 2 pm"
    before = items[at - 2] if at > 1 and items[at - 1].kind in ("and", "&", ",") else None
    four = len(items[at].key) == 4 and items[at].key.isdigit()
    if four and before is not None and len(before.key) == 4 and before.key.isdigit():
        return clock_number(items, at)  # "at 0800 and 2000"
    return None


def _after_a_clock(items: Sequence[Item], at: int) -> bool:
    """Whether a clock time with am or pm stands before this number, joined to it."""
    back = at - 1
    while back >= 2 and items[back].kind in ("and", "&", ","):
        back -= 1
    half, figure = items[back], items[back - 1]
    if back == at - 1 or back < 1 or half.key not in ("am", "pm"):
        return False
    if figure.kind == "clock" or half.glued:
        return True
    lead = items[back - 2].kind if back > 1 else ""
    return figure.kind == "num" and (lead in ("at", "@") or _after_a_clock(items, back - 1))


def weekdays(items: Sequence[Item], at: int) -> Said | None:
    """`Mon-Fri`, `Mon/Wed/Fri`, `Mondays and Thursdays`."""
    days = set(items[at].value.split())
    end = at + 1
    while True:
        mark, after = items[end].kind, skip(items, end + 1, "on", "every", ",", "the", "and")
        if items[after].kind != "weekday" or mark not in (
            "-", "to", "through", "thru", ",", "/", "and", "&", ".", "weekday", "+",
        ):  # fmt: skip
            if mark == "weekday":
                days |= set(items[end].value.split())
                end += 1
                continue
            return end, "weekdays", frozenset(days)
        if mark in ("-", "to", "through", "thru"):
            first, last = items[end - 1].value, items[after].value
            if " " in first or " " in last:
                return None
            days |= set(_from_to(first, last))
        elif mark == "weekday":
            after = end
        days |= set(items[after].value.split())
        end = after + 1


def _from_to(first: str, last: str) -> list[str]:
    start, stop = WEEK.index(first), WEEK.index(last)
    return [WEEK[(start + i) % 7] for i in range((stop - start) % 7 + 1)]


def part(items: Sequence[Item], at: int) -> Said | None:
    """A part of the day."""
    return at + 1, "part", items[at].value


def on(items: Sequence[Item], at: int) -> Said | None:
    """`2 on` (at night), and the English word before a day or time."""
    said = preposition(items, at)
    if said is not None:
        return said
    before, after = items[at - 1].kind if at else "", items[at + 1].kind
    if after in ("alternate", "alternative", "seldom") or (after == "every" and before):
        return at + 1, "fill", None
    counted = before in ("num", "od", "part")
    if counted and after in ("end", ",", ".", ";", ")", "prn", "for", "x", "and", "&", "then", "+"):
        return at + 1, "part", "night"
    return None


def od(items: Sequence[Item], at: int) -> Said | None:
    """Once a day where tablets are taken, or other British words stand beside it."""
    before = items[at - 1] if at else None
    if before is None:
        return None
    counted = before.kind in ("num", "unit", "letter_unit", "route") and before.key not in (
        "drop", "drops",
    )  # fmt: skip
    return (at + 1, "od", None) if counted else (at + 1, "od_alone", None)
