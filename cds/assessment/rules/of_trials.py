"""What was tried: antidepressant trials, their classes, augmentation, the history behind them."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.model import State
from cds.assessment.rules.answer import Answer, Found, Match, met, said
from cds.assessment.rules.evaluate import answers_of_patient
from cds.assessment.trials import (
    Tally,
    may_reach,
    minimum_history,
    site_scope,
    sources,
    tallied,
    tally,
    trial_like,
)
from cds.history.model.trial import Trial
from cds.history.model.unread import UnreadDrug
from cds.knowledge.model.predicates.treatment import (
    AdequateTrials,
    Augmentations,
    MedicationHistory,
    TrialClasses,
)


class HistoryFound(Struct, Found, frozen=True):
    """How far the medication history reaches back."""

    first: date | None
    """None: there is no medication on record"""
    days: int
    """how far it has to reach"""


@answers_of_patient(MedicationHistory)
def _medication_history(test: MedicationHistory, case: Case) -> Answer:
    gap = _gap(test.days, case)
    found = HistoryFound(case.history.first_medication_record, test.days)
    return Answer("met" if gap is None else "unknown", found=found)


def short_history(case: Case) -> HistoryFound | None:
    """A medication history that is too short for any count of trials to be judged."""
    return _gap(minimum_history(case), case)


def _gap(days: int, case: Case) -> HistoryFound | None:
    first = case.history.first_medication_record
    long_enough = first is not None and (case.as_of - first).days >= days
    return None if long_enough else HistoryFound(first, days)


class TrialsFound(Struct, Found, frozen=True):
    """Antidepressant trials, counted."""

    count: Tally
    counted: tuple[Trial, ...]
    """those that reach the tier"""
    needed: int
    strict: bool
    gap: HistoryFound | None
    """a medication history that is too short to judge any trial by"""
    unread: tuple[UnreadDrug, ...]
    """drugs that were not understood and may be trials"""

    @property
    def may_be_enough(self) -> bool:
        possible = len(self.counted) + len(self.count.undecided)
        return may_reach(self.needed, possible, self.unread)


@answers_of_patient(AdequateTrials)
def _adequate_trials(test: AdequateTrials, case: Case) -> Answer:
    scope = site_scope(case) if test.scope == "site" else test.scope
    count = tallied(case, scope)
    needed = test.at_least or case.site.adequate_trials_required
    return trials_answer(case, count, needed)


def trials_answer(case: Case, count: Tally, needed: int, strict: bool = False) -> Answer:
    """Whether the counted trials reach a number; what is missing never counts as a no."""
    counted = count.strict if strict else count.minimum
    gap = short_history(case)
    unread = trial_like(case)
    found = TrialsFound(count, counted, needed, strict, gap, unread)
    seen = "medicationRequests" in case.history.answered
    if gap is not None:
        state: State = "unknown"
    elif len(counted) >= needed:
        return met(map(of_trial, counted), found=found)
    else:
        state = "unknown" if found.may_be_enough or not seen else "not_met"
    missing = frozenset() if seen else frozenset({"medicationRequests"})
    return Answer(state, missing=missing, found=found, looked_at=sources(counted))


class ClassesFound(Struct, Found, frozen=True):
    """The classes of the counted trials."""

    classes: tuple[str, ...]
    needed: int
    unread: tuple[UnreadDrug, ...] = ()
    """what may add to them and was not understood, where that leaves it open"""


@answers_of_patient(TrialClasses)
def _trial_classes(test: TrialClasses, case: Case) -> Answer:
    count = tallied(case, site_scope(case))
    classes, refs = count.classes, sources(count.minimum)
    found = ClassesFound(classes, test.at_least)
    if len(classes) >= test.at_least:
        return met(map(of_trial, count.minimum), found=found)
    if short_history(case) is not None or "medicationRequests" not in case.history.answered:
        return Answer("unknown", found=found, looked_at=refs)
    unread = trial_like(case)
    undecided = {trial.drug_class for trial in count.undecided} | set(classes)
    if not may_reach(test.at_least, len(undecided), unread):
        return Answer("not_met", found=found, looked_at=refs)
    return Answer("unknown", found=ClassesFound(classes, test.at_least, unread), looked_at=refs)


class AugmentationsFound(Struct, Found, frozen=True):
    """The adequate augmentations."""

    done: tuple[Trial, ...]


@answers_of_patient(Augmentations)
def _augmentation(test: Augmentations, case: Case) -> Answer:
    done = tally(case.history.augmentation_trials).minimum
    found = AugmentationsFound(done)
    if len(done) >= test.at_least:
        return met(map(of_trial, done), found=found)
    return Answer("unknown", found=found)


def of_trial(trial: Trial) -> Match:
    return Match(said(trial.ingredient), trial.source, trial.start)
