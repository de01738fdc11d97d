"""Changes in equal steps: `increase by 25 mg every week to 100 mg`.

Facts: `change_by`, `titrate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from cds.dosage.words.facts import COURSE, DAYS, ONE, Dose, Said, skip
from cds.dosage.words.readers.amounts import amount
from cds.dosage.words.readers.intervals import every
from cds.dosage.words.readers.often import per, times
from cds.dosage.words.scan import Item


class Change(NamedTuple):
    """`increase by 25 mg every week to 100 mg`."""

    sign: int
    by: Dose
    every: Fraction | None
    """days; None: left open"""
    target: Dose | None = None
    start: Dose | None = None
    until_stopped: bool = False
    target_times: Fraction = Fraction(1)
    """administrations a day of the target: `to 600 mg tds`"""
    of_a_day: bool = False
    """`by 1 tablet a day`, of all the doses of a day together"""
    by_times: Fraction | None = None
    """administrations a day of the step: `by 250 mg bd`"""
    tolerated: bool = False
    """only as far as it is tolerated"""


def plain_dose(items: Sequence[Item], at: int) -> tuple[int, Dose] | None:
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
    if unit.kind != "time" or unit.value not in COURSE or n <= 0:
        return None
    return place + 1, n * DAYS[unit.value]


def in_steps(items: Sequence[Item], at: int, sign: int) -> Said | None:
    """`in 10 mg steps to a maximum of 50 mg`, at a pace that is left open."""
    by = plain_dose(items, at + 1) if items[at].kind == "in" else None
    if by is None or items[by[0]].key not in ("steps", "increments"):
        return None
    pace = _pace(items, by[0] + 1)
    place, found = _bound(items, pace[0] if pace else by[0] + 1, Change(sign, by[1], None))
    return place, "change_by", found._replace(every=pace[1] if pace else None)


def by_steps(
    items: Sequence[Item], at: int, sign: int, *, by: tuple[int, Dose] | None = None
) -> Said | None:
    """`by 25 mg every week to 100 mg`, `every week by 25 mg …`; `by` where it is read already."""
    pace = _pace(items, at) if by is None else None
    place = pace[0] if pace else at
    if by is None and items[place].kind != "by":
        return None if pace else _bare_step(items, place, sign)
    by = by or plain_dose(items, place + 1)
    by, of_a_day = by and (_past_bracket(items, by[0]), by[1]), False
    by_times = _often(items, by[0]) if by else None
    by = (by_times[0], by[1]) if by and by_times else by
    day = per(items, by[0]) if by else None
    if by and str(items[by[0] - 1].value) == "d" and items[by[0] - 2].kind in ("/", "per"):
        of_a_day = True  # "by 50 mg/day"
    if by and day and day[1] == 1 and (pace or _pace(items, day[0])):
        by, of_a_day = (day[0], by[1]), True  # "by 1 tab/day every week"
    pace = pace or (_pace(items, by[0]) if by is not None else None)
    if by is None or pace is None:
        return _by_unknown_pace(items, place + 1)
    place, step = max(by[0], pace[0]), by[1]
    found = Change(sign, step, pace[1], by_times=by_times[1] if by_times else None)
    for _ in range(4):
        place, more = _bound(items, place, found)
        if more == found:
            break
        found = more
    tolerated = any(item.kind in ("tolerated", "prn") for item in items[at:place])
    return place, "change_by", found._replace(tolerated=tolerated, of_a_day=of_a_day)


def _bare_step(items: Sequence[Item], at: int, sign: int) -> Said | None:
    """`decrease 5 mg/week to zero`: `reduce 5 mg daily` may be a step or a dose."""
    by = plain_dose(items, at)
    pace = _pace(items, by[0]) if by is not None else None
    if by is None or pace is None or pace[1] <= 1:
        return None
    place, found = _bound(items, pace[0], Change(sign, by[1], pace[1]))
    return (place, "change_by", found) if found.target or found.until_stopped else None


def _past_bracket(items: Sequence[Item], at: int) -> int:
    """Past the `(5 mg)` of `1 tablet (5 mg)`."""
    if items[at].kind != "(" or (found := plain_dose(items, at + 1)) is None:
        return at
    return found[0] + 1 if items[found[0]].kind == ")" else at


def _by_unknown_pace(items: Sequence[Item], at: int) -> Said | None:
    """`titrate by 0.05 mg/kg/h q8h`: how a rate is changed, and not the rate."""
    said = amount(items, at) if items[at].kind == "num" else None
    if said is None or said[1] != "dose":
        return None
    pace = every(items, said[0]) if items[said[0]].kind in ("every", "q") else None
    return (pace[0] if pace else said[0]), "titrate", None


def _bound(items: Sequence[Item], at: int, change: Change) -> tuple[int, Change]:
    """`to 100 mg daily`, `from 3 daily`, `until stopped`, `down to 1 tablet`."""
    place = skip(items, at, ",", "(", "then", ")", ";", "tolerated", "prn", "and")
    if items[place].key in ("start", "starting", "started", "beginning", "begin", "initially"):
        place = skip(items, place + 1, "at", "with", "on", "from") - 1
    kind = "to" if items[place].key in ("target", "aim", "aiming", "down") else items[place].kind
    if change.start is None and place > at and kind in ("at", "with", "on", "verb"):
        kind = "from"
    if kind == "stop" and place > at and change.sign < 0 and change.target is None:
        return place + 1, change._replace(until_stopped=True)
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
            "usual",
            "maintenance",
        ):
            target = skip(items, target + 1, "to", "a", "of", "dose", "at", "on", "max")
        found = plain_dose(items, target)
        if found is not None and change.target is None:
            end = found[0]
            end = end + 1 if items[end].key in ("reached", "achieved") else end
            if items[end].kind == "adverb" and items[end].value == "1":
                end += 1
            elif (day := per(items, end)) and day[1] == 1:
                end = day[0]
            end = end + 1 if items[end].key in ("reached", "achieved") else end
            if (often := _often(items, end)) is not None:
                return often[0], change._replace(target=found[1], target_times=often[1])
            return end, change._replace(target=found[1])
    if kind == "from" and change.start is None and (found := plain_dose(items, place + 1)):
        end = found[0]
        end += items[end].kind == "adverb" and items[end].value == "1"
        return end, change._replace(start=found[1])
    return at, change


def _often(items: Sequence[Item], at: int) -> tuple[int, Fraction] | None:
    """The end and number of `bd`, `twice a day`; once a day is none."""
    if items[at].kind == "often":
        return at + 1, Fraction(items[at].value)
    said = times(items, at) if items[at].kind in ("num", "ntimes") else None
    if said is None or said[1] != "times" or said[2].low != said[2].high or said[2].low == 1:
        return None
    return said[0], said[2].low


def _stops(items: Sequence[Item], at: int) -> int:
    """Where `stopped`, `off`, `gone` ends; 0 for none."""
    place = skip(items, at, "then")
    if items[place].kind in ("stop", "none"):
        return place + 1
    return (
        place + 1
        if items[place].key in ("gone", "complete", "completed", "0", "zero", "none")
        else 0
    )
