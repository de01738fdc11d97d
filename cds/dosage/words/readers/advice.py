"""Advice: a sentence that may hold numbers and times which are no dose.

A dose inside ends it and is read: advice must never hide one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cds.dosage.words.facts import MASSES, Said, skip
from cds.dosage.words.readers.amounts import amount
from cds.dosage.words.readers.ends import finish
from cds.dosage.words.readers.lengths import stretch
from cds.dosage.words.readers.reasons import LINKS, words
from cds.dosage.words.scan import Item

EMERGENCY = "emergency"
"""value of clean advice that tells of a call for help"""
_END = frozenset({".", ";", "end"})
_CLAUSE_END = frozenset({*_END, ")", ","})
_OF_USE = frozenset({"weekday", "parity", "rest_of_week", "prn"})
"""`do not take … Sundays`, `… prn`: words that may be meant of the dose"""
_MOST_COUNTED = 4
_NOTES = ("note", "nb", "important")
_ORDERS = frozenset({"give", "take", "administer", "inject"})
_BREAKS = frozenset({"then", "increase", "decrease", "stop", "unless", "except", "until"})


def advice(items: Sequence[Item], at: int) -> Said | None:
    """A sentence of advice, with the numbers and times in it; a dose in it is read."""
    if items[at].key == "swish" and items[at + 1].kind == "num":
        return at + 1, "fill", None  # "swish 5 mL in mouth and swallow"
    place = at + 1
    inside, clean = 0, True
    while items[place].kind not in _END or (
        items[place].kind == "." and items[place - 1].key == "dr"
    ):
        item = items[place]
        if item.kind == "end" or (item.kind == items[place + 1].kind == "*"):
            break
        if item.kind == "(":
            inside += 1
        elif item.kind == ")":
            if not inside:
                break
            inside -= 1
        elif item.kind == "finish" and finish(items, place):
            break  # "space evenly and complete the 7 day course"
        elif items[place - 1].kind == "," and item.kind in ("may", "repeat"):
            break  # "wait 5 min, may repeat"
        elif item.kind == "old_order":
            break
        elif (
            item.kind in _OF_USE
            or (item.kind in ("often", "od") and _of_a_note(items, at, place))
            or (item.kind == "num" and _taken(items, at, place))
        ):
            clean = False
        elif item.kind in _BREAKS and not _part_of_advice(items, place):
            break
        elif item.kind in ("num", "a", "max") and _is_dose(items, place, flush=_flush(items, at)):
            if items[at].key in (
                "last",
                "you",
                "this",
                "when",
                "therapeutic",
                "interchange",
            ):  # "last given: … Dose: 50 mg"
                place += 1
                continue
            before = items[place - 1]
            if _denied(items, at, place):
                return place, "against", None
            if before.kind == "former" and place - 1 > at:
                return place - 1, "advice", clean  # "dose changed: was 50 mg, now 100 mg"
            if before.kind == "now" and items[at].key == "dose":
                before = items[place - 2]  # "dose decreased: now 25 mg"
            clean = clean and (before.kind in (",", "-", ":", "product") or before.key in _ORDERS)
            return place, "advice", clean
        place += 1
    return place, "advice", EMERGENCY if items[at].kind == "emergency" and clean else clean


def _denied(items: Sequence[Item], at: int, place: int) -> bool:
    """`do not ever take 2 tablets`: no more than how between the denial and the order."""
    alone = items[at].key in ("do", "dont") and items[at].end - items[at].begin <= len("do not")
    between = all(item.kind in ("unknown", "how") for item in items[at + 1 : place - 1])
    return alone and between and items[place - 1].key in _ORDERS


def _taken(items: Sequence[Item], at: int, place: int) -> bool:
    """The 2 of `if not asleep, take 2`, of `last dose 2`: so many, or a time of the clock."""
    ordered = items[place - 1].key in _ORDERS
    after = items[place + 1].kind
    if items[at].key == "last" and items[place - 1].kind in ("advice", "dose", ":"):
        return after in _CLAUSE_END and items[place].value.high <= _MOST_COUNTED
    return ordered and after in (*_CLAUSE_END, "part", "instead", "more")


def _of_a_note(items: Sequence[Item], at: int, place: int) -> bool:
    """The BID of `note: Rx written for BID`, and not of `note: check BP bid`."""
    if items[at].key not in _NOTES or items[place].kind not in ("often", "od"):
        return False
    said = items[at + 1 : place]
    return not any(i.kind in ("advice", "measure") for i in said)


def old_order(items: Sequence[Item], at: int) -> Said:
    """`please discontinue previous Rx for 25 mg tablets`: another order, to the end of it."""
    end = at
    while items[end].kind not in _END:
        end += 1
    return end, "advice", True


def _part_of_advice(items: Sequence[Item], at: int) -> bool:
    """`then spit`, `until dissolved`, `stop driving`: a word that does not change the dose."""
    follows = items[at + 1].kind
    if items[at].kind == "stop" and items[at - 1].kind in ("to", "you", "may", "not", "or"):
        return True
    if items[at].kind in ("increase", "decrease", "stop") and items[at - 1].kind == "before":
        return True  # "call before going up to 2"
    if items[at].kind == "then":
        return follows in ("unknown", "advice", "mild_advice", "reason_word", "verb")
    return items[at].kind in ("until", "unless", "increase", "stop") and follows in (
        "unknown", "reason_word", "verb", "or", "the", "your", "measure", "in", "flag", "how",
        "advice", "polite", "beside", "event", "stop",
    )  # fmt: skip


def _flush(items: Sequence[Item], at: int) -> bool:
    return any(
        item.key in ("flush", "flushed", "flushing", "line") for item in items[at : at + 2]
    ) or (items[at].key == "followed")


def _is_dose(items: Sequence[Item], at: int, *, flush: bool) -> bool:
    if items[at].kind == "max":
        return not flush
    if items[at].kind == "a":
        return items[at + 1].kind == "unit"
    said = amount(items, at)
    if said is None or said[1] != "dose":
        return False
    unit = said[2].unit
    if unit == "mL" and (flush or items[at - 1].kind in ("with", "in")):
        return False  # "rinse with 30 mL"
    return unit in ("mL", *MASSES) or "/" in unit or unit[0] == "{"


def in_a_drink(items: Sequence[Item], at: int) -> Said | None:
    """`in 8 ounces of water`, `with 30 mL water`, `on a spoonful of applesauce or pudding`."""
    place = skip(items, at + 1, "a", "an", "some", "half", "the", "your")
    if items[place].kind == "num" and items[place + 1].kind in ("other_unit", "unit", "a"):
        place += 1
    place = skip(items, place, "other_unit", "unit", "small", "a", "of", "cold", "soft")
    end = place
    while (
        items[place].kind in ("drink", "food")
        or items[place].key in ("liquid", "fluid")
        or (end > at + 1 and items[place].kind == "how" and items[place - 1].kind in ("or", ","))
    ):
        end = place + 1
        place = skip(items, end, "or", ",", "and", "/", "a", "other", "soft", "with")
    return (end, "ignored", "how") if items[end - 1].kind in ("drink", "food", "how") and (
        end > at + 1) else None  # fmt: skip


def with_energy(items: Sequence[Item], at: int) -> Said | None:
    """`with at least 350 calories`."""
    place = skip(items, at + 1, "a", "meal", "food", "of", "compare", "gap", "(", "about", "how")
    if items[place].kind != "num" or items[place + 1].key not in ("calories", "kcal", "calorie"):
        return None
    end = skip(items, place + 2, "meal", "food", "of")
    return end + (items[end].kind == ")" and items[at + 1].kind == "("), "ignored", "how"


def hold(items: Sequence[Item], at: int) -> Said | None:
    """`hold 15 minutes without swallowing`: in the mouth."""
    place = skip(items, at + 1, "for", "about", "in", "route", "gap", "compare")
    if items[place].kind == "measure" or items[place].key == "hr":
        return advice(items, at)  # "hold SBP < 90"
    if items[at].key != "hold" or items[place].kind != "num":
        return None
    unit = items[place + 1]
    if unit.value == "mL":
        return place, "fill", None  # "hold 1 mL in the mouth"
    return advice(items, at) if unit.kind == "time" and unit.value in ("s", "min") else None


def not_at(items: Sequence[Item], at: int) -> Said | None:
    """`not after 4 pm`, `not to be taken at night`: when not, while the text tells when."""
    place = skip(items, at + 1, "to", "verb", "be")
    if items[place].kind not in ("at", "after", "before", "in", "within", "with", "later", "less"):
        return None
    hour = items[place].kind in ("after", "before") and items[place + 1].kind == "num"
    end = skip(items, place, "at", "after", "before", "in", "within", "with", "later", "than",
               "the", "or", "num", "time", "part", "clock", "how", "food", "meal", "meals", "of",
               "beside", "drink", "your", "less")  # fmt: skip
    told = any(item.kind in ("part", "clock", "beside", "drink", "food", "meal", "meals", "time")
               for item in items[place:end])  # fmt: skip
    return (end, "advice", True) if (told or hour) and items[end].kind in _CLAUSE_END else None


def mild_advice(items: Sequence[Item], at: int) -> Said | None:
    """`do not crush or chew`: up to the next word of dosing."""
    end = words(items, at + 1, links=LINKS | {"mild_advice", "verb", "method", "form", "unit"})
    while items[end].kind in ("mild_advice", "verb", "or", "how"):
        end = words(items, end + 1)
    return end, "advice", True


def condition(items: Sequence[Item], at: int) -> Said | None:
    """`if unable to sleep`: taken when needed; at the start of a sentence it is advice."""
    if at == 0 or items[at - 1].kind in (".", ";"):
        end = words(items, at + 1)
        if end > at + 1 and items[end].kind in ("increase", "decrease"):
            return end, "tolerated", None  # "1 bd; if pain is not controlled increase to 2 bd"
        if end > at + 1 and items[end].kind in (",", "verb", ":") and _nothing_before(items, at):
            return end, "prn", "for"  # "if in pain, take 1 tablet q6h"
        return advice(items, at)
    if items[at - 1].kind == "how":  # "with food if stomach upset occurs"
        end = words(items, at + 1)
        return (end, "reason", None) if end > at + 1 else None
    place = at + 1
    while items[place].kind in ("not", "no", "unless", "still", "more", "increase") or items[
        place
    ].key in ("you", "still"):
        if items[place].kind in ("unless", "increase"):
            return None
        place += 1
    end = words(items, place)
    if items[place].key in ("weight", "wt") and (said := advice(items, place)):
        return said[0], "prn", None  # "if weight goes up more than 3 lb in a day"
    if end > place and items[end].kind in ("in", "after", "within", "by"):
        found = stretch(items, skip(items, end + 1, "about", "a"))
        end = found[0] if found and found[2] in ("min", "h") else end  # "if not asleep in 1 hour"
    return (end, "prn", "for") if end > place else None


def _nothing_before(items: Sequence[Item], at: int) -> bool:
    """Whether the only dose stands behind the condition."""
    return not any(item.kind in ("num", "pattern", "a") for item in items[:at])


def on_such_days(items: Sequence[Item], at: int) -> Said | None:
    """`on days when ankles are swollen`: as needed."""
    if items[at + 1].key != "days":
        return None
    place = skip(items, at + 2, "when", "if", "the", "your", "my", "with", "of")
    end = words(items, place)
    return (end, "prn", None) if end > place and items[at + 2].kind != "of" else None


def not_daily(items: Sequence[Item], at: int) -> Said | None:
    """`once a week. Do not take daily`, `when required, not every night`: it is said already."""
    told = any(
        item.kind in ("seldom", "weekday", "prn", "if", "when")
        or (item.kind == "adverb" and item.value == "7")
        or (item[:2] == ("time", "wk") and before.kind in ("a", "per", "each", "every", "/"))
        for before, item in pairwise(items[:at])
    )
    return (at + 1, "advice", True) if told else None
