"""What was tried against pain and seizures, and what was taken for how long."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.model import State
from cds.assessment.rules.answer import Answer, Found, Match, met, said
from cds.assessment.rules.evaluate import answers_of_patient
from cds.assessment.rules.of_trials import of_trial
from cds.assessment.trials import may_reach, sources, trial_like
from cds.history.model.course import MedicationCourse
from cds.history.model.trial import Trial
from cds.history.model.unread import UnreadDrug
from cds.knowledge.model.predicates.treatment import FailedTreatments, TreatmentCourses


class TreatmentsFound(Struct, Found, frozen=True):
    """Trials of a group, counted by class or by drug."""

    asked: FailedTreatments
    trials: tuple[Trial, ...]
    failed: tuple[Trial, ...]
    have: frozenset[str]
    """the classes, or drugs, that failed"""
    open_by: tuple[Trial, ...] | tuple[UnreadDrug, ...] = ()
    """what could make them enough, were it known"""
    no_history: bool = False


@answers_of_patient(FailedTreatments)
def _failed_treatments(test: FailedTreatments, case: Case) -> Answer:
    history = case.history
    trials = tuple(
        trial
        for trial in history.pain_trials
        if trial.group == test.group and (not test.classes or trial.drug_class in test.classes)
    )
    failed = tuple(trial for trial in trials if _failed(trial, test.intolerance_counts))
    undecided = tuple(trial for trial in trials if trial.adequacy == "unknown" or trial.unscored)
    have = _units(test, failed)
    if len(have) >= test.at_least:
        found = TreatmentsFound(test, trials, failed, have)
        return met(map(of_trial, failed), found=found)
    possible, unread = len(have | _units(test, undecided)), trial_like(case)
    open_by: tuple[Trial, ...] | tuple[UnreadDrug, ...] = ()
    if possible >= test.at_least:
        open_by = undecided
    elif may_reach(test.at_least, possible, unread):
        open_by = unread
    no_history = not open_by and history.first_medication_record is None
    seen = "medicationRequests" in history.answered
    silent = test.silence == "unknown" and not trials
    state: State = "unknown" if open_by or no_history or silent or not seen else "not_met"
    found = TreatmentsFound(test, trials, failed, have, open_by, no_history)
    missing = frozenset() if seen else frozenset({"medicationRequests"})
    return Answer(state, missing=missing, found=found, looked_at=sources(failed))


def _units(test: FailedTreatments, trials: Iterable[Trial]) -> frozenset[str]:
    return frozenset(t.drug_class if test.count == "class" else t.ingredient for t in trials)


def _failed(trial: Trial, intolerance_counts: bool) -> bool:
    return trial.adequate or (intolerance_counts and trial.adequacy == "not_tolerated")


class CoursesFound(Struct, Found, frozen=True):
    """The drugs that were taken for long enough."""

    drugs: tuple[str, ...]
    weeks: int


@answers_of_patient(TreatmentCourses)
def _courses(test: TreatmentCourses, case: Case) -> Answer:
    wanted = frozenset(test.classes)
    days: dict[str, int] = {}
    refs: dict[str, tuple[str, ...]] = {}
    for course in case.history.medications:
        if course.classes & wanted:
            days[course.ingredient] = days.get(course.ingredient, 0) + _days_taken(course, case)
            refs[course.ingredient] = refs.get(course.ingredient, ()) + course.drug_source
    drugs = tuple(sorted(name for name, taken in days.items() if taken >= test.weeks * 7))
    found = CoursesFound(drugs, test.weeks)
    if len(drugs) >= test.at_least:
        return met((Match(said(name), refs[name]) for name in drugs), found=found)
    source = tuple(dict.fromkeys(ref for name in drugs for ref in refs[name]))
    return Answer("unknown", found=found, looked_at=source)


def _days_taken(course: MedicationCourse, case: Case) -> int:
    return sum(max(0, (min(s.end, case.as_of) - s.start).days) for s in course.segments)
