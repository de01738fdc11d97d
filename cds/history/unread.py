"""Allergies, diagnoses and procedures of the record that were not understood, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Literal

from cds.chart.entries import Allergy, Condition, Procedure, Unread
from cds.chart.unread import NOT_RECOGNISED
from cds.history.model import UnreadEntry

_KINDS: Mapping[str, Literal["allergy", "condition", "procedure"]] = {
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
    standing = (allergy for allergy in allergies if allergy.active is not False)
    entries: Iterable[Allergy | Condition | Procedure] = chain(standing, conditions, procedures)
    found = [_entry(entry) for entry in entries if entry.not_understood]
    found += _nameless(nameless, as_of)
    once: dict[tuple[str, str], UnreadEntry] = {}
    for one in found:
        key = one.kind, (one.name or one.code or one.source[0]).casefold()
        first = once.setdefault(key, one)
        if first is not one:
            once[key] = replace(first, source=(*first.source, *one.source))
    return tuple(sorted(once.values(), key=lambda entry: entry.kind))


def _entry(entry: Allergy | Condition | Procedure) -> UnreadEntry:
    resource = entry.source[0].partition("/")[0]
    codes = [code for _, code in entry.codes]
    name = "" if entry.display in codes else entry.display
    why = NOT_RECOGNISED[resource]
    return UnreadEntry(_KINDS[resource], name, next(iter(codes), ""), why, entry.source)


def _nameless(entries: Iterable[Unread], as_of: date) -> Iterator[UnreadEntry]:
    for entry in entries:
        kind = _KINDS.get(entry.kind)
        there = entry.when is None or entry.when <= as_of
        if kind is not None and entry.nameless and there:
            yield UnreadEntry(kind, "", "", entry.why, (entry.reference,))
