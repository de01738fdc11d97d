"""Increases and decreases.

Facts: `change_to` and `change_after` (what follows is the next step), `change_by`, `tapering`,
`titrate`, `stop`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import COURSE, DAYS, MASSES, Said, skip
from cds.dosage.words.readers.change_steps import by_steps, in_steps, plain_dose
from cds.dosage.words.readers.dates import until
from cds.dosage.words.readers.former import former
from cds.dosage.words.readers.lengths import after, stretch
from cds.dosage.words.readers.office import past_date
from cds.dosage.words.scan import Item

_LONG_AGO = ("increased", "decreased", "reduced", "raised", "lowered")


def change(items: Sequence[Item], at: int) -> Said | None:
    """`increase to` (what follows is the next step), or `increase by … every … to …`."""
    sign = -1 if items[at].kind == "decrease" else 1
    dated = skip(items, at + 1, "on")
    if items[at].key in _LONG_AGO and (end := past_date(items, dated)) > dated:
        now = skip(items, end, "-", ",", ":", ".")
        return now + 1 if items[now].kind == "now" else end, "ignored", "date"
    if items[at].kind == "up" and items[at + 1].kind != "by":
        return None
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
        "polite",
        "product",
        "salt",
        "medication",
    )
    if items[place].kind in ("to", "until"):
        said = former(items, place) if plain_dose(items, place + 1) else None
        if said and items[said[0] - 1].kind != ":" and items[said[0]].kind == ":":
            return said[0] + 1, "tapering", None  # "titrate to 100 mg bd: 25 mg bd week 1 …"
        may = items[at - 1].kind == "may" or (at > 1 and items[at - 2].kind in ("may", "can"))
        if "titrat" in items[at].key and not may:
            return None  # in steps that are not told
        return place + 1, "change_to", sign
    if items[place].kind == "from" and (said := former(items, place)):
        changed = items[said[0]].kind == "to"
        return (said[0] + 1, "change_to", sign) if changed else said
    steps = by_steps(items, place, sign) or in_steps(items, place, sign)
    if steps is not None and items[steps[0]].kind == ":":
        return steps[0] + 1, "tapering", None  # "reduce by 5 mL every 2 weeks: 40 mL od …"
    if steps is not None:
        return steps
    if intro := _announced(items, place):
        return intro, "tapering", None
    delay = stretch(items, place + 1) if items[place].kind in ("after", "in") else None
    if delay is None or items[delay[0]].kind != "to" or delay[1].low != delay[1].high:
        return None
    if delay[2] not in COURSE:
        return None
    return delay[0] + 1, "change_after", delay[1].low * DAYS[delay[2]]


def to_amount(items: Sequence[Item], at: int) -> Said | None:
    """The `to` of `after a further 5 nights to 75 mg`."""
    before = items[at - 1] if at else None
    if before is None or not (before.kind == "time" or before.key in ("nights", "mornings")):
        return None
    return (at + 1, "change_to", 1) if plain_dose(items, at + 1) else None


def stays(items: Sequence[Item], at: int) -> Said:
    """`then stay on 5 mg`, `until reviewed by the clinic`: it goes on."""
    place = skip(items, at + 1, "on", "at", "with", "this", "dose", "until_end", "taking", "verb")
    if plain_dose(items, place) is not None and place > at:
        return place, "stays", None
    if items[at + 1].kind in ("by", "at", "in", "with"):
        end = skip(items, at + 2, "the", "your", "polite", "unknown", "-", "/", "how")
        if end > at + 2:
            return end, "ignored", None
    return at + 1, "ignored", None


def course_name(items: Sequence[Item], at: int) -> Said | None:
    """`titration plan:`, `stop gradually:`."""
    end = _announced(items, at + 1)
    return (end, "tapering", None) if end else None


def _announced(items: Sequence[Item], at: int) -> int | None:
    """The end of `Taper over 4 weeks:`, `Reduce the night dose only:`."""
    found = stretch(items, at + 1) if items[at].kind == "over" else None
    place = found[0] if found else at
    place = skip(items, place, "part", "dose", "only", "as", "medication", "form", "product")
    dashed = items[place].kind == "-" and items[place + 1].kind == "time"  # "taper - day 1: …"
    return place + 1 if items[place].kind == ":" or dashed else None


def _old_strength(items: Sequence[Item], at: int) -> int | None:
    """The end of `the 25 mg tablets.` that are stopped where another strength is started."""
    place = skip(items, at, "the", "your", "verb", "taking")
    if items[place].kind != "num" or items[place + 1].value not in MASSES:
        return None
    form = items[place + 2]
    if form.kind != "unit" or items[place + 3].kind not in (".", ";", ","):
        return None
    return place + 3


def stop(items: Sequence[Item], at: int) -> Said | None:
    """`stop`, `then stop`; with a length after it, when."""
    place = at + 1
    if items[skip(items, place, "on", ":")].kind == "date":
        return until(items, at)
    if (end := _old_strength(items, place)) is not None:
        return end, "advice", True
    if items[at].key == "off" and items[skip(items, place, "on", "at", "the")].kind == "weekday":
        return place, "none", None  # "off weekends"
    if items[place].kind in ("after", "in") and (said := after(items, place)):
        return said[0], "stop", said[2]
    loose = at == 0 or items[at - 1].kind not in ("then", "and", ",")
    if (items[at].key == "off" and loose) or items[place].kind == "unknown":
        return None
    return place, "stop", None
