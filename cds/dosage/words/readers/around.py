"""Beside what it is taken, and the time between: it changes no dose.

`30 minutes before breakfast`, `2 hours before or 4 hours after antacids`, `after dialysis`,
`at least 6 hours apart`. Facts: `ignored`, `fill` (a time of the day follows), `gap` (hours between
two doses), `prn` (at an event that comes when it comes).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.words.facts import DAYS, Said, skip
from cds.dosage.words.scan import Item

_ARTICLES = ("the", "your", "my", "a", "an", "each", "every", "any", "first", "with", "same",
             "other", "next", "of", "all", "from", "to", "taking", "verb", "dose", "doses",
             "last")  # fmt: skip
_AROUND = ("before", "after")
_MOST_TIMES = 6


def time_before(items: Sequence[Item], at: int) -> Said | None:
    """`30 minutes before` breakfast, `1 hour before or 2 hours after food`, `4 hours apart`."""
    counted = items[at].kind == "num" and items[at].value.low >= 1
    place = skip(items, at + 1, "-") if counted else skip(items, at + 1, "-", "a", "an")
    if items[place].kind != "time":
        return None
    n = items[at].value.low if items[at].kind == "num" else 1  # "an hour before food"
    hours = Fraction(n) * 24 * DAYS.get(items[place].value, 0)
    place += 1
    if items[place].key == "apart" and items[place].kind == "except":  # "apart from" is one phrase
        past = things(items, place + 1)
        return (past, "ignored", "how") if past > place + 1 else None
    if items[place].key == "apart":
        past = things(items, place + 2) if items[place + 1].kind == "from" else 0
        return (past, "ignored", "how") if past > place + 2 else (place + 1, "gap", hours)
    if items[place].key in ("beforehand", "prior", "before") and (
        items[place + 1].kind in ("end", ".", ",", ";", ")") and hours < 24
    ):  # fmt: skip
        return place + 1, "ignored", "how"  # "ideally 1-2 hours beforehand"
    if items[place].kind == "between" and (doses := _doses(items, place + 1)):
        return doses, "gap", hours
    side = _side(items, place)
    return None if side is None else _object(items, side)


def times_before(items: Sequence[Item], at: int) -> Said | None:
    """`13 hours, 7 hours and 1 hour before the scan`: so many times, once."""
    count, place = 0, at
    while items[place].kind == "num" and items[place + 1].kind in ("time", ",", "and", "&"):
        count += 1
        place = skip(items, place + 1, "time", ",", "and", "&")
        if count > _MOST_TIMES:
            return None
    if count < 2 or items[place - 1].kind != "time" or items[place].kind not in ("before", "prior"):
        return None
    said = time_before(items, place - 2)
    once = said is not None and said[1] == "event"
    return (said[0], "event", count) if said is not None and once else None


def _side(items: Sequence[Item], at: int) -> int | None:
    """Past `before`, `after`, `prior to`, `before or after`, `away from`."""
    if items[at].key in ("prior", "away", "apart") and items[at + 1].kind in ("to", "from"):
        return at + 2
    if items[at].kind == "how" and items[at].key in _AROUND:
        return at
    if items[at].key in ("ac", "pc") and items[at + 1].kind in ("part", "meals", "meal", "food"):
        return at + 1  # "30 min ac breakfast"
    if items[at].kind not in _AROUND:
        return None
    place = at + 1
    if items[place].kind in ("or", "and", "/") and items[place + 1].kind in _AROUND:
        place += 2
    return place


def _object(items: Sequence[Item], at: int) -> Said | None:
    """What it is before or after; or a second time: `before or 4 hours after antacids`."""
    if items[at].kind == "how" and items[at].key in _AROUND:
        return _or_else(items, at + 1), "ignored", "how"
    place = skip(items, at, *_ARTICLES)
    if items[place].kind == "trigger":
        return place + 1, "prn", None  # "an hour before sexual activity"
    if items[place].kind in ("or", "and") and items[place + 1].kind == "num":
        second = time_before(items, place + 1)
        return (second[0], "ignored", "how") if second and second[1] != "gap" else None
    if items[place].kind == "part" and any(
        said.kind == "part" and said.value in (items[place].value, "evening")
        for said in items[max(0, at - 12) : at]
    ):
        return place + 1, "ignored", "how"  # "each evening, 1 hour before bed"
    if items[place].kind in ("part", "meals", "clock"):
        return place, "fill", None
    if items[place].kind in ("meal", "food", "how"):
        return _or_else(items, place + 1), "ignored", "how"
    end = things(items, place)
    once = _comes_once(items, at, end)
    return (_or_else(items, end), *once) if end > place else None


def _comes_once(items: Sequence[Item], at: int, end: int) -> tuple[str, str]:
    """Whether it stands before one that comes once: `1 hour before the scan`, not each one."""
    before = any(item.key in ("before", "prior") for item in items[max(0, at - 2) : end])
    named = any(item.kind == "event" for item in items[at:end])
    again = any(item.kind in ("each", "every") for item in items[at:end])
    return ("event", "once") if before and named and not again else ("ignored", "how")


def _or_else(items: Sequence[Item], at: int) -> int:
    """Past `or two hours after`."""
    place = skip(items, at, ",")
    if items[place].kind not in ("or", "and") or items[place + 1].kind != "num":
        return at
    second = time_before(items, place + 1)
    if second is not None:
        return second[0] if second[1] == "ignored" else at
    place = skip(items, place + 2, "-", "a", "an")
    if items[place].kind != "time" or items[place + 1].kind not in _AROUND:
        return at
    return place + 2 if items[place + 2].kind in ("end", ".", ",", ";", ")") else at


def things(items: Sequence[Item], at: int) -> int:
    """The end of `antacids, iron or dairy products`; `at` where there is none."""
    end = at
    place = skip(items, at, *_ARTICLES)
    while items[place].kind in ("beside", "drink", "trigger", "event") or (
        end > at and items[place].kind in ("medication", "how")
    ):
        end = skip(items, place + 1, "session", "sessions", "treatment", "treatments")
        place = skip(items, end, ",", "or", "and", "&", "/", *_ARTICLES)
    return end


def beside(items: Sequence[Item], at: int) -> Said | None:
    """`after dialysis`, `before sexual activity`, `with iron`; `after each loose stool` is an event
    that comes when it comes."""
    place = skip(items, at + 1, *_ARTICLES)
    if items[place].kind == "trigger":
        return place + 1, "prn", None
    end = things(items, place)
    return (end, *_comes_once(items, at, end)) if end > place else None


def while_(items: Sequence[Item], at: int) -> Said | None:
    """`while on steroids`: with what, and for so long."""
    place = skip(items, at + 1, "on", "taking", "verb", "in", "the", "using")
    end = skip(
        items, place, "unknown", "beside", "reason_word", "product", "or", "and", "advice", "how"
    )
    figure = skip(items, end, "compare", "=", "or", "than")
    if figure > end and items[figure].kind == "num" and items[figure + 1].kind == "unit":
        end = figure + 2  # "while on prednisone >= 20 mg"
        end += 2 * (items[end].kind == "/" and items[end + 1].kind == "time")
        end += items[end].kind == "adverb"
    clause_ends = items[end].kind in ("end", ".", ",", ";", ")")
    return (end, "ignored", "how") if end > place and clause_ends else None


def least(items: Sequence[Item], at: int) -> Said | None:
    """`min 4 hours between doses`."""
    if items[at].key not in ("min", "minimum") or items[at + 1].kind != "num":
        return None
    said = time_before(items, at + 1)
    return said if said is not None and said[1] == "gap" else None


def gap(items: Sequence[Item], at: int) -> Said | None:
    """`at least 6 hours apart`, `leave 4 hours between doses`, `minimum interval 6 hours`."""
    place = at + 1
    while items[place].kind in ("compare", "a", "of", ":", "interval", "for", "the", "gap", "=",
                                "verb", "no", "less", "than", "-", "minimum", "every",
                                "once"):  # fmt: skip
        place += 1
    if items[place].kind != "num":
        return None
    said = time_before(items, place)
    kind = "rarely" if items[at].kind == "rarely" else "gap"
    if said is not None:
        return (said[0], kind, said[2]) if said[1] == "gap" else said
    unit = skip(items, place + 1, "-")
    if items[unit].kind != "time" or items[at].kind not in ("gap", "rarely"):
        return None
    hours = items[place].value.low * 24 * DAYS.get(items[unit].value, 0)
    end = skip(items, unit + 1, "gap", "interval")
    if items[end].kind in ("between", "before", "from", "until"):
        end = _doses(items, end + 1) or end
    return end, kind, hours


def _doses(items: Sequence[Item], at: int) -> int | None:
    """Past `doses`, `each dose`, `two doses`, `tablets`, `repeating`."""
    place = skip(items, at, "num", "the", "each", "every", "next", "another", "verb", "any")
    if items[place].kind in ("doses", "dose", "repeat") or items[place].kind == "unit":
        return place + 1
    return None


def later(items: Sequence[Item], at: int) -> Said | None:
    """`1 tablet upon waking and 1 tablet 6 hours later`: a further time of the day."""
    unit = items[at + 1]
    if unit[:2] != ("time", "h") or items[at + 2].key != "later" or at < 4:
        return None
    if any(item.kind == "prn" for item in items[:at]):
        return at + 3, "hours_later", None  # "2 at first sign, then 1 one hour later"
    back = at - 1 if items[at - 1].kind == "unit" else at
    amount = items[back - 1].kind == "num"
    joined = items[back - 2].kind in ("and", "&", "+", "plus")
    timed = any(item.kind in ("part", "clock") for item in items[:at])
    hours = items[at].value
    if not (amount and joined and timed and hours.low == hours.high and 2 <= hours.low <= 16):
        return None
    return at + 3, "part", f"{hours.low} hours later"
