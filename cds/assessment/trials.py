"""Counting treatment trials: each ingredient once, by its best trial."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from cds.assessment.case import Case
from cds.history.model.course import DOUBTS
from cds.history.model.trial import Trial
from cds.history.model.unread import UnreadDrug
from cds.knowledge.load import Knowledge
from cds.knowledge.model.predicates.treatment import AdequateTrials, MedicationHistory
from cds.units import readable, weeks

Scope = Literal["lifetime", "episode"]
_LONGEST = 60
_HARMLESS = re.compile(r"[^\w “”(),.%+/-]|_|www|//")
NOT_READ = "not understood: "
NOT_IN_FULL = "medication lists were not seen in full"
_NAMED = 3
"""unread drugs that a sentence names"""


class Tally(Struct, frozen=True):
    """Antidepressant trials counted by ingredient; `minimum` includes `strict`."""

    minimum: tuple[Trial, ...]
    strict: tuple[Trial, ...]
    undecided: tuple[Trial, ...]
    """could count if what is unknown were known"""
    short: tuple[Trial, ...]
    """on record, and not counted"""

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted({trial.drug_class for trial in self.minimum}))


def tally(trials: Iterable[Trial], scope: Scope = "lifetime") -> Tally:
    """Count the trials. In scope `episode`, one whose place in time is unknown is undecided."""
    minimum, strict, undecided, short = [], [], [], []
    by_ingredient: dict[str, list[Trial]] = {}
    for trial in trials:
        by_ingredient.setdefault(trial.ingredient, []).append(trial)
    for _, group in sorted(by_ingredient.items()):
        in_scope = [t for t in group if scope == "lifetime" or t.in_current_episode is not False]
        placed = [t for t in in_scope if scope == "lifetime" or t.in_current_episode]
        counted = [t for t in placed if t.adequate]
        may_count = [t for t in in_scope if t.adequate or _undecided(t)]
        if counted:
            best = min(counted, key=lambda t: (t.adequacy != "strict", *_newest_first(t)))
            minimum.append(best)
            if best.adequacy == "strict":
                strict.append(best)
        elif may_count:
            undecided.append(min(may_count, key=_newest_first))
        else:
            short.append(min(group, key=_newest_first))
    return Tally(tuple(minimum), tuple(strict), tuple(undecided), tuple(short))


def tallied(case: Case, scope: Scope) -> Tally:
    """The antidepressant trials on record, counted once for all who ask."""
    trials = trials_here(case)
    return case.known.once(partial(tally, trials, scope), tally, trials, scope)


def trials_here(case: Case) -> tuple[Trial, ...]:
    """The antidepressant trials on record; what is no medicine where the site is does not count."""
    trials = case.history.antidepressant_trials
    foreign = _no_medicines(case.knowledge, case.site.jurisdiction)
    if foreign.isdisjoint(trial.ingredient for trial in trials):
        return trials
    return tuple(
        replace(trial, adequacy="inadequate", reason=_NO_MEDICINE)
        if trial.ingredient in foreign
        else trial
        for trial in trials
    )


_NO_MEDICINE = "not an antidepressant trial: no approved medicine here"


@lru_cache(maxsize=4)
def _no_medicines(knowledge: Knowledge, jurisdiction: str) -> frozenset[str]:
    rows = knowledge.antidepressant_trials.values()
    return frozenset(row.name for row in rows if jurisdiction in row.no_medicine_in)


def site_scope(case: Case) -> Scope:
    """Whether the site counts trials over the lifetime or in the current episode only."""
    return "lifetime" if case.site.lifetime_trials_count else "episode"


def minimum_history(case: Case) -> int:
    """Days of medication history under which no count of trials is judged."""
    return _minimum_history(case.knowledge)


@lru_cache(maxsize=4)
def _minimum_history(knowledge: Knowledge) -> int:
    """The longest that an indication asks for which counts trials."""
    asked = [
        [criterion.when for criterion in indication.criteria]
        for indication in knowledge.indications.values()
    ]
    return max(
        one.days
        for criteria in asked
        if any(isinstance(one, AdequateTrials) for one in criteria)
        for one in criteria
        if isinstance(one, MedicationHistory)
    )


def trial_like(case: Case) -> tuple[UnreadDrug, ...]:
    """Drugs that could not be read and were perhaps taken for as long as a trial takes."""
    shortest = int(case.knowledge.parameters["trial-too-short-days"].value)
    return tuple(drug for drug in case.history.unread_drugs if drug.lasted(shortest))


def may_reach(needed: int, possible: int, unread: Sequence[UnreadDrug]) -> bool:
    """Whether drugs that were not understood may make up what is wanting to a number."""
    return possible + len(unread) >= needed or any(drug.uncounted for drug in unread)


def not_read(drugs: Iterable[UnreadDrug]) -> str:
    """`not understood: “Zolmex 40” (123)`; empty without drugs.

    A reason is no place for chart text as it is written: only what can't be markup is left of it.
    """
    drugs = tuple(drugs)
    came = [drug for drug in drugs if drug.state != "not seen"]
    labels = [_HARMLESS.sub("", drug.label)[:_LONGEST] for drug in came]
    more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
    named = f"{NOT_READ}{', '.join(labels[:_NAMED])}{more}" if labels else ""
    return "; ".join(filter(None, (named, NOT_IN_FULL if len(came) < len(drugs) else "")))


def described(trial: Trial) -> str:
    """`sertraline 200 mg/d, 12 weeks`; a loading dose as `lorazepam 4 mg`."""
    dose = _mg(trial.max_daily_dose_mg)
    if trial.group == "status_epilepticus":
        return f"{trial.ingredient}{dose.removesuffix('/d')}"
    lasted = f", {weeks(trial.weeks)} weeks" if trial.weeks is not None else ""
    return f"{trial.ingredient}{dose}{lasted}{_doubtful(trial)}"


def _doubtful(trial: Trial) -> str:
    if trial.assumed_dose:
        return " (one unit at a time assumed)"
    beside = DOUBTS["beside"] in trial.remarks
    return " (beside words that were not understood)" if beside else ""


def shortfall(trial: Trial) -> str:
    """Why a trial is not counted. Its own reason speaks of dose and time alone."""
    if trial.outcome == "responded":
        return "answered by a response, so not a failed trial"
    if trial.adequate:
        return "adequate, but not in the current episode"
    return trial.reason or "does not count as an adequate trial"


def sources(trials: Iterable[Trial]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ref for trial in trials for ref in trial.source))


def _undecided(trial: Trial) -> bool:
    return (trial.adequacy == "unknown" and trial.outcome != "responded") or trial.unscored


def _mg(dose: Decimal | None) -> str:
    return f" {readable(dose)} mg/d" if dose is not None else ""


def _newest_first(trial: Trial) -> tuple[bool, int, tuple[str, ...]]:
    return trial.start is None, -(trial.start.toordinal() if trial.start else 0), trial.source
