"""Predicates made of predicates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, model_serializer, model_validator

from cds.knowledge.model.base import Texts
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.names import Count, Span
from cds.knowledge.model.predicates.base import Predicate, When, written
from cds.knowledge.model.predicates.facts import ConditionTest, OnRecordFor


class _Several(Predicate, asks_by=("of",)):
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


class AtLeast(Predicate, name="at_least", asks_by=("of",)):
    """So many of them hold."""

    number: Count
    of: tuple[When, ...]


class Together(Predicate, name="together", asks_by=("of",)):
    """All of them hold, by facts that lie at most so many days apart."""

    within_days: Span
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
    basis: Annotated[Texts, NameOf("row of evidence")] = ()
    when: When


def of_diagnoses(predicate: Predicate, diagnoses: tuple[ConditionTest, ...]) -> Predicate:
    """The same, where what asks how long something is on record asks it of these, unless it says of
    what, however deep it stands.
    """
    if isinstance(predicate, OnRecordFor):
        return predicate if predicate.of else predicate.model_copy(update={"of": diagnoses})
    changed: dict[str, Any] = {}
    if isinstance(predicate, _Several | AtLeast | Together):
        changed = {"of": tuple(of_diagnoses(part, diagnoses) for part in predicate.of)}
    elif isinstance(predicate, Unexplained | Part):
        changed = {"when": of_diagnoses(predicate.when, diagnoses)}
    if isinstance(predicate, Unexplained):
        changed["unless"] = of_diagnoses(predicate.unless, diagnoses)
    same = all(getattr(predicate, name) == value for name, value in changed.items())
    return predicate if same else predicate.model_copy(update=changed)


def whole(predicate: Predicate) -> Predicate:
    """One to which nothing is added: it says of what it asks. Raises ValueError."""
    if any(isinstance(part, OnRecordFor) and not part.of for part in parts_of(predicate)):
        raise ValueError("on_record_for says of what (`of`): no diagnoses here make it apply")
    return predicate


WholeWhen = Annotated[When, AfterValidator(whole)]
"""A predicate that stands by itself, and not in an indication."""


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
