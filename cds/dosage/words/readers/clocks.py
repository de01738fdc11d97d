"""Times by the clock. Facts: `clock`, and `clocks` for several written as one."""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Said, span_of
from cds.dosage.words.scan import Item

_OF_AN_AMOUNT = ("unit", "letter_unit", "other_unit", "kg", "/", "x", "time", "refill", "form",
                 "ntimes", "a", "times", "supply", "%")  # fmt: skip
_AFTER_HALF = (",", ";", ".", "end", ")", "]", "and", "&", "/", "-", "for", "prn")
_BEFORE_A_CLOCK = ("at", "@", "q", ":", "(", ",", "and", "&", "often", "every_day", "adverb", "-",
                   "/", "part", "how", ";", "clock", "before", "by", "num", "bad")  # fmt: skip


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
    elif half.key in ("a", "p", "n") and half.glued and 1 <= hour <= 12:
        hour = hour % 12 + (0 if half.key == "a" else 12)  # "6a", "12n", "2p"
        end += 1
    elif half.key in ("h", "hr", "hrs", "hours", "oclock"):
        end += 1
    return end, "clock", hour * 60 + minute


def number_clock(items: Sequence[Item], at: int) -> Said | None:
    """`8am` with no space, `2 pm` right after another clock time, `0900`."""
    half = items[at + 1]
    if half.key in ("a", "p", "n") and half.glued and items[at + 2].kind in _AFTER_HALF:
        return clock_number(items, at)
    led = half.glued or (at > 0 and items[at - 1].kind in ("q", "every"))
    if half.kind == "part" and half.key in ("am", "pm") and led:
        return clock_number(items, at)
    if half.kind == "part" and half.key in ("am", "pm") and _after_a_clock(items, at):
        return clock_number(items, at)  # "at 8 am and 2 pm"
    return clock_number(items, at) if hour_of_24(items, at) is not None else None


def hour_of_24(items: Sequence[Item], at: int, *, led: bool = False) -> int | None:
    """The hour of `0900`, `1730`, `0600 hrs`: four figures that nothing makes an amount.

    `led`: what stands before tells of a clock."""
    key, after = items[at].key, items[at + 1]
    if len(key) != 4 or not key.isdigit() or key[2:] not in ("00", "15", "30", "45"):
        return None
    if items[at].kind == "num" and items[at].value.low != items[at].value.high:
        return None
    hours = after.kind == "time" and after.value == "h"
    apart = after.kind == "/" and items[at + 2].kind == "num" and items[at + 3].kind == "unit"
    if int(key[:2]) > 24 or (after.kind in _OF_AN_AMOUNT and not hours and not apart):
        return None
    led = led or at == 0 or items[at - 1].kind in _BEFORE_A_CLOCK or _after_one_form(items, at)
    return int(key[:2]) if key[0] == "0" or hours or led else None


def _after_one_form(items: Sequence[Item], at: int) -> bool:
    """`2 tabs 0700, 1.5 tabs 1100`: behind what is counted, and an hour stands there already."""
    form = items[at - 1]
    counted = form.kind == "unit" and form.value.startswith("{")
    more = [
        n
        for n in range(at + 1, len(items) - 1)
        if len(items[n].key) == 4 and items[n].key.isdigit()
    ]
    if counted and any(items[n - 1].kind == "unit" for n in more):
        return True  # "3 caps 0800 / 2 caps 2000"
    return counted and any(item.kind == "clock" or (item.key[:1] == "0" and len(item.key) == 4)
                           for item in items[:at])  # fmt: skip


def clock_list(items: Sequence[Item], at: int) -> Said:
    """`09-13-21`."""
    return at + 1, "clocks", items[at].value


def _after_a_clock(items: Sequence[Item], at: int) -> bool:
    """Whether a clock time with am or pm stands before this number, joined to it."""
    back = at - 1
    while back >= 2 and items[back].kind in ("and", "&", ","):
        back -= 1
    half, figure = items[back], items[back - 1]
    if half.kind == "part" and (half.key == "12" or half.value == "noon") and back < at - 1:
        return True  # "8 am, 12 noon and 4 pm"
    if back == at - 1 or back < 1 or half.key not in ("am", "pm"):
        return False
    if figure.kind == "clock" or half.glued:
        return True
    lead = items[back - 2].kind if back > 1 else ""
    return figure.kind == "num" and (lead in ("at", "@") or _after_a_clock(items, back - 1))
