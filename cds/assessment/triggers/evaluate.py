"""Answers the declarative triggers of the knowledge for one case.

The answer is met, not met or unknown, with the facts that met it. Three-valued logic throughout:
data that were not had make a trigger unknown, and never not met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cds.assessment.case import Case
from cds.assessment.model import ChartText
from cds.assessment.triggers import circumstances, conditions, drugs, observations
from cds.assessment.triggers.answer import NOT_MET, Answer, Match, unknown
from cds.knowledge.model import triggers as spec


@dataclass(frozen=True, slots=True)
class Fired:
    """The rules of one entry that hold, with the facts behind each."""

    rules: tuple[tuple[spec.Rule, Answer], ...]
    missing: frozenset[str]

    @property
    def basis(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row for rule, _ in self.rules for row in rule.basis))

    @property
    def found(self) -> tuple[ChartText, ...]:
        return tuple(dict.fromkeys(m.what for m in self._matches()))

    @property
    def source(self) -> tuple[str, ...]:
        return tuple(sorted({ref for match in self._matches() for ref in match.source}))

    def apart(self) -> tuple[Fired, Fired]:
        """What holds, and what would be critical if its codes were right and their words wrong.

        A lesser rule of the same entry goes with what it rests on, and what is critical by another
        rule, such as one that counts the past, is so whatever the words take back.
        """
        back = [(rule, answer) for rule, answer in self.rules if answer.taken_back]
        left = [(rule, answer) for rule, answer in self.rules if not answer.taken_back]
        severe = [any(rule.severity == "critical" for rule, _ in part) for part in (left, back)]
        if severe != [False, True]:
            return self, Fired((), NOTHING)
        return Fired(tuple(left), self.missing), Fired(tuple(map(_only_taken_back, back)), NOTHING)

    def _matches(self) -> Iterator[Match]:
        for _, answer in self.rules:
            yield from answer.matches


NOTHING: frozenset[str] = frozenset()


def _only_taken_back(one: tuple[spec.Rule, Answer]) -> tuple[spec.Rule, Answer]:
    rule, answer = one
    return rule, replace(answer, matches=tuple(m for m in answer.matches if m.taken_back))


def fired(rules: Iterable[spec.Rule], case: Case) -> Fired:
    """Judge each rule; those that are unknown leave what they missed."""
    hold: list[tuple[spec.Rule, Answer]] = []
    missing: set[str] = set()
    for rule in rules:
        answer = evaluate(rule.when, case)
        missing |= answer.missing
        if answer.met and not (rule.unless and evaluate(rule.unless, case).met):
            hold.append((rule, answer))
    return Fired(tuple(hold), frozenset(missing))


def evaluate(trigger: spec.Trigger, case: Case) -> Answer:
    """Answer one trigger."""
    (name,) = trigger.model_fields_set
    return _TESTS[name](getattr(trigger, name), case)


def _all(parts: tuple[spec.Trigger, ...], case: Case) -> Answer:
    answers = [evaluate(part, case) for part in parts]
    if any(a.state == "not_met" for a in answers):
        return NOT_MET
    if any(a.state == "unknown" for a in answers):
        return unknown(*(key for a in answers for key in a.missing))
    undone = any(a.taken_back for a in answers)
    return Answer("met", tuple(m for a in answers for m in a.matches), undone=undone)


def _any(parts: tuple[spec.Trigger, ...], case: Case) -> Answer:
    answers = [evaluate(part, case) for part in parts]
    missing = frozenset(key for a in answers for key in a.missing)
    met = [a for a in answers if a.met]
    if met:
        undone = all(a.taken_back for a in met)
        return Answer("met", tuple(m for a in met for m in a.matches), missing, undone)
    if any(a.state == "unknown" for a in answers):
        return Answer("unknown", (), missing)
    return NOT_MET


def _none(parts: tuple[spec.Trigger, ...], case: Case) -> Answer:
    answer = _any(parts, case)
    if answer.state == "unknown":
        return answer
    return NOT_MET if answer.met else Answer("met")


def _two_of(parts: tuple[spec.Trigger, ...], case: Case) -> Answer:
    answers = [evaluate(part, case) for part in parts]
    met = [a for a in answers if a.met]
    missing = frozenset(key for a in answers for key in a.missing)
    if len(met) > 1:
        return Answer("met", tuple(m for a in met for m in a.matches), missing)
    open_ones = sum(a.state == "unknown" for a in answers)
    return Answer("unknown", (), missing) if len(met) + open_ones > 1 else NOT_MET


def _together(test: spec.Together, case: Case) -> Answer:
    answer = _all(test.of, case)
    answers = [evaluate(part, case) for part in test.of]
    if not answer.met:  # what one of them lacks matters only where another holds
        return answer if answer.state == "not_met" or any(a.met for a in answers) else unknown()
    parts = [part.matches for part in answers]
    for first in (match.when for match in answer.matches if match.when is not None):
        near = [[m for m in part if _within(m, first, test.within_days)] for part in parts]
        if all(near):
            return Answer("met", tuple(match for part in near for match in part))
    return NOT_MET


def _within(match: Match, first: date, days: int) -> bool:
    return match.when is not None and 0 <= (match.when - first).days <= days


def _unexplained(test: spec.Unexplained, case: Case) -> Answer:
    answer = evaluate(test.when, case)
    return NOT_MET if answer.met and evaluate(test.unless, case).met else answer


_TESTS: dict[str, Callable[[Any, Case], Answer]] = {
    "all": _all,
    "any": _any,
    "none": _none,
    "two_of": _two_of,
    "together": _together,
    "unexplained": _unexplained,
    "condition": conditions.condition,
    "observation": observations.observation,
    "procedure": circumstances.procedure,
    "allergy": drugs.allergy,
    "medication": drugs.medication,
    "person": circumstances.person,
    "reproductive": circumstances.reproductive,
    "order": circumstances.order,
    "session": circumstances.session,
    "liver": circumstances.liver,
}
