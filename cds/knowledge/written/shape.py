"""What a field of a file is by its model: one value or a list, codes that carry names, records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, get_args, get_origin

from pydantic import BaseModel

from cds.knowledge.model.declared import CODES, Kind, NameOf, declared
from cds.knowledge.model.predicates import KINDS, Predicate

Models: TypeAlias = tuple[type[BaseModel], ...]
"""those that an entry may be of: one, mostly"""


@dataclass(frozen=True, slots=True)
class Shape:
    """`codes`: of which system, where each carries its name."""

    several: bool = False
    codes: Kind | None = None
    models: Models = ()


NO_SHAPE = Shape()


@lru_cache(maxsize=4096)
def shape_of(models: Models, field: str) -> Shape:
    """A field of records. Of a predicate it is the name, and what it asks stands below."""
    if Predicate in models and field in KINDS:
        return Shape(models=(KINDS[field],))
    shape = NO_SHAPE
    for model in models:
        if field in model.model_fields:
            annotation = model.model_fields[field].annotation
            several = any(get_origin(part) is tuple for part in _parts(annotation))
            marks = declared(model, field, NameOf)
            codes = next((mark.kind for mark in marks if several and mark.kind in CODES), None)
            inner = tuple(dict.fromkeys(_records(annotation)))
            shape = Shape(several, codes, (*shape.models, *inner))
    return shape


def items_of(models: Models) -> Models:
    """The records of a list: of `all`, `any` and `none` those that they are made of."""
    listed = tuple(each for each in models if issubclass(each, Predicate) and each is not Predicate)
    return shape_of(listed, "of").models or models


def models_of(annotation: Any) -> Models:
    """The records that a type may be."""
    return tuple(dict.fromkeys(_records(annotation)))


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _records(annotation: Any) -> Iterator[type[BaseModel]]:
    for part in _parts(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield part
