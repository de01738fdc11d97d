"""The encounter that the patient is in on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cds.chart.encounter_entry import Encounter


def encounter_on(
    encounters: Sequence[Encounter], as_of: date, *, asked_for: bool
) -> Encounter | None:
    """The encounter that the patient is in on `as_of`; None when none can be told.

    It must cover the day and not be finished; of several, the one that began last.
    `asked_for`: the key `encounter` was answered, by the hook's own query or by a file. The only
    one that may cover the day is then in context, though nobody wrote when it began.
    """
    possible = [encounter for encounter in encounters if _may_cover(encounter, as_of)]
    if asked_for and len(possible) == 1:
        return possible[0]
    open_now = [encounter for encounter in encounters if _covers(encounter, as_of)]
    return max(open_now, key=lambda e: (e.start or date.min, e.source), default=None)


def _covers(encounter: Encounter, as_of: date) -> bool:
    start = encounter.start
    return start is not None and start <= as_of and not encounter.is_over(as_of)


def _may_cover(encounter: Encounter, as_of: date) -> bool:
    if encounter.is_over(as_of):
        return False
    if encounter.start is None:
        return not encounter.planned
    return encounter.start <= as_of
