"""The verdict on each indication, from the states of its criteria."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cds.assessment.candidacy.conditions import is_reason
from cds.assessment.candidacy.criteria import Answer, Question, judge
from cds.assessment.candidacy.treatment_criteria import trial_answer
from cds.assessment.candidacy.trials import site_scope, tally
from cds.assessment.case import Case
from cds.assessment.model import Candidacy, Criterion, Stance, State, Verdict
from cds.history.model import Trial
from cds.knowledge.criteria import AdequateTrials, AnyCriterion
from cds.knowledge.indications import Indication

STRENGTH: tuple[Stance, ...] = (
    "supported", "labelled", "conditional", "perioperative", "icu_only", "weak", "investigational",
    "not_supported",
)  # fmt: skip
"""Stances, the best supported first."""

_UNSUPPORTED = ("not_supported", "investigational")


def candidacy(case: Case) -> tuple[Candidacy, ...]:
    """Every indication that the site has on, judged; best first.

    First what the order's reason names, then what is met, then by stance and id. What nothing on
    record speaks for comes later, and what does not apply last.
    """
    judged = [
        _judged(indication, case)
        for indication in case.knowledge.indications.values()
        if indication.id not in case.site.indications_off
    ]
    return tuple(sorted(judged, key=_rank))


def _rank(judged: Candidacy) -> tuple[bool, bool, bool, bool, int, str]:
    return (
        judged.verdict == "not_applicable",
        not judged.source,
        not judged.ordered_for,
        judged.verdict != "met",
        STRENGTH.index(judged.stance),
        judged.indication,
    )


def _judged(indication: Indication, case: Case) -> Candidacy:
    question = Question(case, indication)
    applies = _applies(indication, question)
    result = Candidacy(
        indication=indication.id,
        basis=indication.basis,
        verdict="not_applicable",
        stance=indication.stance,
        source=applies.source,
        grade=indication.grade,
        citations=indication.sources,
    )
    if applies.state == "not_met":
        return result
    criteria = (*_condition_criterion(indication, applies), *_criteria(indication, question))
    verdict = _verdict(indication.stance, applies.state, criteria)
    if applies.state == "unknown" and not applies.source:
        verdict = "cannot_determine"  # nothing on record speaks for it that could be refused
    return replace(
        result,
        verdict=verdict,
        criteria=criteria,
        next_steps=_next_steps(indication, case, verdict, criteria),
        ordered_for=any(is_reason(match, case) for match in indication.matches()),
        other_reading=_other_reading(indication, case, verdict, criteria),
    )


def _applies(indication: Indication, question: Question) -> Answer:
    if indication.applies is None:
        return Answer("not_met", "recognised from the order alone")
    return judge(indication.applies, question)


def _condition_criterion(indication: Indication, applies: Answer) -> Iterator[Criterion]:
    if indication.applies is not None:
        yield _as_criterion(indication.applies, applies, gating=True)


def _criteria(indication: Indication, question: Question) -> Iterator[Criterion]:
    for criterion in indication.criteria:
        yield _as_criterion(
            criterion, judge(criterion, question), is_gating(criterion, question.case)
        )


def is_gating(criterion: AnyCriterion, case: Case) -> bool:
    """Whether the verdict rests on it: by the knowledge, or by a switch of the site."""
    switch = criterion.gating_setting
    return criterion.gating or (switch is not None and bool(getattr(case.site, switch)))


def _as_criterion(criterion: AnyCriterion, answer: Answer, gating: bool) -> Criterion:
    open_or_not = answer.state != "met"
    return Criterion(
        id=criterion.id,
        basis=criterion.basis,
        state=answer.state,
        why=f"{criterion.label}: {answer.why}",
        source=answer.source,
        finding=criterion.finding if open_or_not else None,
        next_step=criterion.next_step if open_or_not else None,
        gating=gating,
    )


def _verdict(stance: Stance, applies: State, criteria: tuple[Criterion, ...]) -> Verdict:
    """No indication is refused for missing data alone: unknown stays open."""
    if applies == "unknown" and stance in _UNSUPPORTED:
        return "cannot_determine"
    if stance in _UNSUPPORTED:
        return "not_supported"
    states = {criterion.state for criterion in criteria if criterion.gating}
    if "not_met" in states:
        return "not_met"
    return "cannot_determine" if "unknown" in states else "met"


def _next_steps(
    indication: Indication, case: Case, verdict: Verdict, criteria: tuple[Criterion, ...]
) -> tuple[str, ...]:
    """What would change the verdict, the decisive things first; for a met one, nothing."""
    if verdict == "met":
        return ()
    if verdict == "not_supported":
        return (indication.next_step,)
    wanted: State = "not_met" if verdict == "not_met" else "unknown"
    steps = [c.next_step for c in criteria if c.gating and c.state == wanted and c.next_step]
    if any(c.id == "adequate-trials" and c.state == "not_met" for c in criteria):
        steps += _trial_steps(indication, case)
    return tuple(dict.fromkeys(steps)) or (indication.next_step,)


def _trial_steps(indication: Indication, case: Case) -> Iterator[str]:
    """Which trial fell short and why, and which usual classes were never adequately tried."""
    count = tally(case.history.antidepressant_trials, site_scope(case))
    for trial in count.short:
        yield f"{trial.ingredient}: {_shortfall(trial)}"
    for criterion in indication.criteria:
        if isinstance(criterion, AdequateTrials) and criterion.usual_classes:
            tried = {trial.drug_class for trial in case.history.antidepressant_trials}
            untried = [name for name in criterion.usual_classes if name not in tried]
            if untried:
                yield f"classes not tried on record: {', '.join(untried)}"


def _shortfall(trial: Trial) -> str:
    return trial.reason or "does not count as an adequate trial"


def _other_reading(
    indication: Indication, case: Case, verdict: Verdict, criteria: tuple[Criterion, ...]
) -> str | None:
    """The readings of other guidelines under which the trials would be judged otherwise."""
    asks_for_trials = any(isinstance(c, AdequateTrials) for c in indication.criteria)
    trials = next((c.state for c in criteria if c.id == "adequate-trials"), None)
    if not asks_for_trials or verdict not in ("met", "not_met") or trials is None:
        return None
    return " ".join(_readings(case, trials)) or None


def _readings(case: Case, trials: State) -> Iterator[str]:
    needed = case.site.adequate_trials_required
    history = case.history.antidepressant_trials
    lifetime, episode = tally(history), tally(history, "episode")
    if case.site.lifetime_trials_count and trials == "met":
        state = trial_answer(case, episode, needed).state
        counted = len(episode.minimum)
        if state == "not_met":
            yield (
                f"Counted in the current episode only, as the EU label and several payers do: "
                f"{counted} of {needed}, not met."
            )
        elif state == "unknown" and case.site.jurisdiction == "eu":
            yield (
                "The EU label counts the current episode only, and its onset is not on record: "
                "undecided."
            )
    elif trials == "not_met" and len(lifetime.minimum) >= needed:
        yield f"Counted over the lifetime, as in ELEKT-D: {len(lifetime.minimum)}, met."
    count = tally(history, site_scope(case))
    if trials == "met" and len(count.strict) < needed:
        yield f"On the 6-week tier {len(count.strict)} of {needed} count: not met there."
    if trials == "met" and len(count.classes) < 2 and not case.site.two_classes_required:
        yield "Payers that ask for two classes would not count it: one class only."
    if trials == "not_met" and needed > 2 and len(count.minimum) >= 2:
        yield f"By the regulators' number of two trials: {len(count.minimum)}, met."
