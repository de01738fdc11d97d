"""Conditions over time: what stands on a day, and since when the current depression lasts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from cds.chart.entries import ClinicalStatus, Condition
from cds.history.dated import up_to

_ENDED = frozenset({"inactive", "remission", "resolved"})
_EPISODE_SETS = frozenset({"depression_any", "mdd_any", "treatment_resistant_depression"})
_DEPRESSION_ENDED = frozenset({"mdd_remission"})


def conditions_on(conditions: Iterable[Condition], as_of: date) -> tuple[Condition, ...]:
    """Every condition that stands on `as_of`, with the state that it has then."""
    return tuple(_on(condition, as_of) for condition in up_to(conditions, as_of))


def episode_start(conditions: tuple[Condition, ...], as_of: date) -> date | None:
    """Onset of the depressive episode that is current on `as_of`; None when no entry tells it.

    Several current entries of depression describe one episode: the latest onset is its start.
    An encounter diagnosis repeats what is known, so a dated problem-list entry goes first.
    """
    current = [
        fact
        for fact in conditions
        if fact.sets & _EPISODE_SETS
        and not fact.sets & _DEPRESSION_ENDED
        and fact.active is True
        and fact.onset is not None
    ]
    problems = [fact for fact in current if fact.category == "problem-list-item"]
    return max((f.onset for f in problems or current if f.onset), default=None)


def _on(condition: Condition, as_of: date) -> Condition:
    latest, recorded = condition.onset_latest, condition.recorded
    open_onset = latest is not None and latest > as_of
    recorded_later = recorded is not None and recorded > as_of
    if condition.abatement is None and not open_onset and not recorded_later:
        return condition  # nearly every one: nothing of it depends on the day
    ended = condition.abatement is not None and condition.abatement <= as_of
    return replace(
        condition,
        clinical=_clinical(condition, as_of),
        onset_latest=as_of if open_onset else latest,
        abatement=condition.abatement if ended else None,
        recorded=None if recorded_later else recorded,
    )


def _clinical(condition: Condition, as_of: date) -> ClinicalStatus:
    """The status, corrected by the abatement: over before the day, or not over yet on the day."""
    stated, ends = condition.stated, condition.abatement_latest
    if condition.abatement is not None and condition.abatement > as_of:
        return "active" if stated is None or stated in _ENDED else stated
    if ends is not None and ends <= as_of and stated not in _ENDED:
        return "resolved" if stated in (None, "unknown") else "inactive"
    return condition.clinical
