"""What a fact rests on and names, itself or in one of its parts: a rule, a criterion, a finding."""

from __future__ import annotations

from collections.abc import Iterator

from cds.knowledge.check.references import records_in
from cds.knowledge.model.base import Fact, Record
from cds.knowledge.model.declared import Kind, NameOf, declared


def rows_of(fact: Fact) -> tuple[str, ...]:
    """The rows of the evidence that a fact rests on, with those of its rules and criteria."""
    return tuple(dict.fromkeys(named(fact, "row of evidence")))


def sources_of(fact: Fact) -> tuple[str, ...]:
    """The sources that a fact cites, itself or in one of its parts."""
    return tuple(dict.fromkeys(named(fact, "source")))


def named(record: Record, *kinds: Kind) -> Iterator[str]:
    """What a record and its parts name of some kinds, in the order of their fields."""
    for part, _ in records_in(record):
        for field in type(part).model_fields:
            if any(mark.kind in kinds for mark in declared(type(part), field, NameOf)):
                value = getattr(part, field)
                yield from value if isinstance(value, tuple) else filter(None, (value,))
