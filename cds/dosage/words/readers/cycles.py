"""So long with, so long without: `3 weeks on, 1 week off`, `12 hours on and 12 hours off`.

Facts: `cycle` (the share of days), `worn` (hours of a day: the drug is put on once a day).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.words.facts import DAYS, Said, skip, span_of
from cds.dosage.words.readers.numbered_days import days
from cds.dosage.words.scan import Item

_DAY_OF_HOURS = 24
_ON = ("on", "with", "of", "therapy", "active")
_BETWEEN = ("and", "&", ",", ";", "then", "/", "-", "followed", "by", "a", "stop", "method", "the",
            ":", "for", "verb", "advice", "no", "in", ".", "gap", "polite")  # fmt: skip
_OFF = ("off", "without", "break", "free", "rest", "interval", "gap", "pause")
_AGAIN = ("repeat", "repeated", "cycle", "cycles", "restart", "resume", "continue")


def cycle(items: Sequence[Item], at: int) -> Said | None:
    """`21 days on 7 days off`, `for 12 hours then remove for 12 hours`."""
    if (said := of_a_cycle(items, at)) is not None:
        return said
    start = skip(items, at, "for", "on", "x", "verb")
    with_it = _stretch(items, start)
    if with_it is None:
        return None
    place = with_it[0]
    on = items[place].key in _ON
    place += on
    between = place
    while items[place].kind in _BETWEEN or items[place].key in _OFF or items[place].key == "remove":
        place += 1
    crossed = {item.key for item in items[between:place]}
    without = _stretch(items, place) or _free_days(items, place) or _same_unit(items, start, place)
    if without is None:
        return None
    end = without[0]
    named = bool(crossed & {*_OFF, "remove", "stop"})
    free = skip(items, end, "unit", "-")
    if items[free].key in _OFF:
        end = free  # "7-day-free", "7 day tablet-free break"
    while items[end].key in _OFF or items[end].key in ("pill", "days", "break", "period"):
        named, end = True, end + 1
    if not named:
        return None
    end = _past_again(items, end)
    again = items[end].kind in ("every", "each", "q") and _stretch(items, end + 1)
    if again and again[1] == with_it[1] + without[1]:
        end = again[0]  # "3 weeks on, 1 week off. Repeat every 28 days"
    return end, *_share(with_it[1], without[1])


def on_and_off(items: Sequence[Item], at: int) -> Said | None:
    """`on 0900, off 2100`, `on 12 hrs / off 12 hrs`: worn so long of each day."""
    place = skip(items, at + 1, "at", "for")
    on, off = _hours_or_clock(items, place), None
    if on is not None:
        off = skip(items, on, ",", "/", ";", "and", "then")
    if off is None or items[off].key != "off":
        return None
    end = _hours_or_clock(items, skip(items, off + 1, "at", "for"))
    return None if end is None else (end, "worn", None)


def _hours_or_clock(items: Sequence[Item], at: int) -> int | None:
    """The end of `12 hrs`, `0900`, `9 am`."""
    if items[at].kind == "num" and items[at + 1][:2] == ("time", "h"):
        return at + 2
    if items[at].kind == "clock" or (items[at].key.isdigit() and len(items[at].key) == 4):
        return at + 1
    half = items[at].kind == "num" and items[at + 1].key in ("am", "pm")
    return at + 2 if half else None


def of_a_cycle(items: Sequence[Item], at: int) -> Said | None:
    """`on days 1 to 21 of each 28-day cycle`, `days 15-26 of the cycle of 28 days`."""
    place = skip(items, at, "on", "for")
    first = skip(items, place, "the")
    if items[first].kind in ("first", "last") and (found := _of_each_month(items, first + 1)):
        return found
    said = days(items, place) if items[place].kind == "time" else None
    if said is None or said[2].last is None:
        return None
    end = skip(items, said[0], "of", "each", "every", "a", "the", "your", "in", "(")
    if end > said[0] and items[end][:2] == ("time", "mo"):
        share = Fraction(said[2].last - said[2].first + 1) / DAYS["mo"]
        return end + 1, "cycle", span_of(share)  # "on days 1 to 12 of each month"
    whole = _stretch(items, end)
    if end == said[0] or whole is None or whole[1] < said[2].last:
        return None
    past = _past_cycle(items, whole[0])
    if past is None:
        return None
    share = Fraction(said[2].last - said[2].first + 1) / whole[1]
    return _past_again(items, past + (items[past].kind == ")")), "cycle", span_of(share)


def _past_cycle(items: Sequence[Item], at: int) -> int | None:
    """The end of the `HRT cycle` of `each 28 day HRT cycle`."""
    ends = (n + 1 for n in range(at, at + 3) if items[n].key in ("cycle", "cycles", "month"))
    return next(ends, None)


def _of_each_month(items: Sequence[Item], at: int) -> Said | None:
    """The `10 days of each month` of `for the first 10 days of each month`."""
    some = _stretch(items, at)
    if some is None or items[some[0]].kind != "of":
        return None
    end = skip(items, some[0] + 1, "each", "every", "the", "a")
    whole = _stretch(items, end)
    past = _past_cycle(items, whole[0]) if whole is not None else None
    if whole is not None and past is not None and some[1] < whole[1]:
        return past, "cycle", span_of(some[1] / whole[1])
    if items[end][:2] != ("time", "mo") or not 0 < some[1] < DAYS["mo"]:
        return None
    return end + 1, "cycle", span_of(some[1] / DAYS["mo"])


def _stretch(items: Sequence[Item], at: int) -> tuple[int, Fraction] | None:
    """Its end, and days."""
    item, unit = items[at], items[skip(items, at + 1, "-")]
    if item.kind == "a" and items[at + 1].kind == "time":
        return at + 2, DAYS[items[at + 1].value] if items[at + 1].value in DAYS else Fraction(0)
    if item.kind != "num" or item.value.low != item.value.high or unit.kind != "time":
        return None
    factor = DAYS.get(unit.value)
    return None if factor is None else (skip(items, at + 1, "-") + 1, item.value.low * factor)


def then_replaced(items: Sequence[Item], at: int) -> Said | None:
    """`for 7 days then replace with a new one`: from one to the next."""
    found = _stretch(items, at + 1)
    if found is None or found[1] < 1:
        return None
    place = skip(items, found[0], ",", "and", "then")
    changed = items[place].kind in ("verb", "former") and items[place].key in _REPLACE
    if place == found[0] or not changed or not any(i.value == "{patch}" for i in items[:at]):
        return None
    end = skip(items, place + 1, "with", "a", "verb", "unit", "how")
    end += items[end].kind == "num" and items[end].key == "1"
    return end, "seldom", span_of(1 / found[1])


_REPLACE = ("replace", "change", "renew", "remove")


def _free_days(items: Sequence[Item], at: int) -> tuple[int, Fraction] | None:
    """The `7 pill free days` of `21 days followed by 7 pill free days`; ends before `free`."""
    free = skip(items, at + 1, "unit", "-")
    if items[at].kind != "num" or items[free].key != "free" or items[free + 1].key != "days":
        return None
    return free, items[at].value.low


def _same_unit(items: Sequence[Item], start: int, at: int) -> tuple[int, Fraction] | None:
    """The `12 off` of `12 hours on / 12 off`."""
    unit = items[skip(items, start + 1, "-")]
    if items[at].kind != "num" or items[at + 1].key != "off" or unit.kind != "time":
        return None
    factor = DAYS.get(unit.value)
    return None if factor is None else (at + 1, items[at].value.low * factor)


def _share(on: Fraction, off: Fraction) -> tuple[str, object]:
    if on < 1 or off < 1:
        return ("worn", None) if on + off == 1 else ("unknown", None)
    return "cycle", span_of(on / (on + off))


def _past_again(items: Sequence[Item], at: int) -> int:
    """Past `, then repeat`, `repeat the cycle`."""
    place = skip(items, at, ",", ";", "then", "and", "&", ".")
    end = place
    while items[end].key in _AGAIN or (
        end > place and items[end].kind in ("the", "this", "every") and items[end + 1].kind != "num"
    ):
        end += 1
    return end if end > place else at
