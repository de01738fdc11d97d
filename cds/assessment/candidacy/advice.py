"""What would change a verdict: the next steps, and the readings of other guidelines."""

from __future__ import annotations

from collections.abc import Iterator

from cds.assessment.case import Case
from cds.assessment.model import Criterion, State, Verdict
from cds.assessment.rules.of_trials import trials_answer
from cds.assessment.trials import shortfall, site_scope, tallied
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.predicates import Predicate
from cds.knowledge.model.predicates.treatment import AdequateTrials, FailedTreatments


def next_steps(
    indication: Indication, case: Case, verdict: Verdict, criteria: tuple[Criterion, ...]
) -> tuple[str, ...]:
    """What would change the verdict, the decisive things first; for a met one, nothing."""
    if verdict == "met":
        return ()
    if verdict == "not_supported":
        return (indication.next_step,)
    wanted: State = "not_met" if verdict == "not_met" else "unknown"
    open_ones = [c for c in criteria if c.gating and c.state == wanted and c.next_step]
    if wanted == "unknown" and not case.history.antidepressant_trials:
        trials = {c.id for c in indication.criteria if isinstance(c.when, AdequateTrials)}
        open_ones = [c for c in open_ones if c.id not in trials]  # there is none to be improved
    steps = [c.next_step for c in open_ones if c.next_step]
    fallen_short = {c.id for c in criteria if c.gating and c.state == "not_met"}
    for criterion in indication.criteria:
        if criterion.id in fallen_short:
            steps += _treatment_steps(criterion.when, case)
    return tuple(dict.fromkeys(steps)) or (indication.next_step,)


def _treatment_steps(asked: Predicate, case: Case) -> Iterator[str]:
    """Which trial fell short and why, and which usual classes are not on record at all."""
    if isinstance(asked, AdequateTrials):
        trials = case.history.antidepressant_trials
        for trial in tallied(case, site_scope(case)).short:
            yield f"{trial.ingredient}: {shortfall(trial)}"
        usual = asked.usual_classes
    elif isinstance(asked, FailedTreatments):
        trials = tuple(t for t in case.history.pain_trials if t.group == asked.group)
        for trial in trials:
            wanted = not asked.classes or trial.drug_class in asked.classes
            if wanted and trial.adequacy == "inadequate":
                yield f"{trial.ingredient}: {shortfall(trial)}"
        usual = asked.classes
    else:
        return
    untried = [name for name in usual if name not in {trial.drug_class for trial in trials}]
    if untried:
        yield f"classes not tried on record: {', '.join(untried)}"


def other_reading(
    indication: Indication, case: Case, verdict: Verdict, criteria: tuple[Criterion, ...]
) -> str | None:
    """The readings of other guidelines under which the trials would be judged otherwise."""
    asked = next((c.id for c in indication.criteria if isinstance(c.when, AdequateTrials)), None)
    trials = next((c.state for c in criteria if c.id == asked), None)
    if verdict not in ("met", "not_met") or trials is None:
        return None
    return " ".join(_readings(case, trials)) or None


def _readings(case: Case, trials: State) -> Iterator[str]:
    needed = case.site.adequate_trials_required
    lifetime, episode = tallied(case, "lifetime"), tallied(case, "episode")
    if case.site.lifetime_trials_count and trials == "met":
        state = trials_answer(case, episode, needed).state
        if state == "not_met":
            yield (
                f"Counted in the current episode only, as the EU label and several payers do: "
                f"{len(episode.minimum)} of {needed}, not met."
            )
        elif state == "unknown" and case.site.jurisdiction == "eu":
            yield (
                "The EU label counts the current episode only, and its onset is not on record: "
                "undecided."
            )
    elif trials == "not_met" and len(lifetime.minimum) >= needed:
        yield f"Counted over the lifetime, as in ELEKT-D: {len(lifetime.minimum)}, met."
    count = tallied(case, site_scope(case))
    if trials == "met" and len(count.strict) < needed:
        counted = f"{len(count.strict)} of {needed}"
        yield f"Counting only trials of 6 weeks at a full dose: {counted}, not met."
    failed = [trial for trial in count.minimum if trial.outcome != "partial"]
    if trials == "met" and len(failed) < needed:
        counted = f"{len(failed)} of {needed}"
        yield f"With a partial response not counted (Delphi panel): {counted}, not met."
    if trials == "met" and len(count.classes) < 2 and not case.site.two_classes_required:
        yield "Payers that ask for two classes would not count it: one class only."
    if trials == "not_met" and needed > 2 and len(count.minimum) >= 2:
        yield f"By the regulators' number of two trials: {len(count.minimum)}, met."
