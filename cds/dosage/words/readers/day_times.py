"""Parts of the day and days of the week.

Facts: `part`, `weekdays`, `od`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from cds.dosage.model import Span
from cds.dosage.words.facts import MASSES, ONE, Said, skip
from cds.dosage.words.readers.clocks import clock_number, hour_of_24
from cds.dosage.words.readers.often import often, times
from cds.dosage.words.scan import Item

_PREPOSITIONS = (
    "at", "with", "before", "after", "during", "in", "on", "upon", "the", "your", "my", "by", "of",
    "each", "every", "q", "~", "@", "first", "about", "approximately", "or", "from", "a", "an", ":",
    "just", "immediately", "right", "shortly", "prior", "to", "food",
)  # fmt: skip
_AFTER_A_CLOCK = frozenset({
    "end", ",", ".", ";", ")", "and", "&", "+", "or", "for", "then", "prn", "-", "with", "x", "in",
    "every_day", "adverb", "route", "how", "every", "each", "/", "part", "num", "on", "(", "if",
    "when", "may", ":",
})  # fmt: skip
_TIMES_OF_DAY = (
    "part", "meals", "clock", "clock_list", "weekday", "rest_of_week", "parity", "awake", "today",
    "meal",
)  # fmt: skip
_AFTER_ON = (
    "end", ",", ".", ";", ")", "prn", "for", "x", "and", "&", "then", "+", "until_end", "(", "-",
    "label", "reason_cue", "date_cue", "polite", "after", "from", "until",
)  # fmt: skip
"""behind `2 on`, at night"""
_BRITISH = ("od", "bd", "tds", "qds", "mane", "nocte", "om")
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
    if items[at].kind in ("before", "after", "about", "approximately"):
        said = clock_number(items, at + 1) if items[at + 2].key in ("am", "pm") else None
        return (said[0], "clock_limit", said[2]) if said else None
    return None


def weekdays(items: Sequence[Item], at: int) -> Said | None:
    """`Mon-Fri`, `Mon/Wed/Fri`, `Mondays and Thursdays`."""
    of_another = items[at].key[:3] not in WEEK and " " not in items[at].value
    if of_another and any(item.kind == "weekday" for item in items[:at]):
        return at + 1, "days_of_another", None  # "except on Wednesdays (methotrexate day)"
    days = set(items[at].value.split())
    end = at + 1
    while _one_of_three(items, end):
        days |= set(items[end + 1].value.split())
        end += 2
    while True:
        mark, after = items[end].kind, skip(items, end + 1, "on", "every", ",", "the", "and")
        if items[after].kind != "weekday" or mark not in (
            "-", "to", "through", "thru", ",", "/", "and", "&", ".", "weekday", "+",
        ):  # fmt: skip
            if mark == "weekday":
                days |= set(items[end].value.split())
                end += 1
                continue
            end += items[at - 1].kind in ("no", "not") and items[end].kind in ("dose", "doses")
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


def _one_of_three(items: Sequence[Item], dash: int) -> bool:
    """Whether a dash joins one of three days or more: `Mon-Wed-Fri` are three, `Mon-Fri` five."""
    if items[dash].kind != "-" or items[dash + 1].kind != "weekday":
        return False
    before = dash > 2 and items[dash - 2].kind == "-" and items[dash - 3].kind == "weekday"
    return before or (items[dash + 2].kind == "-" and items[dash + 3].kind == "weekday")


def _from_to(first: str, last: str) -> list[str]:
    start, stop = WEEK.index(first), WEEK.index(last)
    return [WEEK[(start + i) % 7] for i in range((stop - start) % 7 + 1)]


def part(items: Sequence[Item], at: int) -> Said | None:
    """A part of the day; `12 noon` in a row of clock times is one of them."""
    if items[at].key == "12" and _beside_a_clock(items, at):
        return at + 1, "clock", 720 if items[at].value == "noon" else 0
    return _or_more(items, at) or (at + 1, "part", items[at].value)


def _or_more(items: Sequence[Item], at: int) -> Said | None:
    """`hs or bid`, `od or bd`, `at night or twice a day`: once, or so many times."""
    if items[at + 1].kind != "or":
        return None
    more = items[at + 2]
    said = times(items, at + 2) if more.kind == "ntimes" else None
    said = often(items, at + 2) if more.kind == "often" else said
    if said is None or said[1] != "times" or said[2].low <= 1:
        return None
    return said[0], "times", Span(Fraction(1), said[2].high)


def first_turn(items: Sequence[Item], at: int) -> Said | None:
    """The `one day` of `2 tablets one day, 1 tablet the next`."""
    if items[at + 1].key != "day" or items[at].value != ONE:
        return None
    before = items[at - 1].kind if at else ""
    if before in ("for", "x", "every", "each", "in", "per", "after", "within"):
        return None
    for place in range(at + 2, min(at + 14, len(items) - 1)):
        if turn(items, place) is not None:
            return at + 2, "turn", 1
    return None


def turn(items: Sequence[Item], at: int) -> Said | None:
    """`the next day`, `on the next`, `the other day`."""
    place = skip(items, at, "on", "the")
    if items[place].kind not in ("next", "following", "other"):
        return None
    if not any(b.key == "day" and a.value == ONE for a, b in pairwise(items[:place])):
        return None
    after = items[place + 1]
    if after.key == "day":
        return place + 2, "turn", 2
    return (place + 1, "turn", 2) if after.kind in ("end", ".", ",", ";", ")") else None


def not_on(items: Sequence[Item], at: int) -> Said | None:
    """The `not at` of `not at weekends`, the `no` of `no weekends`."""
    if items[at + 1].kind == "prn" and items[at].kind == "not":
        return at + 2, "ignored", "how"  # "scheduled, NOT prn"
    place = skip(items, at + 1, "at", "on", "over", "the", "during")
    return (place, "except", None) if items[place].kind == "weekday" else None


def on(items: Sequence[Item], at: int) -> Said | None:
    """`2 on`, `1 tab ON` (at night), and the English word before a day or time."""
    said = preposition(items, at)
    if said is not None:
        return said
    before, after = items[at - 1].kind if at else "", items[at + 1].kind
    if after in ("alternate", "alternative", "seldom") or (after == "every" and before):
        return at + 1, "fill", None
    counted = before in ("num", "od", "part", "route") or (
        at > 0 and items[at - 1].value in (*MASSES, "mL")
    )
    form = items[at - 1 - (before == "how")] if at > 1 else None
    cut_off = any(item.kind == "verb" for item in items[:at])  # "take 1 tablet on" is no whole
    of_one = form is not None and (form.value in (*MASSES, "mL") or str(form.value)[0:1] == "{")
    counted |= of_one and not cut_off
    labelled = before == ":" and items[at - 2].kind == "label"  # "Freq: ON Route: PO"
    if labelled and after in ("route", "label"):
        return at + 1, "part", "night"
    counted |= labelled
    if counted and after in _AFTER_ON:
        return at + 1, "part", "night"
    return None


def on_for_days(items: Sequence[Item], at: int) -> Said | None:
    """The last `ON` of `5 mg BD 3/7, 5 mg ON 3/7`: at night for three days, and on no date."""
    before, lengths = items[at - 1], [item.key for item in items if item.kind == "ratio"]
    counted = before.kind == "num" or before.value in (*MASSES, "mL", "{tablet}", "{capsule}")
    course = items[at + 1].kind == "ratio" and items[at + 1].key in lengths[1:]
    return (at + 1, "part", "night") if at and counted and course else None


def od(items: Sequence[Item], at: int) -> Said | None:
    """Once a day where tablets are taken, or other British words stand beside it."""
    before = items[at - 1] if at else None
    if before is None:
        return None
    counted = before.kind in (
        "num", "unit", "letter_unit", "route", "each_nostril", "prn", "then",
    ) and before.key not in (
        "drop", "drops",
    )  # fmt: skip
    step = before.kind in (",", "then", ".", ";", "and") and any(
        item.key in _BRITISH for item in items[:at]
    )  # "tds for 3 days, bd for 3 days, od for 3 days"
    if counted and (said := _or_more(items, at)):
        return said
    return (at + 1, "od", None) if counted or step else (at + 1, "od_alone", None)


def session_days(items: Sequence[Item], at: int) -> Said | None:
    """`3 times a week on dialysis days`, `on dialysis days (Tu/Th/Sa)`: only beside the days."""
    place = skip(items, at, "on", "the", "your")
    if items[place].kind != "session_days":
        return None
    named = skip(items, place + 1, "(", ":", "-", ",")
    told = any(item.kind in ("seldom", "weekday") for item in items[:at])
    return (place + 1, "ignored", "how") if told or items[named].kind == "weekday" else None


def _beside_a_clock(items: Sequence[Item], at: int) -> bool:
    """Whether `4pm`, `16:00` stands before or after, with a mark or `and` between."""
    after = skip(items, at + 1, ",", "and", "&", "/", "at")
    if _is_clock(items, after):
        return after > at + 1
    back = at - 1
    while back > 0 and items[back].kind in (",", "and", "&", "/", "at"):
        back -= 1
    start = back - 1 if items[back].key in ("am", "pm") else back
    return 0 < start < at - 1 and _is_clock(items, start)


def _is_clock(items: Sequence[Item], at: int) -> bool:
    half, item = items[at + 1], items[at]
    named = item.kind == "num" and half.key in ("am", "pm")
    return item.kind == "clock" or named or hour_of_24(items, at) is not None
