"""Which rules may say something of a case: most ask for what no chart but a few holds.

A rule is asleep where nothing that could wake it is on record. It does not hold then, and it misses
nothing, so that it need not be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Protocol, TypeVar

from cds.assessment import diagnosis, partners
from cds.assessment.case import Case
from cds.knowledge.asked import Asked
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.predicates.combined import (
    AllOf,
    AnyOf,
    AtLeast,
    Part,
    Together,
    Unexplained,
)
from cds.knowledge.model.predicates.facts import ConditionTest, ResultTest
from cds.knowledge.model.predicates.treatment import DrugTest
from cds.knowledge.model.rule import Rule

Waking = frozenset[object]
"""What wakes a rule: tests of diagnoses and drugs that something fits, kinds of results"""
_LISTS = frozenset({"conditions", "medicationRequests", "observations"})


class _Entry(Protocol):
    @property
    def rules(self) -> tuple[Rule, ...]: ...


Entry = TypeVar("Entry", bound=_Entry)


def awake(entries: Iterable[Entry], case: Case) -> Iterator[tuple[Entry, tuple[Rule, ...]]]:
    """The entries that may say something, each with the rules that may."""
    asked, there = case.knowledge.asked, _there(case)
    for entry in entries:
        rules: tuple[Rule, ...] = ()
        for rule in entry.rules:
            by = woken_by(rule.when, asked)
            if there is None or by is None or not by.isdisjoint(there):
                rules += (rule,)
        if rules:
            yield entry, rules


def _there(case: Case) -> Waking | None:
    """What there is of what wakes; None where a list is missing, which each of its rules says."""
    if not case.history.answered >= _LISTS:
        return None
    return frozenset(
        chain(
            diagnosis.on_record(case),
            diagnosis.named_by_reason(case),
            partners.on_record(case),
            partners.in_session(case),
            case.history.observations,
        )
    )


@lru_cache(maxsize=4096)
def woken_by(when: Predicate, asked: Asked) -> Waking | None:
    """What of it has to be there, one thing at least, for it to hold or to miss something. None:
    that is not told by what is there, or is not looked for in every chart (`asked`)."""
    if isinstance(when, ResultTest):
        return frozenset((*when.kinds, *(limit.kind for limit in when.thresholds)))
    if isinstance(when, Unexplained | Part):
        return woken_by(when.when, asked)
    without = _refuted_without(when, asked)
    if without is None and isinstance(when, AllOf | AnyOf | AtLeast | Together):
        return _any_of(woken_by(part, asked) for part in when.of)
    return without


def _refuted_without(when: Predicate, asked: Asked) -> Waking | None:
    """The same for it to be anything but a clear no."""
    if isinstance(when, ConditionTest | DrugTest):
        return frozenset({when}) if when in asked.every else None
    if isinstance(when, AllOf | Together):  # one part that is a no is enough
        parts = (_refuted_without(part, asked) for part in when.of)
        return min((by for by in parts if by is not None), key=len, default=None)
    if isinstance(when, AnyOf | AtLeast):
        return _any_of(_refuted_without(part, asked) for part in when.of)
    return _refuted_without(when.when, asked) if isinstance(when, Part) else None


def _any_of(parts: Iterable[Waking | None]) -> Waking | None:
    found = list(parts)
    known = [part for part in found if part is not None]
    return frozenset().union(*known) if len(known) == len(found) else None
