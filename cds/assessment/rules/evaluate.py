"""The one entry to the rules: a predicate of the knowledge, answered for a case.

Every kind of predicate has its function, which registers here by the type of its first argument.
Logic has three values throughout: data that were not had make a predicate unknown, never not met.
"""

from __future__ import annotations

from functools import singledispatch

from cds.assessment.case import Case
from cds.assessment.rules.answer import Answer
from cds.knowledge.model.predicates.base import Predicate


@singledispatch
def evaluate(predicate: Predicate, case: Case) -> Answer:
    """Answer a predicate. Raises TypeError for a kind that no function answers."""
    kind = type(predicate).__name__
    raise TypeError(f"no function answers predicates of kind {kind}: register one with evaluate")
