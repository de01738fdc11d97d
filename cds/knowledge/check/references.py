"""What the fields of a record name, by what they declare (`cds.knowledge.model.declared`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from pydantic import BaseModel

from cds.knowledge.check.written import Path
from cds.knowledge.guesses import unknown
from cds.knowledge.model.base import Record
from cds.knowledge.model.declared import Kind, NameOf, UpTo, declared

Lookup: TypeAlias = Callable[[str, Collection[str]], str | None]
"""what is wrong with a name, by itself and among all of its field; None: nothing"""
Known: TypeAlias = Mapping[Kind, Lookup]
"""a kind that is not there is not looked up"""
Told: TypeAlias = tuple[tuple[str | int, ...], str]
"""path within a record, and what is wrong there"""


@dataclass(frozen=True, slots=True)
class Names:
    """A kind of which all names are listed: the lookup of one."""

    kind: Kind
    listed: Mapping[str, None]

    def __call__(self, name: str, among: Collection[str] = ()) -> str | None:
        return None if name in self.listed else unknown(self.kind, name, self.listed, where="")


def names_of(kind: Kind, names: Iterable[str]) -> Lookup:
    return Names(kind, dict.fromkeys(sorted(names)))


def records_in(record: Record, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Record, Path]]:
    """A record and, with the path to it, each that is in it."""
    yield record, path
    for name in type(record).model_fields:
        value = getattr(record, name)
        for number, part in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(part, Record):
                step = (name, number) if isinstance(value, tuple) else (name,)
                yield from records_in(part, (*path, *step))


def names_in(record: Record) -> Iterator[tuple[tuple[str, int], Kind, str]]:
    """What the record's own fields name: path, kind and name. Of a default nobody is told."""
    for field in type(record).model_fields:
        if field not in record.model_fields_set:
            continue
        for mark in declared(type(record), field, NameOf):
            value = getattr(record, field)
            for number, text in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(text, str):
                    yield (field, number), mark.kind, text


def name_faults(record: Record, known: Known) -> Iterator[Told]:
    """The names of the record's own fields that are unknown."""
    for (field, number), kind, text in names_in(record):
        look, value = known.get(kind), getattr(record, field)
        among = value if isinstance(value, tuple) else (value,)
        if look is not None and (said := look(text, among)):
            yield (field, number), said


def order_faults(record: Record) -> Iterator[Told]:
    """The values that are above another of the record, which they must not exceed."""
    for field in type(record).model_fields:
        for mark in declared(type(record), field, UpTo):
            value, end = getattr(record, field), getattr(record, mark.field)
            if not isinstance(value, int | Decimal) or not isinstance(end, int | Decimal):
                continue
            if value > end or (mark.below and value == end):
                yield (field,), f"{value} is not {_BELOW[mark.below]} {end}, its `{mark.field}`"


_BELOW = {True: "below", False: "at most"}


def fields_of(model: object, path: Path) -> dict[str, None]:
    """The fields that stand beside what a path leads to, in a model."""
    kinds = list(_models(model))
    for step in path[:-1]:
        inner = [
            part
            for kind in kinds
            if step in kind.model_fields
            for part in _models(kind.model_fields[str(step)].annotation)
        ]
        kinds = inner or kinds
    return {name: None for kind in kinds for name in kind.model_fields}


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)
