"""The answers of predicates that are made of others.

Each is computed twice by one function, with what is doubtful counted and with it left open: where
the two differ, the answer is doubtful.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.model import State
from cds.assessment.rules.answer import NOT_MET, Answer, Found, Match, unknown
from cds.assessment.rules.evaluate import answers, evaluate
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.predicates.combined import (
    AllOf,
    AnyOf,
    AtLeast,
    NoneOf,
    Part,
    Together,
    Unexplained,
)

OPPOSITE: dict[State, State] = {"met": "not_met", "not_met": "met", "unknown": "unknown"}


class PartsFound(Struct, Found, frozen=True):
    """How each part of a combination stands."""

    parts: tuple[tuple[Predicate, Answer], ...]
    needs_all: bool = False
    negated: bool = False
    """the combination holds where its parts do not"""

    def like(self, answer: Answer) -> tuple[tuple[Predicate, Answer], ...]:
        """The parts that stand as the whole does, with what is doubtful left open: they decide."""
        wanted = OPPOSITE[answer.settled] if self.negated else answer.settled
        return tuple((part, one) for part, one in self.parts if one.settled == wanted)


def _each(
    predicate: AllOf | AnyOf | NoneOf, answers: Sequence[Answer]
) -> tuple[tuple[Predicate, Answer], ...]:
    return tuple(zip(predicate.of, answers, strict=True))


def _missing(answers: Sequence[Answer]) -> frozenset[str]:
    return frozenset().union(*(answer.missing for answer in answers))


def _matches(answers: Sequence[Answer]) -> tuple[Match, ...]:
    return tuple(match for answer in answers for match in answer.matches)


def _joined(
    answers: Sequence[Answer], how: Callable[[Sequence[State]], State]
) -> tuple[State, bool]:
    """The state with what is doubtful counted, and whether it rests on that."""
    state = how([a.state for a in answers])
    if True not in [a.doubtful for a in answers]:
        return state, False
    return state, how([a.settled for a in answers]) != state


def _weakest(states: Sequence[State]) -> State:
    return "not_met" if "not_met" in states else "unknown" if "unknown" in states else "met"


def _strongest(states: Sequence[State]) -> State:
    return "met" if "met" in states else "unknown" if "unknown" in states else "not_met"


@answers(AllOf)
def _all(predicate: AllOf, case: Case) -> Answer:
    answers = [evaluate(part, case) for part in predicate.of]
    state, doubtful = _joined(answers, _weakest)
    found = PartsFound(_each(predicate, answers), needs_all=True)
    if state == "not_met":
        return Answer(state, doubtful=doubtful, found=found)
    if state == "unknown":
        return Answer(state, (), _missing(answers), found=found)
    undone = any(answer.taken_back for answer in answers)
    return Answer(state, _matches(answers), frozenset(), doubtful, undone, found)


@answers(AnyOf)
def _any(predicate: AnyOf, case: Case) -> Answer:
    answers = [evaluate(part, case) for part in predicate.of]
    state, doubtful = _joined(answers, _strongest)
    found = PartsFound(_each(predicate, answers))
    if state == "not_met":
        return Answer(state, doubtful=doubtful, found=found)
    holding = [answer for answer in answers if answer.met]
    undone = bool(holding) and all(answer.taken_back for answer in holding)
    return Answer(state, _matches(holding), _missing(answers), doubtful, undone, found)


@answers(NoneOf)
def _none(predicate: NoneOf, case: Case) -> Answer:
    answers = [evaluate(part, case) for part in predicate.of]
    # what is doubtful would speak for the treatment here, and so it does not count
    sure = [answer for answer in answers if not (answer.met and answer.doubtful)]
    state = _strongest([answer.state for answer in sure])
    doubtful = _strongest([answer.settled for answer in answers]) != state
    missing = _missing(sure) if state == "unknown" else frozenset[str]()
    found = PartsFound(_each(predicate, answers), negated=True)
    return Answer(OPPOSITE[state], (), missing, doubtful, found=found)


@answers(AtLeast)
def _at_least(predicate: AtLeast, case: Case) -> Answer:
    def enough(states: Sequence[State]) -> State:
        sure = states.count("met")
        possible = sure + states.count("unknown")
        return (
            "met"
            if sure >= predicate.number
            else "unknown"
            if possible >= predicate.number
            else "not_met"
        )

    answers = [evaluate(part, case) for part in predicate.of]
    state, doubtful = _joined(answers, enough)
    if state == "not_met":
        return Answer(state, doubtful=doubtful)
    matches = _matches([a for a in answers if a.met]) if state == "met" else ()
    return Answer(state, matches, _missing(answers), doubtful)


@answers(Together)
def _together(predicate: Together, case: Case) -> Answer:
    answers = [evaluate(part, case) for part in predicate.of]
    state, doubtful = _joined(answers, _weakest)
    if state == "not_met":
        return Answer(state, doubtful=doubtful)
    if state == "unknown":  # what one of them lacks matters only where another holds
        return unknown(*(_missing(answers) if any(a.met for a in answers) else ()))
    for first in (match.when for match in _matches(answers) if match.when is not None):
        near = [
            tuple(m for m in answer.matches if _within(m, first, predicate.within_days))
            for answer in answers
        ]
        if all(near):
            return Answer("met", tuple(m for part in near for m in part), doubtful=doubtful)
    return NOT_MET


def _within(match: Match, first: date, days: int) -> bool:
    return match.when is not None and 0 <= (match.when - first).days <= days


@answers(Unexplained)
def _unexplained(predicate: Unexplained, case: Case) -> Answer:
    answer = evaluate(predicate.when, case)
    if not answer.met:
        return answer
    explained = evaluate(predicate.unless, case)
    if explained.settled == "met":
        return NOT_MET
    return replace(answer, doubtful=answer.doubtful or explained.met)


@answers(Part)
def _part(predicate: Part, case: Case) -> Answer:
    return evaluate(predicate.when, case)
