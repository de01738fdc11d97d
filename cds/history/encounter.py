"""The encounter that the patient is in on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from cds.chart.encounter_entry import Encounter

_OTHER_ZONE = timedelta(1)
"""where the EHR is, the day may have begun already"""


def encounter_on(
    encounters: Sequence[Encounter], as_of: date, *, asked_for: bool
) -> Encounter | None:
    """The encounter that the patient is in on `as_of`; None when none can be told.

    It must cover the day and not be finished; of several, the one that began last.
    `asked_for`: the key `encounter` was answered, by the hook's own query or by a file. A single
    one is then in context if it may cover the day, though nobody wrote when it began.
    """
    if asked_for and len(encounters) == 1:
        return encounters[0] if _may_cover(encounters[0], as_of) else None
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
    return encounter.start <= as_of + _OTHER_ZONE
