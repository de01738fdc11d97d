"""What is dated later than the day does not exist on it, and is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeVar

from cds.chart.entries import Dated, Unread
from cds.fhir.record.skipped import DATED_LATER, Skipped

Entry = TypeVar("Entry", bound=Dated)


def up_to(entries: Iterable[Entry], as_of: date) -> list[Entry]:
    """The entries that exist on the day: those without a date as well."""
    return [entry for entry in entries if (when := entry.when) is None or when <= as_of]


def not_used(
    entries: Iterable[Dated], unread: Iterable[Unread], as_of: date, *kinds: str
) -> Iterator[Skipped]:
    """What of some kinds of resource the day leaves out, and what is not used on any day.

    Kind by kind, each in the order of references, those without an id last.
    """
    found = {
        (entry.source[0], DATED_LATER)
        for entry in entries
        if (when := entry.when) is not None and when > as_of
    }
    for entry in unread:
        if entry.kind in kinds:
            later = entry.when is not None and entry.when > as_of
            found.add((entry.reference, DATED_LATER if later else entry.why))
    for kind in kinds:
        here = [(ref, why) for ref, why in found if ref.partition("/")[0] == kind]
        for ref, why in sorted(here, key=lambda one: ("/" not in one[0], one)):
            yield Skipped(ref, why)
