"""Names of fields before what they hold: `Dose: 2 tablet, Freq: QHS, Admin Times: 2100`."""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Said
from cds.dosage.words.readers.amounts import amount
from cds.dosage.words.readers.clocks import hour_of_24
from cds.dosage.words.scan import Item

_TOLD = frozenset({
    "often", "adverb", "every_day", "part", "od", "route", "seldom", "every", "q", "ntimes", "prn",
    "clock", "clocks",
})  # fmt: skip
_BETWEEN = (":", "=", "now", "-", "to", "verb", "for", "polite")


def label(items: Sequence[Item], at: int) -> Said | None:
    """`Frequency:`, `Route = PO`, `Freq QHS`."""
    after = items[at + 1].kind
    if after in (":", "="):
        return at + 2, "fill", "label"
    if items[at].key in ("sched", "scheduled") and at:
        return at + 1, "fill", "label"
    told = after in _TOLD or hour_of_24(items, at + 1) is not None
    return (at + 1, "fill", "label") if told else None


def schedule(items: Sequence[Item], at: int) -> Said | None:
    """`Schedule: 08:00, 20:00`."""
    told = items[at + 1].kind == ":" and items[at + 2].kind in _TOLD
    return (at + 2, "fill", "label") if told and items[at].key == "schedule" else None


def again(items: Sequence[Item], at: int) -> Said:
    """`Admin Amount: 1 tablet`, behind a mass."""
    end = at + 1 + (items[at + 1].kind in (":", "="))
    return end, "fill", "again" if any(item.kind == "unit" for item in items[:at]) else "label"


def dose(items: Sequence[Item], at: int) -> Said | None:
    """`Dose: 2 tablets`, `the dose is now 50 mg`, `dose 1 tablet`."""
    place = at + 1
    if at and items[at - 1].kind == "part" and items[place].kind in ("end", ".", ",", ";", ")"):
        return place, "fill", "label"  # "every day, AM dose"
    while items[place].kind in _BETWEEN or items[place].key in ("is", "of", "should"):
        place += 1
    if items[place].kind == "a" and items[place + 1].kind == "unit":
        return place, "fill", "label"
    if items[place].kind == "pattern" or (items[place].kind == "product" and place > at + 1):
        return place, "fill", "label"
    if items[place].kind != "num":
        return None
    said = amount(items, place)
    told = place > at + 1 or (said is not None and said[1] in ("dose", "strength"))
    return (place, "fill", "label") if told else None


def refers(items: Sequence[Item], at: int) -> Said:
    """`usual dose` stands elsewhere, unless it follows: `current dose: 50 mg nocte`."""
    if items[at].key in ("usual", "current", "home", "previous", "normal") and (
        said := dose(items, at)
    ):
        return said if items[at].key != "previous" else (at + 1, "refers", items[at].value)
    return at + 1, "refers", items[at].value or items[at].key
