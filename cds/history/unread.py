"""Allergies, diagnoses and procedures of the record that were not understood, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Literal

from cds.chart.entries import Allergy, Condition, Procedure, Unread
from cds.history.model import UnreadEntry

Kind = Literal["condition", "allergy", "procedure"]
WHY: dict[Kind, str] = {
    "allergy": "substance not recognised",
    "condition": "diagnosis not recognised",
    "procedure": "procedure not recognised",
}
_KINDS: dict[str, Kind] = {
    "AllergyIntolerance": "allergy",
    "Condition": "condition",
    "Procedure": "procedure",
}


def unread_entries(
    allergies: Iterable[Allergy],
    conditions: Iterable[Condition],
    procedures: Iterable[Procedure],
    nameless: Iterable[Unread],
    as_of: date,
) -> tuple[UnreadEntry, ...]:
    """Allergies first, then diagnoses and procedures. The entries are those of the day already.

    An allergy that is over is no reason against anything, whatever it was to.
    """
    found: list[UnreadEntry] = []
    found += (_entry("allergy", a) for a in allergies if a.not_understood and a.active is not False)
    found += (_entry("condition", c) for c in conditions if c.not_understood)
    found += (_entry("procedure", p) for p in procedures if p.not_understood)
    found += _nameless(nameless, as_of)
    once: dict[tuple[str, str], UnreadEntry] = {}
    for entry in found:
        key = entry.kind, (entry.name or entry.code or entry.source[0]).casefold()
        first = once.setdefault(key, entry)
        if first is not entry:
            once[key] = replace(first, source=(*first.source, *entry.source))
    return tuple(sorted(once.values(), key=lambda entry: [*WHY].index(entry.kind)))


def _entry(kind: Kind, entry: Allergy | Condition | Procedure) -> UnreadEntry:
    codes = [code for _, code in entry.codes]
    name = "" if entry.display in codes else entry.display
    return UnreadEntry(kind, name, next(iter(codes), ""), WHY[kind], entry.source)


def _nameless(entries: Iterable[Unread], as_of: date) -> Iterator[UnreadEntry]:
    for entry in entries:
        kind = _KINDS.get(entry.kind)
        there = entry.when is None or entry.when <= as_of
        if kind is not None and entry.nameless and there:
            yield UnreadEntry(kind, "", "", entry.why, (entry.reference,))
