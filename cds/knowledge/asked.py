"""What the knowledge asks of a chart, gathered once: each entry of one is read for all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from cds.knowledge.model.predicates.facts import ConditionTest
from cds.knowledge.model.predicates.treatment import DrugTest


class Asked:
    """The tests in some facts, however deep. It equals itself, and so may key a cache."""

    def __init__(self, facts: Iterable[BaseModel]) -> None:
        tests = dict.fromkeys(test for fact in facts for test in _tests(fact))
        self.every = frozenset(tests)
        self.diagnoses = frozenset(test for test in tests if isinstance(test, ConditionTest))
        self.drugs = tuple(test for test in tests if isinstance(test, DrugTest))


def _tests(value: object) -> Iterator[ConditionTest | DrugTest]:
    if isinstance(value, ConditionTest | DrugTest):
        yield value
    elif isinstance(value, BaseModel):
        for inner in value.__dict__.values():
            yield from _tests(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _tests(inner)
