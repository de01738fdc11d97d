"""The one entry to the rules: a predicate of the knowledge, answered for a case.

Every kind of predicate has its function, which registers here by the type of its first argument.
Logic has three values throughout: data that were not had make a predicate unknown, never not met.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, singledispatch, wraps
from typing import TypeVar

from cds.assessment.case import Case
from cds.assessment.rules.answer import Answer
from cds.knowledge.model.predicates.base import Predicate

Test = TypeVar("Test", bound=Predicate)


@singledispatch
def evaluate(predicate: Predicate, case: Case) -> Answer:
    """Answer a predicate. Raises TypeError for a kind that no function answers."""
    kind = type(predicate).__name__
    raise TypeError(f"no function answers predicates of kind {kind}: register one with evaluate")


def of_patient(answer: Callable[[Test, Case], Answer]) -> Callable[[Test, Case], Answer]:
    """For a function that looks at the patient alone, whatever is ordered: it is asked once, and
    not once for each order of a call."""

    @wraps(answer)
    def asked_once(test: Test, case: Case) -> Answer:
        find = partial(answer, test, case)
        return case.known.once(find, answer, test, case.history, case.knowledge, case.site)

    return asked_once
