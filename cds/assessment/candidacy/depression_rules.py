"""The rules of resistance, severity and suicidality that no predicate says."""

from __future__ import annotations

from cds.assessment.candidacy.rules import Asked, Holds, rule
from cds.assessment.candidacy.told import of_trials
from cds.assessment.candidacy.why import trials_gap
from cds.assessment.case import Case
from cds.assessment.model import State
from cds.assessment.rules.of_trials import trials_answer
from cds.assessment.trials import Tally, shortfall, site_scope, sources, tallied
from cds.assessment.underway import treatment_is_current
from cds.history.model.course import MedicationCourse

_SCALES = ("phq9_total", "madrs_total", "qids_total", "hamd_total")


def _counted(case: Case) -> Tally:
    return tallied(case, site_scope(case))


def _resistance(case: Case) -> State:
    return trials_answer(case, _counted(case), case.site.adequate_trials_required).state


@rule("trd-one-class")
def _trd_one_class(asked: Asked) -> Holds | None:
    case = asked.case
    count = _counted(case)
    if _resistance(case) != "met" or len(count.classes) > 1:
        return None
    return Holds(of_trials(count), sources(count.minimum))


@rule("trd-lifetime-only")
def _trd_lifetime_only(asked: Asked) -> Holds | None:
    case = asked.case
    needed = case.site.adequate_trials_required
    lifetime, episode = tallied(case, "lifetime"), tallied(case, "episode")
    if trials_answer(case, lifetime, needed).state != "met":
        return None
    if trials_answer(case, episode, needed).state != "not_met":
        return None
    params = of_trials(lifetime) | {
        "in_episode": len(episode.minimum),
        "counted": case.site.lifetime_trials_count,
    }
    return Holds(params, sources(lifetime.minimum))


@rule("esketamine-partner")
def _esketamine_partner(asked: Asked) -> Holds | None:
    """The EU label, and neither an SSRI nor an SNRI that is taken, or perhaps so."""
    case = asked.case
    partners = case.history.current_medications("antidepressant_ssri", "antidepressant_snri")
    if case.site.jurisdiction != "eu" or any(True for _ in partners):
        return None
    taken = _antidepressants(case)
    refs = tuple(ref for course in taken for ref in course.drug_source)
    return Holds({"taken": sorted({course.ingredient for course in taken})}, refs)


def _antidepressants(case: Case) -> list[MedicationCourse]:
    return [
        course
        for course in case.history.current_medications()
        if any(name.startswith("antidepressant_") for name in course.classes)
    ]


@rule("trd-not-met")
def _trd_not_met(asked: Asked) -> Holds | None:
    case = asked.case
    if _resistance(case) != "not_met":
        return None
    count = _counted(case)
    short = [{"drug": trial.ingredient, "why": shortfall(trial)} for trial in count.short]
    params = of_trials(count) | {"needed": case.site.adequate_trials_required, "short": short}
    return Holds(params, sources((*count.minimum, *count.short)))


@rule("trd-history-missing")
def _trd_history_missing(asked: Asked) -> Holds | None:
    case = asked.case
    gap = trials_gap(case)
    if gap is None:
        return None
    return Holds({"why": gap})


@rule("severity-low-or-unknown")
def _severity_low_or_unknown(asked: Asked) -> Holds | None:
    """A low PHQ-9, or no current score on any scale; under treatment a low score is the aim."""
    case = asked.case
    if treatment_is_current(case):
        return None
    limit = case.knowledge.parameters["phq9-below-trials"].value
    window = _window(case)
    phq9 = case.history.latest("phq9_total", within_days=window)
    if phq9 is not None and phq9.value is not None and phq9.value < limit:
        return Holds({"score": phq9.value, "when": phq9.when, "days": window}, phq9.source)
    if case.history.latest(*_SCALES, within_days=window) is None:
        return Holds({"score": None, "when": None, "days": window})
    return None


@rule("suicidality-young-adult")
def _suicidality_young_adult(asked: Asked) -> Holds | None:
    case = asked.case
    person = case.history.person
    first = case.knowledge.parameters["young-adult-from"].value
    last = case.knowledge.parameters["young-adult-to"].value
    taken = _antidepressants(case)
    if person.ages is None or not taken or person.aged_within(first, last) is False:
        return None
    names = sorted({course.ingredient for course in taken})
    refs = (*person.source, *(ref for course in taken for ref in course.drug_source))
    return Holds({"age": person.aged, "drugs": names}, refs)


def _window(case: Case) -> int:
    return int(case.knowledge.parameters["severity-score-days"].value)
