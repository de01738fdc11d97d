"""Allergies, diagnoses and procedures of the record that were not understood, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import chain
from typing import Literal

from msgspec.structs import replace

from cds.chart.entries import Allergy, Condition, Procedure, Result, Source, Unread
from cds.chart.unread import NOT_RECOGNISED
from cds.history.model.unread import UnreadEntry
from cds.limits import UNREADABLE

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
        name = one.source[0] if one.name == UNREADABLE else one.name  # two need not be one
        key = one.kind, (name or one.code or one.source[0]).casefold()
        first = once.setdefault(key, one)
        if first is not one:
            once[key] = replace(first, source=(*first.source, *one.source))
    return tuple(sorted(once.values(), key=lambda entry: entry.kind))


def unread_results(
    observations: Mapping[str, tuple[Result, ...]], as_of: date, window: timedelta
) -> Iterator[UnreadEntry]:
    """Results of the last months that can't be read, where no later one of the kind can."""
    told: set[tuple[Source, str]] = set()
    for facts in observations.values():
        if all(not fact.written or _is_read(fact) for fact in facts):
            continue
        read = [_moment(fact) for fact in facts if fact.when is not None and _is_read(fact)]
        last = max(read, default=(as_of - window, 0.0))
        for fact in facts:
            key = fact.source, fact.written
            if not fact.written or fact.when is None or _is_read(fact) or key in told:
                continue
            if as_of - fact.when <= window and _moment(fact) > last:
                told.add(key)
                why = fact.problem or ""
                yield UnreadEntry("result", fact.written, fact.kind, why, fact.source, fact.when)


def _moment(fact: Result) -> tuple[date, float]:
    """A day of which the hour is not known is over when others of it begin."""
    return fact.when or date.min, fact.instant.timestamp() if fact.instant else 0.0


def _is_read(fact: Result) -> bool:
    return fact.problem is None or fact.at_least is not None or fact.at_most is not None


def _entry(entry: Allergy | Condition | Procedure) -> UnreadEntry:
    resource = entry.source[0].partition("/")[0]
    codes = [code for _, code in entry.codes]
    name = "" if entry.display in codes else entry.display
    why = NOT_RECOGNISED[resource]
    code, in_part = next(iter(codes), ""), bool(entry.sets)
    if isinstance(entry, Allergy):
        in_part = in_part or bool(entry.ingredients)
    return UnreadEntry(_KINDS[resource], name, code, why, entry.source, in_part=in_part)


def _nameless(entries: Iterable[Unread], as_of: date) -> Iterator[UnreadEntry]:
    for entry in entries:
        kind = _KINDS.get(entry.kind)
        there = entry.when is None or entry.when <= as_of
        if kind is not None and entry.nameless and there:
            yield UnreadEntry(kind, "", "", entry.why, (entry.reference,))
