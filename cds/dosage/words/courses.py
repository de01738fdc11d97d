"""How long, and what changes: lengths, days of a course, maxima, increases and decreases."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from cds.dosage.model import Span
from cds.dosage.words.amounts import amount
from cds.dosage.words.facts import DAYS, ONE, Dose, Length, Said, skip, span_of
from cds.dosage.words.often import every, per, times
from cds.dosage.words.scan import Item

_MANY = ("sessions", "session", "treatments", "treatment", "administrations", "visits", "method")
_BRITISH = {"7": "d", "52": "wk", "12": "mo"}
"""`5/7` is five days, `2/52` two weeks, `3/12` three months."""


class Maximum(NamedTuple):
    """The most of a period of so many days (None: of one administration, or not said)."""

    dose: Dose | None
    times: Fraction | None
    days: int | None
    of_other: bool = False
    """of one ingredient of the product: `max 4 g acetaminophen a day`"""


class Change(NamedTuple):
    """`increase by 25 mg every week to 100 mg`."""

    sign: int
    by: Dose
    every: Fraction
    """days"""
    target: Dose | None = None
    start: Dose | None = None
    until_stopped: bool = False


class Days(NamedTuple):
    """`days 2-5`; `last` None: goes on."""

    first: int
    last: int | None


def length(items: Sequence[Item], at: int) -> Said | None:
    """`for 7 days`, `x 1 wk`, `over 40 min`, `for the next 2 weeks`, `x5/7`, `for 3 doses`."""
    cue = items[at].kind
    place = skip(
        items,
        at + 1,
        "the",
        "about",
        "approximately",
        "total",
        "at",
        "extra",
        ":",
        "of",
        "following",
    )
    if cue == "for":
        place = skip(items, place, "a") if items[place + 1].kind in ("time", "total") else place
        place = skip(
            items,
            place,
            "total",
            "of",
            "next",
            "following",
            "first",
            "upto",
            "up",
            "to",
            "last",
            "the",
            "1st",
        )
    item = items[place]
    found = _stretch(items, place) or (_minutes(items, place) if cue == "over" else None)
    if found is not None:
        end, span, unit = found
        said = "up to" if any(i.kind in ("upto", "up") for i in items[at:place]) else cue
        more = skip(items, end, "and")
        if unit == "h" and items[more].kind == "num" and items[more + 1].kind == "time":
            if items[more + 1].value == "min":
                span = span_of(span.low + items[more].value.low / 60)
                end = more + 2
        return end, "length", Length(span, unit, said)
    if item.kind == "num" and items[place + 1].kind in ("doses", "dose"):
        single = item.value == ONE
        return place + 2, "single" if single else "doses", item.value.high
    if item.kind == "num" and items[place + 1].kind in _MANY and cue in ("for", "x", "over"):
        return place + 2, "sessions", (True, item.value)
    if item.kind == "num" and cue == "x":
        return _x(items, place)
    return None


def _stretch(items: Sequence[Item], at: int) -> tuple[int, Span, str] | None:
    """`7 days`, `a week`, `5/7`, `week` after `for the first`."""
    item = items[at]
    if item.kind == "num":
        unit = skip(items, at + 1, "-", "whole", "full", "extra", "a", "an")
        if items[unit].kind == "time" and item.value.low > 0:
            return unit + 1, item.value, items[unit].value
    if item.kind == "ratio":
        top, _, bottom = item.key.partition("/")
        if bottom in _BRITISH and 0 < int(top) < 100:
            return at + 1, span_of(int(top)), _BRITISH[bottom]
    if item.kind == "num" and item.key.endswith(("/7", "/52", "/12")):
        return None
    if item.kind in ("a", "an") and items[at + 1].kind == "time":
        return at + 2, ONE, items[at + 1].value
    if item.kind == "time" and items[at - 1].kind in ("a", "first", "next", "following"):
        return at + 1, ONE, item.value
    return None


def _minutes(items: Sequence[Item], at: int) -> tuple[int, Span, str] | None:
    """The `40 m` and `40'` of an infusion."""
    if items[at].kind == "num" and items[at + 1].key in ("m", "'"):
        return at + 2, items[at].value, "min"
    return None


def _x(items: Sequence[Item], place: int) -> Said | None:
    span, after = items[place].value, items[place + 1]
    if after.kind == "kg":
        return place + 2, "ignored", "weight"
    if after.kind in ("refill", "unit", "letter_unit") or span.low.denominator != 1:
        return None
    if span == ONE:
        return place + 1, "single", "x1"
    return place + 1, "sessions", (False, span)


def bare_length(items: Sequence[Item], at: int) -> Said | None:
    """The `30 day(s)` between the commas of an order entry."""
    found = _stretch(items, at)
    if found is None or found[2] not in ("d", "wk", "mo") or items[at + 1].kind != "time":
        return None
    if at == 0 or items[at - 1].kind != "," or items[found[0]].kind not in (",", ".", "end", ";"):
        return None
    return found[0], "length", Length(found[1], found[2], "for")


def british_length(items: Sequence[Item], at: int) -> Said | None:
    """`5/7` with nothing before it, after a whole instruction."""
    found = _stretch(items, at)
    if found is None or at == 0 or items[at - 1].kind not in ("often", "part", "adverb", "od"):
        return None
    return found[0], "length", Length(found[1], found[2], "for")


def counted(items: Sequence[Item], at: int) -> Said | None:
    """`six sessions`, `6 treatments`."""
    place = skip(items, at + 1, "extra")
    if items[place].kind not in (*_MANY, "doses"):
        return None
    if items[place].kind == "method" and items[place].key not in (
        "infusions", "injections", "infusion", "injection",
    ):  # fmt: skip
        return None
    return place + 1, "sessions", (True, items[at].value)


def days(items: Sequence[Item], at: int) -> Said | None:
    """`day 1`, `days 2-5`, `weeks 1 to 2`, `day 4 onwards`, `week 3+`."""
    unit, number = items[at].value, items[skip(items, at + 1, "#")]
    if unit not in ("d", "wk") or items[at].key in ("d", "w") or number.kind != "num":
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
    open_ended = items[end].kind in ("onward", "+")
    factor = 7 if unit == "wk" else 1
    if not 1 <= first <= last <= 400:
        return None
    return _range_of_days(end + open_ended, first, None if open_ended else last, factor)


def _range_of_days(end: int, first: int, last: int | None, factor: int) -> Said:
    return end, "days", Days((first - 1) * factor + 1, last * factor if last else None)


def on_days(items: Sequence[Item], at: int) -> Said | None:
    """`on day 1`, `on the first day`, `from day 4`, `on days 2-5`."""
    place = skip(items, at + 1, "the")
    said = days(items, place) if items[place].kind == "time" else None
    said = said or (nth_day(items, place) if items[place].kind != "time" else None)
    if said is None:
        return None
    if items[at].kind == "from" and said[2].last == said[2].first:
        return said[0], "days", Days(said[2].first, None)
    return said


def nth_day(items: Sequence[Item], at: int) -> Said | None:
    """`first day`, `2nd week`, `third week`; `first 3 days` is a length."""
    item = items[at]
    nth = {"first": 1, "second": 2, "third": 3}.get(item.kind)
    if item.kind == "ordinal":
        nth = item.value
    unit = items[at + 1]
    if nth and unit.kind == "time" and unit.value in ("d", "wk"):
        return _range_of_days(at + 2, nth, nth, 7 if unit.value == "wk" else 1)
    if item.kind in ("first", "next", "following") and (found := _stretch(items, at + 1)):
        return found[0], "length", Length(found[1], found[2], "for")
    return None


def after(items: Sequence[Item], at: int) -> Said | None:
    """`after 2 weeks`, `in 1 week`, `after a week`: the length of what went before."""
    place = skip(items, at + 1, "the", "a", "first", "another", "about")
    found = _stretch(items, place)
    if found is None and items[place].kind == "time" and place > at + 1:
        found = place + 1, ONE, items[place].value
    if found is None or found[2] not in ("d", "wk", "mo") or items[found[0]].kind == "of":
        return None
    return (
        found[0],
        "after",
        found[1].low * DAYS[found[2]] if found[1].low == found[1].high else None,
    )


def maximum(items: Sequence[Item], at: int) -> Said | None:
    """`max 3 tablets per day`, `not more than 8 in 24 hours`, `max daily dose: 150 mg`."""
    fillers = ("daily", "adverb", "dose", "doses", "of", ":", ".", "total", "=", "is", "a", "in", "amount",
               "single", "the", "often", "any", "-", "time", "number", "upto", "per", "24", "to", "day_total")  # fmt: skip
    place, daily = at + 1, False
    while items[place].kind in fillers or items[place].key in (
        "is",
        "amount",
        "single",
        "session",
        "any",
        "number",
    ):
        daily = (
            daily
            or items[place].kind in ("adverb", "day_total")
            or (items[place].kind == "time" and items[place].value == "d")
        )
        place += 1
    daily = daily or items[at].key == "mdd"
    item = items[place]
    if item.kind == "ntimes":
        said = times(items, place)
        return (
            (said[0], "max", Maximum(None, said[2].high, 1))
            if said and said[1] == "times"
            else None
        )
    if item.kind == "num" and (said := times(items, place)) and said[1] == "times":
        return said[0], "max", Maximum(None, said[2].high, 1)
    if item.kind != "num":
        return None
    dose, end = Dose(item.value, "1"), place + 1
    said = amount(items, place)
    if said is not None and said[1] == "dose":
        end, dose = said[0], said[2]
    doses = items[end].kind in ("doses", "dose", "times")
    end += doses
    return _of_period(items, end, dose, daily, doses)


def _of_period(items: Sequence[Item], end: int, dose: Dose, daily: bool, doses: bool) -> Said:
    other = end
    while items[other].kind in ("of", "from", "total") or items[other].key in (
        "acetaminophen", "apap", "paracetamol", "tylenol", "all", "sources",
    ):  # fmt: skip
        other += 1
    of_other = any(
        i.key in ("acetaminophen", "apap", "paracetamol", "tylenol") for i in items[end : other + 3]
    )
    period = _in_a_day(items, other)
    span_days = 1 if daily else None
    if period is not None:
        other, span_days = period
    if of_other:
        while items[other].key in ("of", "from", "all", "sources", "acetaminophen", "apap", "paracetamol",
                                   "tylenol", "total"):  # fmt: skip
            other += 1
    if period is None and not of_other and other > end and items[end].kind != "total":
        other = end
    if doses:
        return other, "max", Maximum(None, dose.span.high, span_days, of_other)
    if dose.unit.endswith(("/d", "/24h")):
        unit = dose.unit.rpartition("/")[0]
        return other, "max", Maximum(Dose(dose.span, unit), None, 1, of_other)
    return other, "max", Maximum(dose, None, span_days, of_other)


def _in_a_day(items: Sequence[Item], at: int) -> tuple[int, int] | None:
    """`in 24 hours`, `in any 24 hour period`, `/24h`, `a day`, `daily`, `within 24 hours`."""
    place = skip(
        items, at, "in", "a", "within", "over", "every", "/", "per", "the", "during", "each"
    )
    if items[place].key == "any":
        place += 1
    if items[place].kind == "num" and items[place].value == span_of(24):
        unit = skip(items, place + 1, "-")
        if items[unit].kind == "time" and items[unit].value == "h":
            end = unit + 1
            return end + (items[end].key in ("period", "periods")), 1
    if items[place].kind == "num" and items[place].value == ONE and items[place + 1].kind == "time":
        if items[place + 1].value == "d":
            return place + 2, 1
    found = per(items, at)
    if found is None and place > at and items[place].kind == "time" and items[place].value == "d":
        found = place + 1, 1
    return found


def up_to(items: Sequence[Item], at: int) -> Said | None:
    """`up to 3 times a day`, `up to 2 tablets`, `up to 8 tablets in 24 hours`, `up to every 6 hours`."""
    item = items[at + 1]
    if item.kind in ("num", "ntimes"):
        said = times(items, at + 1)
        if said is not None and said[1] in ("times", "seldom"):
            return said[0], "up_to_times", (said[1], said[2])
    if item.kind == "often":
        return at + 2, "up_to_times", ("times", span_of(Fraction(item.value)))
    if item.kind in ("every", "q"):
        return at + 1, "needed", None
    if item.kind != "num":
        return None
    dose, end = Dose(item.value, "1"), at + 2
    said = amount(items, at + 1)
    if said is not None and said[1] == "dose":
        end, dose = said[0], said[2]
    if items[end].kind in ("doses", "dose") and (period := _in_a_day(items, end + 1)):
        return period[0], "up_to_times", ("times", span_of(dose.span.high))
    if items[end].kind in _MANY:
        return end + 1, "sessions", (True, item.value)
    period = _in_a_day(items, end)
    if period is not None and period[1] == 1:
        return period[0], "up_to_a_day", dose
    return end, "dose", dose._replace(high=True)


def repeat(items: Sequence[Item], at: int) -> Said | None:
    """`may repeat x1`, `repeat in 2 hours if needed`, `repeat once after 30 minutes`."""
    place, count = at + 1, None
    if items[at].key == "be" and items[at].kind == "repeat":
        count = 1
    for _ in range(3):
        item = items[place]
        if item.kind in ("in", "after", "every", "q"):
            found = _stretch(items, skip(items, place + 1, "a", "about"))
            if found is None:
                break
            place = found[0]
            if item.kind in ("every", "q"):
                count = 0
        elif item.kind == "ntimes":
            count, place = int(item.value), place + 1
        elif item.kind == "x" and items[place + 1].kind == "num":
            count, place = int(items[place + 1].value.high), place + 2
            place += items[place].kind in ("doses", "dose")
        elif item.kind == "num" and items[place + 1].kind in ("times", "dose"):
            count, place = int(item.value.high), place + 2
        else:
            break
    return place, "repeat", count


def change(items: Sequence[Item], at: int) -> Said | None:
    """`increase to` (what follows is the next step), or `increase by … every … to …`."""
    sign = 1 if items[at].kind == "increase" else -1
    place = skip(
        items,
        at + 1,
        "dose",
        "the",
        "up",
        "gradually",
        "slowly",
        "plain_word",
        "it",
        "then",
        "verb",
        "your",
    )
    if items[place].kind in ("to", "until"):
        return place + 1, "change_to", sign
    steps = _by(items, place, sign)
    if steps is not None:
        return steps
    if sign < 0 and items[place].kind == ":":
        return place + 1, "tapering", None
    found = _stretch(items, place + 1) if items[place].kind in ("after", "in") else None
    if found is not None and items[found[0]].kind == "to" and found[1].low == found[1].high:
        if found[2] in ("d", "wk", "mo"):
            return found[0] + 1, "change_after", found[1].low * DAYS[found[2]]
    return None


def _dose(items: Sequence[Item], at: int) -> tuple[int, Dose] | None:
    """An amount, or a bare number of units."""
    if items[at].kind == "a" and items[at + 1].kind == "unit":
        return at + 2, Dose(ONE, items[at + 1].value)
    if items[at].kind != "num" or items[at].value.low != items[at].value.high:
        return None
    said = amount(items, at)
    if said is None:
        return at + 1, Dose(items[at].value, "1")
    end, kind, value = said
    if kind != "dose" or value.each is not None:
        return None
    if value.unit.endswith("/d"):
        value = Dose(value.span, value.unit.removesuffix("/d"))
    return end, value


def _pace(items: Sequence[Item], at: int) -> tuple[int, Fraction] | None:
    """`every 3 days`, `weekly`, `each week`, `every other day`."""
    item, place = items[at], at + 1
    if item.kind == "adverb":
        return place, Fraction(int(item.value))
    if item.kind == "every_day":
        return place, Fraction(1)
    if item.kind == "seldom" and item.value == "1/2":
        return place, Fraction(2)
    if item.kind not in ("every", "each", "q", "per", "a", "/"):
        return None
    n = Fraction(1)
    if items[place].kind == "num" and items[place].value.low == items[place].value.high:
        n, place = items[place].value.low, place + 1
    elif items[place].kind in ("other", "second", "third", "alternate", "ordinal"):
        nth = {"third": 3, "ordinal": items[place].value}.get(items[place].kind, 2)
        n, place = Fraction(nth), place + 1
    unit = items[place]
    if unit.kind == "part" and unit.value in ("night", "morning", "evening"):
        return place + 1, n
    if unit.kind != "time" or unit.value not in ("d", "wk", "mo") or n <= 0:
        return None
    return place + 1, n * DAYS[unit.value]


def _by(items: Sequence[Item], at: int, sign: int) -> Said | None:
    pace = _pace(items, at)
    place = pace[0] if pace else at
    if items[place].kind != "by":
        return None
    by = _dose(items, place + 1)
    pace = pace or (_pace(items, by[0]) if by is not None else None)
    if by is None or pace is None:
        return _by_unknown_pace(items, place + 1)
    place, step = max(by[0], pace[0]), by[1]
    found = Change(sign, step, pace[1])
    for _ in range(3):
        place, more = _bound(items, place, found)
        if more == found:
            break
        found = more
    return place, "change_by", found


def _by_unknown_pace(items: Sequence[Item], at: int) -> Said | None:
    """`titrate by 0.05 mg/kg/h q8h`: how a rate is changed, and not the rate."""
    said = amount(items, at) if items[at].kind == "num" else None
    if said is None or said[1] != "dose":
        return None
    pace = every(items, said[0]) if items[said[0]].kind in ("every", "q") else None
    return (pace[0] if pace else said[0]), "titrate", None


def _bound(items: Sequence[Item], at: int, change: Change) -> tuple[int, Change]:
    """`to 100 mg daily`, `from 3 daily`, `until stopped`, `down to 1 tablet`."""
    place = skip(items, at, ",", "(", "then", ")")
    if items[place].key in ("start", "starting", "started", "beginning", "begin", "initially"):
        place = skip(items, place + 1, "at", "with", "on", "from") - 1
    kind = items[place].kind
    if change.start is None and place > at and kind in ("at", "with", "on", "verb"):
        kind = "from"
    if kind == "until_done" and change.sign < 0:
        return place + 1, change._replace(until_stopped=True)
    if kind in ("until", "till", "to", "and", "then") and _stops(items, place + 1):
        return _stops(items, place + 1), change._replace(until_stopped=True)
    if kind in ("to", "until", "till", "upto", "max", "up", "down", "till"):
        target = skip(
            items,
            place + 1,
            "to",
            "a",
            "of",
            "dose",
            "at",
            "on",
            "max",
            "verb",
            "target",
            "total",
            "reaching",
        )
        while items[target].key in (
            "reaching",
            "reach",
            "target",
            "down",
            "you",
            "reached",
            "goal",
        ):
            target = skip(items, target + 1, "to", "a", "of", "dose", "at", "on", "max")
        found = _dose(items, target)
        if found is not None and change.target is None:
            end = found[0]
            if items[end].kind == "adverb" and items[end].value == "1":
                end += 1
            elif (day := per(items, end)) and day[1] == 1:
                end = day[0]
            return end, change._replace(target=found[1])
    if kind == "from" and change.start is None and (found := _dose(items, place + 1)):
        end = found[0]
        end += items[end].kind == "adverb" and items[end].value == "1"
        return end, change._replace(start=found[1])
    return at, change


def _stops(items: Sequence[Item], at: int) -> int:
    """Where `stopped`, `off`, `gone` ends; 0 for none."""
    place = skip(items, at, "then")
    if items[place].kind == "stop":
        return place + 1
    return (
        place + 1
        if items[place].key in ("gone", "complete", "completed", "0", "zero", "none")
        else 0
    )


def stop(items: Sequence[Item], at: int) -> Said | None:
    """`stop`, `then stop`; with a length after it, when."""
    place = at + 1
    if items[place].kind in ("after", "in") and (said := after(items, place)):
        return said[0], "stop", said[2]
    loose = at == 0 or items[at - 1].kind not in ("then", "and", ",")
    if (items[at].key == "off" and loose) or items[place].kind == "unknown":
        return None
    return place, "stop", None
