"""The entries of a knowledge file as records of their model. Anything odd is a KnowledgeError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from cds.knowledge.model.base import Fact, Source
from cds.knowledge.places import KnowledgeError

Unfit: TypeAlias = Callable[[str, str], None]
"""takes the id of an entry that does not fit its model, and why"""


def facts_of(file: str, document: Mapping[str, Any]) -> Sequence[Mapping[str, object]]:
    """The entries of a file. Raises KnowledgeError where there is no list of them."""
    facts = document.get("facts")
    if not isinstance(facts, list) or not all(isinstance(fact, dict) for fact in facts):
        raise KnowledgeError(f"{file}: has no list of `facts`")
    return facts


def each_once(file: str, read: Iterable[Any], before: Iterable[Any]) -> Iterator[Any]:
    """Facts as they come. Raises KnowledgeError for an edition that was there before."""
    seen = {(fact.id, _edition(fact)) for fact in before}
    for fact in read:
        key = (fact.id, _edition(fact))
        if key in seen:
            raise KnowledgeError(f"{file}: {fact.id} stands twice")
        seen.add(key)
        yield fact


def _edition(fact: Fact | Source) -> date | None:
    return fact.effective if isinstance(fact, Fact) else None


def validated(
    name: str, entries: Iterable[Mapping[str, object]], model: Any, unfit: Unfit | None = None
) -> Iterator[Any]:
    """The entries of a file as records of a model.

    The first that does not fit is a KnowledgeError; with `unfit` that is told, and the next read.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    for entry in entries:
        try:
            yield adapter.validate_python(entry)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"] if part != entry.get("id"))
            why = f"{where}: {first['msg'].removeprefix('Value error, ')}"
            if unfit is None:
                raise KnowledgeError(f"{name}: {entry.get('id')}: {why}") from None
            unfit(str(entry.get("id")), why)
