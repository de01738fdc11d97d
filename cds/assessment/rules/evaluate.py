"""The one entry to the rules: a predicate of the knowledge, answered for a case.

Every kind of predicate has its function, which registers here. Logic has three values throughout:
data that were not had make a predicate unknown, never not met.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cds.assessment.case import Case
from cds.assessment.rules.answer import Answer
from cds.knowledge.model.predicates.base import Predicate

Test = TypeVar("Test", bound=Predicate)
Answering = Callable[[Test, Case], Answer]

_OF_CASE: dict[type[Predicate], Callable[[Any, Case], Answer]] = {}
_OF_PATIENT: dict[type[Predicate], Callable[[Any, Case], Answer]] = {}


def evaluate(predicate: Predicate, case: Case) -> Answer:
    """Answer a predicate. Raises TypeError for a kind that no function answers."""
    kind = type(predicate)
    answer = _OF_CASE.get(kind)
    if answer is not None:
        return answer(predicate, case)
    answers = case.known.answers
    known: Answer | None = answers.get(predicate)
    if known is None:
        if kind not in _OF_PATIENT:
            raise TypeError(f"no function answers predicates of kind {kind.__name__}")
        known = answers[predicate] = _OF_PATIENT[kind](predicate, case)
    return known


def answers(kind: type[Test]) -> Callable[[Answering[Test]], Answering[Test]]:
    """Register the function that answers a kind of predicate, by what is ordered as well."""

    def register(answer: Answering[Test]) -> Answering[Test]:
        _OF_CASE[kind] = answer
        return answer

    return register


def answers_of_patient(kind: type[Test]) -> Callable[[Answering[Test]], Answering[Test]]:
    """The same for one that looks at the patient alone, whatever is ordered: it is asked once, and
    not once for each order of a call."""

    def register(answer: Answering[Test]) -> Answering[Test]:
        _OF_PATIENT[kind] = answer
        return answer

    return register
