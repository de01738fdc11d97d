"""How long: lengths, numbers of sessions, days of a course.

Facts: `length`, `doses`, `sessions`, `days`, `after`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.model import Span
from cds.dosage.words.facts import COURSE, DAYS, MASSES, ONE, Dose, Length, Said, skip, span_of
from cds.dosage.words.readers.often import per
from cds.dosage.words.scan import Item

MANY = ("sessions", "session", "treatments", "treatment", "administrations", "visits", "method")
_LEADS = frozenset({
    "every", "each", "q", "x", "for", "after", "in", "per", "over", "max", "-", "to", "or", "num",
    "(",
    "before", "within", "first", "next", "last", "verb", "from", "and", "then", "unknown", "until",
    "compare", "count", ":",
})  # fmt: skip
"""words that give a number of days another meaning"""
_OFTEN = (
    "route",
    "into",
    "verb",
    "every",
    "each",
    "q",
    "adverb",
    "seldom",
    "ntimes",
    "often",
    "a",
    "per",
    "in",
    "by",
)
CLAUSE_ENDS = (",", ".", ";", "end", ")", "-")
_LEFT = ("remaining", "left", "further", "only")
"""`4 days remaining`"""
_BEFORE_BRITISH = ("often", "part", "od", "seldom", "time", ")", "route", "prn")
_NIGHTS = ("nights", "mornings", "evenings")
_BRITISH = {"7": "d", "52": "wk", "12": "mo"}
"""`5/7` is five days, `2/52` two weeks, `3/12` three months."""


def now(items: Sequence[Item], at: int) -> Said:
    """`stat`; `2 tablets at once` tells how, unless something follows: `at once, then 1 daily`."""
    if items[at].key == "at" and items[skip(items, at + 1, ",", ";", ".")].kind != "then":
        return at + 1, "ignored", "how"
    told = items[at - 1].kind == ":" or any(item.kind == "former" for item in items)
    ahead = skip(items, at + 1, "to", "verb", "polite")
    if items[at].key == "now" and told and items[ahead].kind in ("num", "a"):
        return at + 1, "fill", "now"  # "was 2 tablets daily, now 1 tablet daily"
    return at + 1, "now", items[at].value or items[at].key


def course(items: Sequence[Item], at: int) -> Said | None:
    """`7 day course`."""
    found = stretch(items, at)
    if found is None or items[found[0]].key != "course":
        return None
    return found[0] + 1, "length", Length(found[1], found[2], "for")


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
            "max",
            "another",
        )
    item = items[place]
    found = stretch(items, place) or (_minutes(items, place) if cue == "over" else None)
    if found is not None:
        end, span, unit = found
        if unit in COURSE and _recurs(items, end):
            return (at + 1, "fill", None) if unit == "d" and per(items, end) else None
        bounded = any(i.kind in ("upto", "up", "max") for i in items[at:place])
        said = "up to" if bounded else cue
        end = skip(items, end, "total")
        end += items[end].key == "course"
        more, minutes = skip(items, end, "and"), items[skip(items, end, "and") + 1]
        if unit == "h" and items[more].kind == "num" and minutes[:2] == ("time", "min"):
            span = span_of(span.low + items[more].value.low / 60)
            end = more + 2
        nightly = any(i.kind == "part" for i in items[place:end])
        return end, "length", Length(span, unit, said, nightly)
    more = skip(items, place + 1, "extra")
    if item.kind == "num" and items[more].kind in ("doses", "dose"):
        single = item.value == ONE
        return more + 1, "single" if single else "doses", item.value.high
    if item.kind == "num" and items[place + 1].kind in MANY and cue in ("for", "x", "over"):
        return place + 2, "sessions", (True, item.value)
    if item.kind == "num" and cue == "x":
        return _x(items, place)
    return None


def _recurs(items: Sequence[Item], at: int) -> bool:
    """After `for 3 days`: `a week`, `every month`, `every 28 days`, so that it is no length."""
    found = per(items, at)
    if found is not None:
        return found[1] > 1
    unit = items[at + 2]
    return (
        items[at].kind in ("every", "each", "q")
        and items[at + 1].kind == "num"
        and (unit.kind == "time" and unit.value in DAYS and unit.value != "h")
    )


def stretch(items: Sequence[Item], at: int) -> tuple[int, Span, str] | None:
    """`7 days`, `a week`, `5/7`, `week` after `for the first`."""
    item = items[at]
    if item.kind == "num":
        unit = skip(items, at + 1, "-", "whole", "full", "extra", "a", "an")
        if items[unit].kind == "time" and item.value.low > 0:
            return unit + 1, item.value, items[unit].value
        nights = items[unit].key if items[unit].kind == "part" else ""
        if nights in _NIGHTS or (nights == "night" and item.value == ONE):
            return unit + 1, item.value, "d"
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
    if after.kind == "adverb" and after.value == "1" and span.low == span.high and (
        items[place - 2].kind == "unit"
    ):  # fmt: skip
        return place + 2, "times", span  # "one tablet x2 daily"
    if span == ONE:
        return place + 1, "single", "x1"
    return place + 1, "sessions", (False, span)


def each(items: Sequence[Item], at: int) -> Said | None:
    """`2 days each`, `one week each`, `5 days at each step`."""
    found = stretch(items, at)
    if found is None or found[2] not in COURSE or found[1].low != found[1].high:
        return None
    place = skip(items, found[0], "at", "for", "on", "per")
    if items[place].kind not in ("each", "ea") and items[place].key not in ("each", "ea"):
        return None
    end = skip(items, place + 1, "dose", "step", "strength", "unknown")
    named = items[end - 1].key in ("step", "dose", "strength", "each", "stage", "level")
    if not named or items[end].kind not in (*CLAUSE_ENDS, "then", "stop"):
        return None
    return end, "each_length", found[1].low * DAYS[found[2]]


def each_for(items: Sequence[Item], at: int) -> Said | None:
    """The `each x 3 days` of `40, 30, 20 mg, each x 3 days`."""
    place = skip(items, at + 1, "x", "for", "of", "dose", "step")
    found = stretch(items, place) if place > at + 1 else None
    several = sum(item.kind == "num" for item in items[:at]) > 1
    if not several or found is None or found[2] not in COURSE or found[1].low != found[1].high:
        return None
    return found[0], "each_length", found[1].low * DAYS[found[2]]


def bare_length(items: Sequence[Item], at: int) -> Said | None:
    """The `30 day(s)` of an order entry, after the frequency."""
    found = stretch(items, at)
    if found is None or found[2] not in COURSE or items[found[0] - 1].kind != "time":
        return None
    if items[found[0]].key in _LEFT:
        of = skip(items, found[0] + 1, "of", "a", "the")
        whole = course(items, of) if of > found[0] + 1 and items[of].kind == "num" else None
        return whole[0] if whole else found[0] + 1, "length", Length(found[1], found[2], "for")
    if items[found[0]].kind == "total" and items[found[0] + 1].kind in CLAUSE_ENDS and at:
        return found[0] + 1, "whole_course", found[1].low * DAYS[found[2]]  # "7 days in total"
    if items[at + 1].kind == "extra" and items[found[0]].kind in (*CLAUSE_ENDS, "to"):
        return found[0], "length", Length(found[1], found[2], "for")  # "3 further days"
    if (
        at == 0
        or items[at - 1].kind in _LEADS
        or items[found[0]].kind not in (*CLAUSE_ENDS, "#", "dispense_cue", "refill", "how")
    ):
        return None
    return found[0], "length", Length(found[1], found[2], "for")


def british_length(items: Sequence[Item], at: int) -> Said | None:
    """`5/7` with nothing before it, after a whole instruction."""
    found = stretch(items, at)
    if found is None or at == 0:
        return None
    if items[found[0]].kind == "total" and items[found[0] + 1].kind in CLAUSE_ENDS:
        return found[0] + 1, "whole_course", found[1].low * DAYS[found[2]]  # "(7/7 in total)"
    if items[found[0]].key in ("min", "minimum", "mins") and items[at - 1].kind in (",", "(", "-"):
        return found[0] + 1, "ignored", "course"  # "3/12 min"
    if items[found[0]].kind == "max" and items[at - 1].kind in (",", ";", ".", "-", "("):
        return found[0] + 1, "length", Length(found[1], found[2], "up to")  # "bd, 6/52 max"
    alone = items[found[0]].kind in ("end", ".", ",", ";", ")", "only", ":")
    of_a_reason = alone and items[at - 1].kind in ("unknown", "reason_word") and at > 1
    at_night = items[at - 1].kind == "on" and items[at - 2].kind in ("num", "unit")
    counted = items[at - 1].kind == "adverb" and items[at - 2].kind in (
        "time",
        "times",
    )  # "5 times daily 7/7"
    weeks = counted or (
        found[2] == "wk" and items[at - 1].kind in ("adverb", "every_day")
    )  # "daily 1/52"
    listed = items[at - 1].value in MASSES and sum(i.key[-2:] in ("/7", "52") for i in items) > 1
    if not (listed or items[at - 1].kind in _BEFORE_BRITISH or of_a_reason or at_night or weeks):
        return None
    return found[0], "length", Length(found[1], found[2], "for")


def counted(items: Sequence[Item], at: int) -> Said | None:
    """`six sessions`, `6 treatments`."""
    place = skip(items, at + 1, "extra")
    if items[place].kind not in (*MANY, "doses"):
        return None
    if items[place].kind == "method" and items[place].key not in (
        "infusions", "injections", "infusion", "injection",
    ):  # fmt: skip
        return None
    if items[place].kind == "doses" and any(item.key.startswith("inhal") for item in items[:at]):
        return None  # "inhale 2 doses twice a day"
    at_place = skip(items, place + 1, "pickup", "how", "at")
    if items[place].key == "injection" and items[at_place].kind in _OFTEN:
        return place + 1, "dose", Dose(items[at].value, "1")  # "1 injection every 6 months"
    if items[place].kind == "doses":
        return place + 1, "doses", items[at].value.high
    return place + 1, "sessions", (True, items[at].value)


def _once_more(items: Sequence[Item], at: int) -> bool:
    return any(item.kind in ("another", "ordinal", "second") for item in items[max(0, at - 3) : at])


def after(items: Sequence[Item], at: int) -> Said | None:
    """`after 2 weeks`, `in 1 week`, `after a week`: the length of what went before."""
    place = skip(items, at + 1, "the", "a", "first", "another", "about", "extra")
    found = stretch(items, place)
    if found is None and items[place].kind == "time" and place > at + 1:
        found = place + 1, ONE, items[place].value
    if found is not None and found[2] in ("h", "min") and _once_more(items, at):
        return found[0], "ignored", "how"  # "may take a 2nd tablet after 2 hours"
    if found is None or found[2] not in COURSE or items[found[0]].kind == "of":
        return None
    return (
        found[0],
        "after",
        found[1].low * DAYS[found[2]] if found[1].low == found[1].high else None,
    )
