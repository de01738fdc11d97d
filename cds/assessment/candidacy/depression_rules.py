"""Rules T1 to T7, S1 to S3 and U1 to U3: resistance, severity, suicidality."""

from __future__ import annotations

from cds.assessment.candidacy.rules import Holds, Judged, rule
from cds.assessment.candidacy.why import trials_gap
from cds.assessment.case import Case
from cds.assessment.model import State
from cds.assessment.rules.of_trials import trials_answer
from cds.assessment.suicidality import signs
from cds.assessment.trials import (
    Tally,
    described,
    shortfall,
    site_scope,
    sources,
    tally,
)
from cds.assessment.underway import treatment_is_current

_SCALES = ("phq9_total", "madrs_total", "qids_total", "hamd_total")

TRD = "trd-unipolar"


def _depressed(judged: Judged) -> bool:
    return TRD in judged and judged[TRD].verdict != "not_applicable"


def _counted(case: Case) -> Tally:
    return tally(case.history.antidepressant_trials, site_scope(case))


def _resistance(case: Case) -> State:
    return trials_answer(case, _counted(case), case.site.adequate_trials_required).state


def _trials(count: Tally) -> dict[str, object]:
    return {
        "adequate": len(count.minimum),
        "strict": len(count.strict),
        "classes": list(count.classes),
        "trials": [described(trial) for trial in count.minimum],
    }


@rule("trd-met")
def _trd_met(case: Case, judged: Judged) -> Holds | None:
    if not _depressed(judged) or _resistance(case) != "met":
        return None
    count = _counted(case)
    return Holds(_trials(count), sources(count.minimum))


@rule("trd-one-class")
def _trd_one_class(case: Case, judged: Judged) -> Holds | None:
    count = _counted(case)
    if not _depressed(judged) or _resistance(case) != "met" or len(count.classes) > 1:
        return None
    return Holds(_trials(count), sources(count.minimum))


@rule("trd-lifetime-only")
def _trd_lifetime_only(case: Case, judged: Judged) -> Holds | None:
    needed = case.site.adequate_trials_required
    history = case.history.antidepressant_trials
    lifetime, episode = tally(history), tally(history, "episode")
    if not _depressed(judged) or trials_answer(case, lifetime, needed).state != "met":
        return None
    if trials_answer(case, episode, needed).state != "not_met":
        return None
    params = _trials(lifetime) | {
        "in_episode": len(episode.minimum),
        "counted": case.site.lifetime_trials_count,
    }
    return Holds(params, sources(lifetime.minimum))


@rule("trd-four-trials")
def _trd_four_trials(case: Case, judged: Judged) -> Holds | None:
    count = _counted(case)
    needed = int(case.knowledge.parameters["trd-many-trials"].value)
    if not _depressed(judged) or trials_answer(case, count, needed).state != "met":
        return None
    return Holds(_trials(count), sources(count.minimum))


@rule("trd-not-met")
def _trd_not_met(case: Case, judged: Judged) -> Holds | None:
    if not _depressed(judged) or _resistance(case) != "not_met":
        return None
    count = _counted(case)
    short = [{"drug": trial.ingredient, "why": shortfall(trial)} for trial in count.short]
    params = _trials(count) | {"needed": case.site.adequate_trials_required, "short": short}
    return Holds(params, sources((*count.minimum, *count.short)))


@rule("trd-augmentation")
def _trd_augmentation(case: Case, judged: Judged) -> Holds | None:
    done = tally(case.history.augmentation_trials).minimum
    if not _depressed(judged) or _resistance(case) != "met" or not done:
        return None
    params = {"augmentations": [described(trial) for trial in done], "count": len(done)}
    return Holds(params, sources(done))


@rule("trd-history-missing")
def _trd_history_missing(case: Case, judged: Judged) -> Holds | None:
    gap = trials_gap(case)
    if not _depressed(judged) or gap is None:
        return None
    return Holds({"why": gap})


@rule("severity-phq9")
def _severity_phq9(case: Case, judged: Judged) -> Holds | None:
    return _score_above(case, judged, "phq9_total", "phq9-severe", inclusive=True)


@rule("severity-madrs")
def _severity_madrs(case: Case, judged: Judged) -> Holds | None:
    return _score_above(case, judged, "madrs_total", "madrs-above", inclusive=False)


def _score_above(
    case: Case, judged: Judged, scale: str, parameter: str, inclusive: bool
) -> Holds | None:
    newest = case.history.latest(scale, within_days=_window(case))
    limit = case.knowledge.parameters[parameter].value
    if not _depressed(judged) or newest is None or newest.value is None:
        return None
    if newest.value < limit or (newest.value == limit and not inclusive):
        return None
    return Holds({"score": newest.value, "when": newest.when}, newest.source)


@rule("severity-low-or-unknown")
def _severity_low_or_unknown(case: Case, judged: Judged) -> Holds | None:
    """A low PHQ-9, or no current score on any scale; under treatment a low score is the aim."""
    if not _depressed(judged) or treatment_is_current(case):
        return None
    limit = case.knowledge.parameters["phq9-below-trials"].value
    window = _window(case)
    phq9 = case.history.latest("phq9_total", within_days=window)
    if phq9 is not None and phq9.value is not None and phq9.value < limit:
        return Holds({"score": phq9.value, "when": phq9.when, "days": window}, phq9.source)
    if case.history.latest(*_SCALES, within_days=window) is None:
        return Holds({"score": None, "when": None, "days": window})
    return None


def _window(case: Case) -> int:
    return int(case.knowledge.parameters["severity-score-days"].value)


@rule("suicidality")
def _suicidality(case: Case, judged: Judged) -> Holds | None:
    found = signs(case)
    if not found:
        return None
    refs = tuple(ref for sign in found for ref in sign.source)
    return Holds({"signs": [sign.text for sign in found], "sign": found[0].text}, refs)


@rule("suicidality-esketamine")
def _suicidality_esketamine(case: Case, judged: Judged) -> Holds | None:
    found = signs(case)
    if not found or case.drug != "esketamine":
        return None
    refs = tuple(ref for sign in found for ref in sign.source)
    return Holds({}, refs, about_order=True)


@rule("suicidality-young-adult")
def _suicidality_young_adult(case: Case, judged: Judged) -> Holds | None:
    person = case.history.person
    first = case.knowledge.parameters["young-adult-from"].value
    last = case.knowledge.parameters["young-adult-to"].value
    taken = [
        course
        for course in case.history.current_medications()
        if any(name.startswith("antidepressant_") for name in course.classes)
    ]
    if person.ages is None or not taken or person.aged_within(first, last) is False:
        return None
    names = sorted({course.ingredient for course in taken})
    refs = (*person.source, *(ref for course in taken for ref in course.drug_source))
    return Holds({"age": person.aged, "drugs": names}, refs)
