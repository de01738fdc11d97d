"""The encounter that the patient is in on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cds.chart.entries import Encounter

_LONGEST_OPEN = 366
"""days; "in progress" for longer with no end is an encounter that nobody closed"""


def encounter_on(
    encounters: Sequence[Encounter], as_of: date, *, asked_for: bool
) -> Encounter | None:
    """The encounter that the patient is in on `as_of`; None when none can be told.

    `asked_for`: the hook's own `encounter` query was answered: a single one is the one in context.
    Otherwise it must cover the day and not be finished; of several, the one that began last.
    """
    if asked_for and len(encounters) == 1:
        return encounters[0]
    open_now = [encounter for encounter in encounters if _covers(encounter, as_of)]
    return max(open_now, key=lambda e: (e.start or date.min, e.source), default=None)


def _covers(encounter: Encounter, as_of: date) -> bool:
    start, end = encounter.start, encounter.end
    if start is None or start > as_of or (end is not None and end < as_of):
        return False
    return encounter.open and (end is not None or (as_of - start).days <= _LONGEST_OPEN)
