"""Why a criterion stands as it does, in words: what was found, put into a phrase by its kind."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from cds.assessment.candidacy.named import named
from cds.assessment.case import Case
from cds.assessment.rules.answer import Answer, Found
from cds.assessment.rules.combined import PartsFound
from cds.assessment.rules.of_care import EncounterFound, ProcedureFound, SurgeryFound
from cds.assessment.rules.of_diagnoses import DiagnosisFound, DurationFound
from cds.assessment.rules.of_drugs import BegunFound, DrugsFound
from cds.assessment.rules.of_opioids import LoadFound
from cds.assessment.rules.of_patient import PersonFound, SignsFound
from cds.assessment.rules.of_results import ScoreFound
from cds.assessment.rules.of_treatments import CoursesFound, TreatmentsFound
from cds.assessment.rules.of_trials import (
    AugmentationsFound,
    ClassesFound,
    HistoryFound,
    TrialsFound,
    short_history,
)
from cds.assessment.trials import described, not_read
from cds.history.model.course import MedicationCourse
from cds.history.model.trial import Trial
from cds.history.model.unread import UnreadDrug
from cds.knowledge.model.predicates.combined import Part
from cds.units import readable

UNREAD = "the diagnoses were not seen"


def why(answer: Answer) -> str:
    """The phrase; of a combination, that of the parts that made it what it is."""
    if answer.found is None:
        return "the record cannot tell; for the clinician to judge"
    return _said(answer.found, answer)


@singledispatch
def _said(found: Found, answer: Answer) -> str:
    raise TypeError(f"no words for what {type(found).__name__} says: register them with _said")


@_said.register
def _parts(found: PartsFound, answer: Answer) -> str:
    if found.negated:
        return "; ".join(why(part) for _, part in found.parts)
    return "; ".join(
        f"{part.label}: {why(one)}" if isinstance(part, Part) else why(one)
        for part, one in found.like(answer)
    )


@_said.register
def _diagnosis(found: DiagnosisFound, answer: Answer) -> str:
    if found.how == "reason":
        return "the order's reason names it"
    if found.how == "unread":
        return UNREAD
    if not found.facts:
        return "no such diagnosis on record"
    first = named(found.facts[0])
    if found.how == "in_remission" and found.over is not None:
        return f"{first}; in remission: {named(found.over)}"
    return first + {"not_confirmed": ", not confirmed", "over": ", over"}.get(found.how, "")


@_said.register
def _duration(found: DurationFound, answer: Answer) -> str:
    if found.first is None:
        return "the onset is not on record"
    if answer.state == "not_met":
        return f"began on {found.first.onset}"
    since = f"on record since {found.first.when}"
    return since if answer.met else f"{since}; when it began is not"


@_said.register
def _person(found: PersonFound, answer: Answer) -> str:
    person = found.person
    return "the age is not known" if person.ages is None else f"aged {person.aged}"


@_said.register
def _score(found: ScoreFound, answer: Answer) -> str:
    newest = found.newest
    if newest is None or newest.value is None:
        window = "day" if found.days == 1 else f"{found.days} days"
        return f"no score on record in the last {window}"
    return f"{readable(newest.value)} on {newest.when}"


@_said.register
def _suicidality(found: SignsFound, answer: Answer) -> str:
    if answer.doubtful:
        return f"{found.shown[0].text}; intent is not on record"
    if found.shown:
        return "; ".join(sign.text for sign in found.shown)
    if answer.state == "unknown":
        return "diagnoses and scores could not all be read"
    return "no sign of it on record"


_ENCOUNTERS = {
    "AMB": "ambulatory", "HH": "home health", "VR": "virtual", "EMER": "an emergency",
    "IMP": "inpatient", "ACUTE": "inpatient, acute", "NONAC": "inpatient, not acute",
    "OBSENC": "for observation", "SS": "a short stay", "PRENC": "before admission",
    "FLD": "in the field",
}  # fmt: skip


@_said.register
def _encounter(found: EncounterFound, answer: Answer) -> str:
    if found.icu_asked:
        return {
            "met": "the encounter is in intensive care",
            "not_met": "the encounter is ambulatory",
            "unknown": "the record does not say whether this is intensive care",
        }[answer.state]
    if found.label is None:
        return "the kind of encounter is not known"
    return f"the encounter is {_ENCOUNTERS.get(found.label, 'of another kind')}"


@_said.register
def _surgery(found: SurgeryFound, answer: Answer) -> str:
    if found.in_session:
        return "an operation is ordered in this session"
    return (
        f"an operation is on order ({found.when})"
        if answer.met
        else ("no operation is seen among the orders")
    )


@_said.register
def _procedure(found: ProcedureFound, answer: Answer) -> str:
    if found.last is None:
        return "none on record"
    return f"on record ({found.last.when or 'undated'})"


@_said.register
def _history(found: HistoryFound, answer: Answer) -> str:
    return history_gap(found) if not answer.met else f"medications on record since {found.first}"


def history_gap(found: HistoryFound) -> str:
    """Why a medication history is too little to judge trials by."""
    if found.first is None:
        return "the record holds no medication history"
    weeks = found.days // 7
    return f"the medication history begins on {found.first}, less than {weeks} weeks ago"


def trials_gap(case: Case) -> str | None:
    """Why no count of trials can be judged, or None where the history is long enough."""
    gap = short_history(case)
    return None if gap is None else history_gap(gap)


@_said.register
def _trials(found: TrialsFound, answer: Answer) -> str:
    if found.gap is not None:
        return history_gap(found.gap)
    named_ones = "; ".join(described(trial) for trial in found.counted)
    shown = f" ({named_ones})" if named_ones else ""
    if answer.met:
        strict = len(found.count.strict)
        on_strict = "" if found.strict else f", {strict} of them for 6 weeks or longer"
        return f"{len(found.counted)} adequate trials{shown}{on_strict}"
    counted = f"{len(found.counted)} of {found.needed} adequate trials{shown}"
    courses = ", ".join(trial.ingredient for trial in found.count.short if trial.fixed_course)
    counted += f"; counted apart: {courses}" if courses else ""
    if answer.state == "not_met":
        return counted
    open_ones = ", ".join(trial.ingredient for trial in found.count.undecided)
    lacking = [f"not decided: {open_ones}"] if open_ones else []
    lacking += [not_read(found.unread)] if found.unread else []
    if not found.may_be_enough:
        lacking = ["the prescriptions were not seen"]
    return "; ".join((counted, *lacking))


@_said.register
def _classes(found: ClassesFound, answer: Answer) -> str:
    if answer.met:
        return ", ".join(found.classes)
    counted = f"{len(found.classes)} of {found.needed} classes"
    counted += f" ({', '.join(found.classes) or 'none'})"
    return f"{counted}; {not_read(found.unread)}" if found.unread else counted


@_said.register
def _augmentations(found: AugmentationsFound, answer: Answer) -> str:
    if not answer.met:
        return "no adequate augmentation on record"
    return "; ".join(described(trial) for trial in found.done)


@_said.register
def _treatments(found: TreatmentsFound, answer: Answer) -> str:
    asked = found.asked
    named_ones = ", ".join(f"{_failure(t)} ({t.drug_class})" for t in _once_each(found.failed))
    if answer.met:
        return named_ones
    if found.no_history:
        return "the record holds no medication history"
    if asked.silence == "unknown" and not found.open_by:
        each = (f"{trial.ingredient}: {trial.reason}" for trial in found.trials)
        return ", ".join(each) or "none on record"
    units = "classes" if asked.count == "class" else "drugs"
    how = "tried adequately or not tolerated" if asked.intolerance_counts else "tried adequately"
    said = f"{len(found.have)} of {asked.at_least} {units} {how}"
    said += f": {named_ones}" if named_ones else ""
    untried = [name for name in asked.classes if name not in found.have]
    said += f"; not yet: {', '.join(untried)}" if untried else ""
    return f"{said}; {_open_by(found.open_by)}" if found.open_by else said


def _open_by(what: tuple[Trial, ...] | tuple[UnreadDrug, ...]) -> str:
    unread = tuple(one for one in what if isinstance(one, UnreadDrug))
    if unread:
        return not_read(unread)
    names = sorted({trial.ingredient for trial in what if isinstance(trial, Trial)})
    return f"not decided: {', '.join(names)}"


def _failure(trial: Trial) -> str:
    suffix = ", not tolerated" if trial.adequacy == "not_tolerated" else ""
    return f"{described(trial)}{suffix}"


def _once_each(trials: Iterable[Trial]) -> list[Trial]:
    by_name: dict[str, Trial] = {}
    for trial in sorted(trials, key=lambda t: (t.ingredient, not t.adequate, t.source)):
        by_name.setdefault(trial.ingredient, trial)
    return list(by_name.values())


@_said.register
def _courses(found: CoursesFound, answer: Answer) -> str:
    named_ones = ", ".join(found.drugs) or "none"
    return f"{len(found.drugs)} on record for {found.weeks} weeks or longer ({named_ones})"


@_said.register
def _drugs(found: DrugsFound, answer: Answer) -> str:
    sure = [course for course in found.courses if course.current]
    if sure:
        return _ingredients(sure)
    if found.courses:
        return f"{_ingredients(found.courses)}: not known whether still taken"
    if answer.state == "unknown":
        return "the prescriptions were not seen"
    return "none on the current medication list"


def _ingredients(courses: Iterable[MedicationCourse]) -> str:
    return ", ".join(sorted({course.ingredient for course in courses}))


@_said.register
def _begun(found: BegunFound, answer: Answer) -> str:
    first = found.first
    return "none on record" if first is None else f"{first.ingredient} since {first.start}"


@_said.register
def _load(found: LoadFound, answer: Answer) -> str:
    if found.how == "none":
        return "no opioid on record"
    if found.how == "unseen":
        return "how long and how much is not known"
    if found.how == "low":
        return f"{readable(found.mme)} MME a day" if found.mme else "not tolerant"
    if found.how == "not_computed":
        told = "the opioid intake cannot be computed"
        if found.tolerance:
            told = f"tolerance is open: {found.tolerance}"
        return f"{told}; {not_read(found.unread)}" if found.unread else told
    load = found.tolerance or "opioid-tolerant"
    if found.mme:
        load = f"{'at least ' if found.at_least else ''}{readable(found.mme)} MME a day"
    if not found.days:
        return load
    if found.begun is None:
        return f"{load}; for how long is not known"
    short = "" if found.lasted >= found.days else f" of {found.days}"
    return f"{load} since {found.begun} ({found.lasted}{short} days)"
