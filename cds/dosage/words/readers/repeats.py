"""What may be taken again: `may repeat x1`, `repeat in 72 hours`, `may repeat 1 capsule`.

Facts: `repeat`, `repeat_dose`, `repeat_at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from cds.dosage.words.facts import DAYS, Dose, Said, skip
from cds.dosage.words.readers.advice import advice
from cds.dosage.words.readers.amounts import amount
from cds.dosage.words.readers.day_times import preposition
from cds.dosage.words.readers.lengths import stretch
from cds.dosage.words.scan import Item

_HOURS = (("time", "h"), ("time", "min"))


class Repeat(NamedTuple):
    """`may repeat once after 2 hours`, `repeat in 72 hours`."""

    so_often: int | None
    """0: as often as it may be (`every 2 hours`)"""
    days: Fraction | None
    """after how long"""
    allowed: bool
    """`may be repeated`"""


class Repeated(NamedTuple):
    """`may repeat 1 capsule in 1 hour`."""

    dose: Dose
    repeat: Repeat


def _at_another_time(items: Sequence[Item], at: int) -> Said | None:
    """The `repeat` of `1 at breakfast and repeat at lunch`."""
    said = preposition(items, at + 1) if items[at + 1].kind in ("at", "in", "with") else None
    if said is None or (said[1] != "clock" and items[said[0]].kind not in ("part", "clock")):
        return None
    if any(item.kind in ("prn", "if", "when", "may") for item in items[at : at + 9]):
        allowed = items[at - 1].kind == "may" or items[at].key in ("may", "can", "be")
        return at + 1, *(("repeat_at", None) if allowed and at else ("unknown", "repeat"))
    if items[at - 1].kind == "may" or items[at].key in ("may", "can", "be"):
        return at + 1, "repeat_at", None
    joined = items[at - 1].kind in ("and", "&", ",", "then")
    return at + 1, "fill" if joined else "and", None


def _soon(items: Sequence[Item]) -> bool:
    """Whether hours, minutes or a time of the day follow: the dose may be what is repeated."""
    return any(i.kind in ("part", "clock") or i[:2] in _HOURS for i in items)


def _on_day(items: Sequence[Item], at: int) -> tuple[int, Fraction] | None:
    """The end of `day 4`, and how many days after the first it is."""
    number = items[at + 1]
    if items[at].key != "day" or number.kind != "num" or number.value.low != number.value.high:
        return None
    return at + 2, number.value.low - 1


def mr(items: Sequence[Item], at: int) -> Said | None:
    """The MR of `½ tab prn, MR in 30 min`: may repeat."""
    timed = items[at + 1].kind in ("in", "after", "every", "q") and items[at + 2].kind == "num"
    if items[at].key != "mr" or not timed or not any(item.kind == "prn" for item in items[:at]):
        return None
    said = repeat(items, at)
    return said if said and said[1] == "repeat" and said[0] > at + 1 else None


def repeat(items: Sequence[Item], at: int) -> Said | None:
    """`may repeat x1`, `repeat in 2 hours if needed`, `repeat once after 30 minutes`."""
    place, count = at + 1, None
    days: Fraction | None = None
    if (said := _at_another_time(items, at)) is not None:
        return said
    if items[place].kind in ("end", ".", "-") and items[at - 1].kind in (";", ",", "."):
        return at + 1, "ignored", "refills"  # of the prescription: "… ; RPT"
    if items[place].kind in ("unknown", "measure", "advice") and items[at - 1].kind != "may":
        if items[place].kind == "unknown" and _soon(items[place + 1 : place + 5]):
            return at + 1, "unknown", "repeat"
        return advice(items, at)  # "repeat TFT in 6 weeks"
    if items[at].key == "be" and items[at].kind == "repeat":
        count = 1
    allowed = items[at].key in ("may", "can", "be")
    said = amount(items, place) if items[place].kind == "num" else None
    dose = said[2] if said is not None and said[1] == "dose" and "/" not in said[2].unit else None
    place = said[0] if said is not None and dose is not None else place
    for _ in range(3):
        item = items[place]
        if item.kind in ("in", "after", "every", "q"):
            found = stretch(items, skip(items, place + 1, "a", "about", "gap", "compare"))
            if found is None:
                break
            place = found[0]
            if item.kind in ("every", "q"):
                count = 0
            elif found[1].low == found[1].high and found[2] in DAYS:
                days = found[1].low * DAYS[found[2]]
        elif item.kind == "on" and (on := _on_day(items, place + 1)):
            place, days = on  # "repeat on day 4"
        elif item.kind == "ntimes":
            count, place = int(item.value), place + 1
        elif item.kind == "num" and place == at + 1 and items[at].key.endswith(("x", "mr")):
            count, place = int(item.value.high), place + 1  # "MRx1"
        elif item.kind == "x" and items[place + 1].kind == "num":
            count, place = int(items[place + 1].value.high), place + 2
            place += items[place].kind in ("doses", "dose")
        elif item.kind == "num" and items[place + 1].kind in ("times", "dose"):
            count, place = int(item.value.high), place + 2
        else:
            break
    again = Repeat(count, days, allowed)
    return (
        (place, "repeat", again) if dose is None else (place, "repeat_dose", Repeated(dose, again))
    )
