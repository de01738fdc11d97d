"""The one thing that decided a verdict, or would decide it, in words for a headline."""

from __future__ import annotations

from functools import singledispatch

from cds.assessment.candidacy.criteria import judge
from cds.assessment.candidacy.named import how_over, unsure
from cds.assessment.candidacy.why import UNREAD, trials_gap
from cds.assessment.case import Case
from cds.assessment.diagnosis import current
from cds.assessment.model import Candidacy, Criterion, State
from cds.assessment.remission import remission
from cds.assessment.trials import (
    NOT_IN_FULL,
    NOT_READ,
    Tally,
    described,
    not_read,
    site_scope,
    tallied,
    trial_like,
)
from cds.knowledge.model.criteria import Criterion as Asked
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.predicates import Predicate
from cds.knowledge.model.predicates.care import Judgement
from cds.knowledge.model.predicates.combined import NoneOf
from cds.knowledge.model.predicates.facts import PersonTest
from cds.knowledge.model.predicates.treatment import (
    AdequateTrials,
    FailedTreatments,
    MedicationHistory,
    TrialClasses,
)


def deciding(candidate: Candidacy, indication: Indication, case: Case) -> tuple[str, ...]:
    """In full first, then shorter; empty for a verdict that no single criterion decided.

    What only a clinician can judge is named where nothing else is missing.
    """
    wanted: State = "not_met" if candidate.verdict == "not_met" else "unknown"
    gating = [c for c in candidate.criteria if c.gating and c.state == wanted]
    specs = {c.id: c for c in (indication.applies, *indication.criteria) if c is not None}
    gating.sort(key=lambda c: _is_judgement(specs.get(c.id)))
    if not gating or gating[0].id not in specs:
        return ()
    first, asked = gating[0], specs[gating[0].id]
    if asked is indication.applies:
        return (_whether_it_applies(first, indication, case),)
    return _said(asked.when, asked, first, case)


def _is_judgement(asked: Asked | None) -> bool:
    return asked is not None and isinstance(asked.when, Judgement)


@singledispatch
def _said(when: Predicate, asked: Asked, found: Criterion, case: Case) -> tuple[str, ...]:
    if found.state == "unknown" and asked.missing:
        return (asked.missing,)
    return (f"{asked.label} ({_why(found)})", asked.label)


@_said.register
def _medication_history(
    when: MedicationHistory, asked: Asked, found: Criterion, case: Case
) -> tuple[str, ...]:
    return (_why(found),)


@_said.register
def _age(when: PersonTest, asked: Asked, found: Criterion, case: Case) -> tuple[str, ...]:
    if found.state == "unknown":
        return (asked.missing or _why(found),)
    return (f"{_why(found)}, not {asked.label.removeprefix('aged ')}",)


@_said.register
def _absent(when: NoneOf, asked: Asked, found: Criterion, case: Case) -> tuple[str, ...]:
    """ "No mania" as a label would read as its opposite."""
    what = asked.label.removeprefix("no ")
    if found.state == "unknown":
        if asked.missing:
            return (asked.missing,)
        return (f"{what} not ruled out ({_why(found)})", f"{what} not ruled out")
    return (f"{what} ({_why(found)})", what)


@_said.register
def _trials(when: AdequateTrials, asked: Asked, found: Criterion, case: Case) -> tuple[str, ...]:
    gap = trials_gap(case)
    if found.state == "unknown" and gap:
        return (gap,)
    count = tallied(case, site_scope(case))
    needed = when.at_least or case.site.adequate_trials_required
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
    if any(drug.state == "not seen" for drug in unread):
        return (NOT_IN_FULL,)
    one = len(unread or count.undecided) == 1
    end = "may be a trial" if one else "may be trials"
    if not unread:
        unscored = all(trial.unscored for trial in count.undecided)
        what = "whether it helped" if one else "whether they helped"
        return (f"{names} {end}, {what if unscored else 'dose or time'} not known",)
    was = "was" if one else "were"
    first = not_read(unread[:1]) + ("" if one else f" and {len(unread) - 1} more")
    return tuple(
        f"{text.removeprefix(NOT_READ)} {was} not understood and {end}"
        for text in (not_read(unread), first)
    )


@_said.register
def _classes(when: TrialClasses, asked: Asked, found: Criterion, case: Case) -> tuple[str, ...]:
    return (f"adequate trials in {_why(found)}",)


@_said.register
def _treatments(
    when: FailedTreatments, asked: Asked, found: Criterion, case: Case
) -> tuple[str, ...]:
    if found.state == "unknown" and asked.missing:
        return (asked.missing,)
    whole = found.why.partition(": ")[2]
    number, *more = whole.split("; ")
    open_one = f"; {more[-1]}" if more and found.state == "unknown" else ""
    return (whole, f"{number}{open_one}", f"{number.partition(':')[0]}{open_one}")


def _why(found: Criterion) -> str:
    """The criterion's reason without its label; of one that has parts, of the first."""
    return found.why.partition(": ")[2].split("; ")[0].rpartition(": ")[2]


def _whether_it_applies(found: Criterion, indication: Indication, case: Case) -> str:
    for diagnosis in indication.diagnoses:
        if judge(diagnosis.test, case).state != "unknown":
            continue
        facts = current(diagnosis.test, case)
        over = remission(diagnosis.test, case)
        if over is not None and over not in facts:
            return f"{diagnosis.disease} is {how_over(over)}; confirm a new episode"
        if facts:
            return unsure(diagnosis, facts[0])
    return UNREAD if UNREAD in found.why else _why(found)
