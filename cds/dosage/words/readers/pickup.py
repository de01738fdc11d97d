"""Where a drug is handed out and taken, with the days of that.

`supervised Mon-Sat, take home Sunday`: none of them tells how often it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Said, skip
from cds.dosage.words.readers.day_times import weekdays
from cds.dosage.words.scan import Item

_FEWEST_SUPPLIED = 7


def pickup(items: Sequence[Item], at: int) -> Said:
    """`supervised Mon-Sat, take home Sunday`: where it is taken, with the days of it."""
    place = at + 1
    if items[at].key == "tto" and items[place].kind == "num" and _supplied_alone(items, place):
        return place + 2, "ignored", "supply"  # "TTO 28 tabs"
    if (
        items[at].key in ("tto", "tta")
        and items[place].kind == "x"
        and items[place + 1].kind == "num"
    ):
        return place + 2, "ignored", "supply"  # "TTO x5"
    while True:
        place = skip(items, place, "on", "at", "pickup", "how")
        place += items[place].kind == ":" and items[place + 1].kind == "weekday"
        if items[place].kind == "for" and items[place + 1].kind == "weekday":
            place += 1  # "take home dose for Sunday"
        if items[place].kind == "except" and items[place + 1].kind == "weekday":
            place += 1  # "supervised daily except Sunday": of where, and not of whether
        elif items[place].kind in (",", "with") and _days_of_pickup(items, place + 1):
            place += 1
        if (
            items[place].kind in ("dose", "doses")
            and items[place - 1].kind == "weekday"
            and (items[place + 1].kind == "pickup" or items[place + 1].value == "home")
        ):
            place += 2
            continue
        if items[place].kind != "weekday":
            break
        said = weekdays(items, place)
        place = said[0] if said else place + 1
        counted = items[place].kind == "(" and items[place + 1].kind == "num"
        if counted and items[place + 2].kind in ("time", "doses") and items[place + 3].kind == ")":
            place += 4  # "Mon (2 days), Wed (2 days)"
            place += items[place].kind == "," and items[place + 1].kind == "weekday"
    while items[place - 1].kind in ("on", "at"):
        place -= 1
    return place, "ignored", "supply"


def weekday_pickup(items: Sequence[Item], at: int) -> Said | None:
    """`Sunday dose to be dispensed on Saturday`: which day it is handed out."""
    if items[at + 1].kind not in ("dose", "doses"):
        return None
    place = skip(items, at + 2, "to", "be", "verb")
    return pickup(items, place) if items[place].kind == "pickup" else None


def _days_of_pickup(items: Sequence[Item], at: int) -> bool:
    """The `Sunday take home` of `supervised, Sunday take home`."""
    said = weekdays(items, at) if items[at].kind == "weekday" else None
    return said is not None and (items[said[0]].kind == "pickup" or items[said[0]].value == "home")


def at_home(items: Sequence[Item], at: int) -> Said:
    """`take home Sunday`; the other words of an order's setting stand alone."""
    end = pickup(items, at)[0] if items[at].value == "home" else at + 1
    return end, "flag", items[at].value


def _supplied_alone(items: Sequence[Item], at: int) -> bool:
    unit, after = items[at + 1], items[at + 2].kind
    many = items[at].value.low >= _FEWEST_SUPPLIED
    return many and str(unit.value).startswith("{") and after in ("end", ".", ",", ";", ")")
