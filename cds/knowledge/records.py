"""The entries of a knowledge file as records of their model. Anything odd is a KnowledgeError."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cds.knowledge.model.base import Fact, Source
from cds.knowledge.places import KnowledgeError


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


def validated(name: str, entries: Iterable[Mapping[str, object]], model: Any) -> Iterator[Any]:
    """The entries of a file as records of a model. Raises KnowledgeError at the first misfit."""
    adapter: TypeAdapter[Any] = TypeAdapter(model)
    for entry in entries:
        try:
            yield adapter.validate_python(entry)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"] if part != entry.get("id"))
            raise KnowledgeError(f"{name}: {entry.get('id')}: {where}: {first['msg']}") from None
