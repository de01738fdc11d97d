"""The criteria that ask what was taken: trials, courses, current drugs, opioids."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from cds.assessment.candidacy.criteria import Answer, Question, judge
from cds.assessment.candidacy.trials import (
    Tally,
    described,
    history_gap,
    not_read,
    site_scope,
    sources,
    tally,
    trial_like,
)
from cds.assessment.case import Case
from cds.assessment.model import State
from cds.history.model import MedicationCourse, Trial
from cds.knowledge.model import criteria as spec
from cds.units import readable

TRD = "trd-unipolar"


@judge.register
def _medication_history(criterion: spec.MedicationHistory, question: Question) -> Answer:
    gap = history_gap(question.case, criterion.days)
    first = question.case.history.first_medication_record
    return Answer("unknown", gap) if gap else Answer("met", f"medications on record since {first}")


@judge.register
def _adequate_trials(criterion: spec.AdequateTrials, question: Question) -> Answer:
    case = question.case
    scope = site_scope(case) if criterion.scope == "site" else criterion.scope
    count = tally(case.history.antidepressant_trials, scope)
    needed = criterion.at_least or case.site.adequate_trials_required
    return trial_answer(case, count, needed, criterion.tier == "strict")


def trial_answer(case: Case, count: Tally, needed: int, strict: bool = False) -> Answer:
    """Whether the counted trials reach a number; what is missing never counts as a no."""
    counted = count.strict if strict else count.minimum
    refs = sources(counted)
    named = "; ".join(described(trial) for trial in counted)
    shown = f" ({named})" if named else ""
    gap = history_gap(case, minimum_history(case))
    if gap:
        return Answer("unknown", gap, refs)
    why = f"{len(counted)} of {needed} adequate trials{shown}"
    if len(counted) >= needed:
        on_strict = "" if strict else f", {len(count.strict)} of them for 6 weeks or longer"
        return Answer("met", f"{len(counted)} adequate trials{shown}{on_strict}", refs)
    unread = trial_like(case)
    if len(counted) + len(count.undecided) + len(unread) >= needed:
        open_ones = ", ".join(trial.ingredient for trial in count.undecided)
        lacking = [f"not decided: {open_ones}"] if open_ones else []
        lacking += [not_read(unread)] if unread else []
        return Answer("unknown", "; ".join((why, *lacking)), refs)
    if "medicationRequests" not in case.history.answered:
        return Answer("unknown", f"{why}; the prescriptions were not seen", refs)
    return Answer("not_met", why, refs)


def minimum_history(case: Case) -> int:
    """Days of medication history under which no count of trials is judged."""
    for criterion in case.knowledge.indications[TRD].criteria:
        if isinstance(criterion, spec.MedicationHistory):
            return criterion.days
    return 0


@judge.register
def _fewer_trials(criterion: spec.FewerTrials, question: Question) -> Answer:
    case = question.case
    count = tally(case.history.antidepressant_trials, site_scope(case))
    answer = trial_answer(case, count, case.site.adequate_trials_required)
    opposite: dict[State, State] = {"met": "not_met", "not_met": "met", "unknown": "unknown"}
    return Answer(opposite[answer.state], answer.why, answer.source)


@judge.register
def _trial_classes(criterion: spec.TrialClasses, question: Question) -> Answer:
    case = question.case
    count = tally(case.history.antidepressant_trials, site_scope(case))
    classes, refs = count.classes, sources(count.minimum)
    why = f"{len(classes)} of {criterion.at_least} classes ({', '.join(classes) or 'none'})"
    if len(classes) >= criterion.at_least:
        return Answer("met", ", ".join(classes), refs)
    if (
        history_gap(case, minimum_history(case))
        or "medicationRequests" not in case.history.answered
    ):
        return Answer("unknown", why, refs)
    unread = trial_like(case)
    undecided = {trial.drug_class for trial in count.undecided} | set(classes)
    if len(undecided) + len(unread) < criterion.at_least:
        return Answer("not_met", why, refs)
    return Answer("unknown", f"{why}; {not_read(unread)}" if unread else why, refs)


@judge.register
def _augmentation(criterion: spec.AugmentationTrials, question: Question) -> Answer:
    done = tally(question.case.history.augmentation_trials)
    if len(done.minimum) >= criterion.at_least:
        named = "; ".join(described(trial) for trial in done.minimum)
        return Answer("met", named, sources(done.minimum))
    return Answer("unknown", "no adequate augmentation on record")


@judge.register
def _failed_treatments(criterion: spec.FailedTreatments, question: Question) -> Answer:
    history = question.case.history
    trials = [
        trial
        for trial in history.pain_trials
        if trial.group == criterion.group
        and (not criterion.classes or trial.drug_class in criterion.classes)
    ]
    failed = [trial for trial in trials if _failed(trial, criterion.intolerance_counts)]
    undecided = [trial for trial in trials if trial.adequacy == "unknown"]

    def units(chosen: list[Trial]) -> set[str]:
        return {t.drug_class if criterion.count == "class" else t.ingredient for t in chosen}

    have = units(failed)
    named = ", ".join(f"{_failure(t)} ({t.drug_class})" for t in _once_each(failed))
    refs = sources(failed)
    if len(have) >= criterion.at_least:
        return Answer("met", named, refs)
    untried = [c for c in criterion.classes if c not in have]
    units_named = "classes" if criterion.count == "class" else "drugs"
    how = (
        "tried adequately or not tolerated" if criterion.intolerance_counts else "tried adequately"
    )
    why = f"{len(have)} of {criterion.at_least} {units_named} {how}"
    why += f": {named}" if named else ""
    why += f"; not yet: {', '.join(untried)}" if untried else ""
    if len(have | units(undecided)) >= criterion.at_least:
        return Answer("unknown", f"{why}; not decided: {_names(undecided)}", refs)
    unread = trial_like(question.case)
    if len(have | units(undecided)) + len(unread) >= criterion.at_least:
        return Answer("unknown", f"{why}; {not_read(unread)}", refs)
    if history.first_medication_record is None:
        return Answer("unknown", "the record holds no medication history", refs)
    if criterion.silence == "unknown":
        why = ", ".join(f"{t.ingredient}: {t.reason}" for t in trials) or "none on record"
    silent = criterion.silence == "unknown" and not trials
    if silent or "medicationRequests" not in history.answered:
        return Answer("unknown", why, refs)
    return Answer("not_met", why, refs)


def _failed(trial: Trial, intolerance_counts: bool) -> bool:
    return trial.adequate or (intolerance_counts and trial.adequacy == "not_tolerated")


def _failure(trial: Trial) -> str:
    suffix = ", not tolerated" if trial.adequacy == "not_tolerated" else ""
    return f"{described(trial)}{suffix}"


def _once_each(trials: list[Trial]) -> list[Trial]:
    by_name: dict[str, Trial] = {}
    for trial in sorted(trials, key=lambda t: (t.ingredient, not t.adequate, t.source)):
        by_name.setdefault(trial.ingredient, trial)
    return list(by_name.values())


def _names(trials: list[Trial]) -> str:
    return ", ".join(sorted({trial.ingredient for trial in trials}))


@judge.register
def _courses(criterion: spec.TreatmentCourses, question: Question) -> Answer:
    history = question.case.history
    wanted = frozenset(criterion.classes)
    days: dict[str, int] = {}
    refs: dict[str, tuple[str, ...]] = {}
    for course in history.medications:
        if course.classes & wanted:
            days[course.ingredient] = days.get(course.ingredient, 0) + _days_taken(course, question)
            refs[course.ingredient] = refs.get(course.ingredient, ()) + course.drug_source
    long_enough = sorted(name for name, taken in days.items() if taken >= criterion.weeks * 7)
    source = tuple(dict.fromkeys(ref for name in long_enough for ref in refs[name]))
    named = ", ".join(long_enough) or "none"
    why = f"{len(long_enough)} on record for {criterion.weeks} weeks or longer ({named})"
    return Answer("met" if len(long_enough) >= criterion.at_least else "unknown", why, source)


def _days_taken(course: MedicationCourse, question: Question) -> int:
    as_of = question.case.as_of
    return sum(max(0, (min(s.end, as_of) - s.start).days) for s in course.segments)


@judge.register
def _current_medication(criterion: spec.CurrentMedication, question: Question) -> Answer:
    history = question.case.history
    courses = list(history.current_medications(*criterion.classes))
    sure = [course for course in courses if course.current]
    if sure:
        names = ", ".join(sorted({course.ingredient for course in sure}))
        return Answer("met", names, tuple(ref for course in sure for ref in course.drug_source))
    if courses:
        names = ", ".join(sorted({course.ingredient for course in courses}))
        refs = tuple(ref for course in courses for ref in course.drug_source)
        return Answer("unknown", f"{names}: not known whether still taken", refs)
    if "medicationRequests" not in history.answered:
        return Answer("unknown", "the prescriptions were not seen")
    return Answer("not_met", "none on the current medication list")


@judge.register
def _drug_running(criterion: spec.DrugRunning, question: Question) -> Answer:
    wanted = frozenset(criterion.classes)
    case = question.case
    running = [c for c in case.history.medications if c.classes & wanted and c.start is not None]
    first = min(running, key=lambda c: (c.start or case.as_of, c.source), default=None)
    if first is None or first.start is None:
        return Answer("unknown", "none on record")
    since = f"{first.ingredient} since {first.start}"
    enough = (case.as_of - first.start).days >= criterion.days
    return Answer("met" if enough else "unknown", since, first.drug_source)


@judge.register
def _opioid_load(criterion: spec.OpioidLoad, question: Question) -> Answer:
    case = question.case
    intake = case.history.opioids
    mme, known = intake.mme_per_day, intake.known_mme
    high = criterion.mme is not None and known is not None and known >= criterion.mme
    if intake.tolerant or high:
        return _load_lasted(criterion, case, high)
    if mme == 0 and not intake.items and "medicationRequests" in case.history.answered:
        return Answer("not_met", "no opioid on record", intake.source)
    if "medicationRequests" not in case.history.answered:
        return Answer("unknown", "how long and how much is not known", intake.source)
    if intake.tolerant is None or (criterion.mme is not None and mme is None):
        why = "the opioid intake cannot be computed"
        unread = [drug for drug in case.history.unread_drugs if drug.current is not False]
        alone = {*intake.source} <= {ref for drug in unread for ref in drug.source}
        why = f"{why}; {not_read(unread)}" if unread else why
        if unread and alone:
            return Answer("unknown", why, unread=True)
        return Answer("unknown", why, intake.source)
    return Answer("not_met", f"{readable(mme)} MME a day" if mme else "not tolerant", intake.source)


def _load_lasted(criterion: spec.OpioidLoad, case: Case, high: bool) -> Answer:
    """Whether a high load, or a tolerant one, has stood for the days asked for.

    A load that began less long ago is too short only if the record reaches back further, and
    each total since could be computed: else it may have begun earlier.
    """
    intake = case.history.opioids
    mme, days = intake.known_mme, criterion.days
    least = "at least " if intake.mme_per_day is None else ""
    load = intake.tolerance_why or "opioid-tolerant"
    if high and mme:
        load = f"{least}{readable(mme)} MME a day"
    if not days:
        return Answer("met", load, intake.source)
    line = intake.timeline if intake.mme_per_day is not None else intake.timeline_at_least
    begun = _begun(criterion.mme if high else mme, line)
    if begun is None:
        return Answer("unknown", f"{load}; for how long is not known", intake.source)
    lasted = (case.as_of - begun).days
    first = case.history.first_medication_record
    window = [total for day, total in intake.timeline if (case.as_of - day).days < days]
    recorded = first is not None and (case.as_of - first).days >= days and None not in window
    state: State = "met" if lasted >= days else "not_met" if recorded else "unknown"
    short = "" if lasted >= days else f" of {days}"
    return Answer(state, f"{load} since {begun} ({lasted}{short} days)", intake.source)


def _begun(level: Decimal | None, timeline: Iterable[tuple[date, Decimal | None]]) -> date | None:
    """The day since when the total has not been under the level."""
    begun = None
    for day, mme in sorted(timeline, key=lambda point: point[0]):
        high = mme is not None and level is not None and mme >= level
        begun = (begun or day) if high else None
    return begun
