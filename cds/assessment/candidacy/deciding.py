"""The one thing that decided a verdict, or would decide it, in words for a headline."""

from __future__ import annotations

from functools import singledispatch

from cds.assessment.candidacy.conditions import current
from cds.assessment.candidacy.criteria import UNREAD, Question, judge
from cds.assessment.candidacy.remission import how_over, remission, unsure
from cds.assessment.candidacy.treatment_criteria import minimum_history
from cds.assessment.candidacy.trials import (
    NOT_READ,
    Tally,
    described,
    history_gap,
    not_read,
    site_scope,
    tally,
    trial_like,
)
from cds.assessment.case import Case
from cds.assessment.model import Candidacy, Criterion, State
from cds.knowledge.model import criteria as spec
from cds.knowledge.model.indications import Indication


def deciding(candidate: Candidacy, indication: Indication, case: Case) -> tuple[str, ...]:
    """In full first, then shorter; empty for a verdict that no single criterion decided.

    What only a clinician can judge is named where nothing else is missing.
    """
    wanted: State = "not_met" if candidate.verdict == "not_met" else "unknown"
    gating = [c for c in candidate.criteria if c.gating and c.state == wanted]
    specs = {c.id: c for c in (indication.applies, *indication.criteria) if c is not None}
    gating.sort(key=lambda c: isinstance(specs.get(c.id), spec.Judgement))
    if not gating or gating[0].id not in specs:
        return ()
    first, asked = gating[0], specs[gating[0].id]
    if asked is indication.applies:
        return (_whether_it_applies(first, Question(case, indication)),)
    return _said(asked, first, case)


@singledispatch
def _said(asked: spec.CriterionSpec, found: Criterion, case: Case) -> tuple[str, ...]:
    if found.state == "unknown" and asked.missing:
        return (asked.missing,)
    return (f"{asked.label} ({_why(found)})", asked.label)


@_said.register
def _medication_history(
    asked: spec.MedicationHistory, found: Criterion, case: Case
) -> tuple[str, ...]:
    return (_why(found),)


@_said.register
def _age(asked: spec.AgeRange, found: Criterion, case: Case) -> tuple[str, ...]:
    if found.state == "unknown":
        return (asked.missing or _why(found),)
    return (f"{_why(found)}, not {asked.label.removeprefix('aged ')}",)


@_said.register
def _absent(asked: spec.ConditionAbsent, found: Criterion, case: Case) -> tuple[str, ...]:
    """ "No mania" as a label would read as its opposite."""
    what = asked.label.removeprefix("no ")
    if found.state == "unknown":
        if asked.missing:
            return (asked.missing,)
        return (f"{what} not ruled out ({_why(found)})", f"{what} not ruled out")
    return (f"{what} ({_why(found)})", what)


@_said.register
def _trials(asked: spec.AdequateTrials, found: Criterion, case: Case) -> tuple[str, ...]:
    gap = history_gap(case, minimum_history(case))
    if found.state == "unknown" and gap:
        return (gap,)
    count = tally(case.history.antidepressant_trials, site_scope(case))
    needed = asked.at_least or case.site.adequate_trials_required
    number = f"{len(count.minimum)} of {needed} adequate trials"
    named = "; ".join(described(trial) for trial in count.minimum)
    full = f"{number} ({named})" if named else number
    if found.state != "unknown":
        return (full, number)
    also = _possible_trials(case, count)
    return (f"{full}; {also[0]}", *(f"{number}; {text}" for text in also), also[-1])


def _possible_trials(case: Case, count: Tally) -> tuple[str, ...]:
    """What could be a further trial: a drug that was not understood, or one without its dose."""
    unread, names = trial_like(case), ", ".join(t.ingredient for t in count.undecided)
    if not unread and not names:
        return ("the prescriptions could not be read",)
    one = len(unread or count.undecided) == 1
    end = "may be a trial" if one else "may be trials"
    if not unread:
        return (f"{names} {end}, dose or time not known",)
    was = "was" if one else "were"
    first = not_read(unread[:1]) + ("" if one else f" and {len(unread) - 1} more")
    return tuple(
        f"{text.removeprefix(NOT_READ)} {was} not understood and {end}"
        for text in (not_read(unread), first)
    )


@_said.register
def _classes(asked: spec.TrialClasses, found: Criterion, case: Case) -> tuple[str, ...]:
    return (f"adequate trials in {_why(found)}",)


@_said.register
def _treatments(asked: spec.FailedTreatments, found: Criterion, case: Case) -> tuple[str, ...]:
    if found.state == "unknown" and asked.missing:
        return (asked.missing,)
    whole = found.why.partition(": ")[2]
    number, *more = whole.split("; ")
    open_one = f"; {more[-1]}" if more and found.state == "unknown" else ""
    return (whole, f"{number}{open_one}", f"{number.partition(':')[0]}{open_one}")


def _why(found: Criterion) -> str:
    """The criterion's reason without its label; of one that has parts, of the first."""
    return found.why.partition(": ")[2].split("; ")[0].rpartition(": ")[2]


def _whether_it_applies(found: Criterion, question: Question) -> str:
    case = question.case
    for diagnosis in question.indication.diagnoses():
        if judge(diagnosis, question).state != "unknown":
            continue
        facts = current(diagnosis.match, case)
        over = remission(diagnosis.match, case)
        if over is not None and over not in facts:
            return f"{diagnosis.disease} is {how_over(over)}; confirm a new episode"
        if facts:
            return unsure(diagnosis, facts[0])
    return UNREAD if UNREAD in found.why else _why(found)
