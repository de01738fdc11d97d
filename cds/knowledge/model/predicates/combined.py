"""Predicates made of predicates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import model_serializer, model_validator

from cds.knowledge.model.base import Texts
from cds.knowledge.model.predicates.base import Predicate, When, written


class _Several(Predicate):
    """Written as a list."""

    of: tuple[When, ...]

    @model_validator(mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return {"of": value} if isinstance(value, list | tuple) else value

    @model_serializer
    def _as_list(self) -> list[Any]:
        return [written(part) for part in self.of]


class AllOf(_Several, name="all"):
    """All of them hold."""


class AnyOf(_Several, name="any"):
    """One of them is enough."""


class NoneOf(_Several, name="none"):
    """None of them holds."""


class AtLeast(Predicate, name="at_least"):
    """So many of them hold."""

    number: int
    of: tuple[When, ...]


class Together(Predicate, name="together"):
    """All of them hold, by facts that lie at most so many days apart."""

    within_days: int
    of: tuple[When, ...]


class Unexplained(Predicate, name="unexplained"):
    """`when` holds, and `unless`, which would explain it, is not known to."""

    when: When
    unless: When


class Part(Predicate, name="part"):
    """A predicate with a name for the reader, who is told how it stands."""

    id: str
    label: str
    """what is asked for, in a phrase"""
    basis: Texts = ()
    when: When


def parts_of(predicate: Predicate) -> Iterator[Predicate]:
    """A predicate and, of one that is made of others, all of these."""
    yield predicate
    if isinstance(predicate, _Several | AtLeast | Together):
        inner = predicate.of
    elif isinstance(predicate, Unexplained):
        inner = (predicate.when, predicate.unless)
    else:
        inner = (predicate.when,) if isinstance(predicate, Part) else ()
    for part in inner:
        yield from parts_of(part)
