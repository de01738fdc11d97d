"""Trials of which nobody could see how they ended: results were not had, and nothing else tells.

A response stands in scores more often than in words. Where nobody took scores a trial counts as one
that did not help; where they were asked for and not had, that would be a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from cds.history.model.trial import Trial

_WHY = "results were not seen, so it may have been answered by a response; otherwise "


def without_scores(trials: Iterable[Trial], within: int) -> list[Trial]:
    """Trials of a chart whose results could not be had; `within`: days from a drug to the next.

    A reason for stopping tells how one ended, and so does another drug of its kind that took its
    place: nobody changes what helps.
    """
    every = list(trials)
    return [
        replace(trial, unscored=True, reason=f"{_WHY}{trial.reason}")
        if trial.adequate and trial.outcome == "unknown" and not _replaced(trial, every, within)
        else trial
        for trial in every
    ]


def _replaced(trial: Trial, among: Iterable[Trial], within: int) -> bool:
    """Whether another drug was begun while it was taken or soon after, and outlasted it."""
    start, end = trial.start, trial.end
    if trial.ongoing is not False or start is None or end is None:
        return False
    latest = end + timedelta(days=within)
    return any(
        other.ingredient != trial.ingredient
        and other.group == trial.group
        and other.start is not None
        and start < other.start <= latest
        and (other.ongoing is True or (other.end is not None and other.end > end))
        for other in among
    )
