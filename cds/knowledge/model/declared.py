"""What a field of the knowledge names, and what it must not exceed: said at the field itself.

    sets: Annotated[Texts, NameOf("condition set")] = ()

Nothing of it is looked at when the knowledge is loaded. `cds.knowledge.check` reads it of whatever
record it meets, so that a new field is checked by what it declares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias, TypeVar, get_args

from pydantic import BaseModel

Kind: TypeAlias = Literal[
    # in the knowledge
    "source", "row of evidence", "row of the knowledge", "row of an indication", "indication",
    "contraindication", "finding", "work-up item", "parameter of days",
    "class of antidepressant trials", "class of pain trials", "setting of the site protocol",
    "switch of the site protocol", "drug that is ordered", "route of an order",
    # in the tables and the code beside it
    "condition set", "procedure set", "observation kind", "answer", "drug class", "ingredient",
    "route of a drug", "flag of a product", "encounter class", "setting", "hospital unit",
    "purpose", "wording",
    # of a shape
    "ICD-10-CM code", "SNOMED CT code", "LOINC code", "unit",
]  # fmt: skip
CODES: tuple[Kind, ...] = ("ICD-10-CM code", "SNOMED CT code", "LOINC code")
CodeNames: TypeAlias = Mapping[Kind, Callable[[str], str | None]]
"""what a code is called, None where no table says it; a kind that is not there has no table"""
NO_NAME = "~"
"""stands for the name of a code that none of our tables has"""
Mark = TypeVar("Mark")


@dataclass(frozen=True, slots=True)
class NameOf:
    """Each text of the field is the name, or the code, of one of these."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of the field are words, and name nothing."""


@dataclass(frozen=True, slots=True)
class UpTo:
    """The value is at most that of another field of the record."""

    field: str
    below: bool = False
    """it is less than that"""


@cache
def declared(model: type[BaseModel], field: str, mark: type[Mark]) -> tuple[Mark, ...]:
    """What a field declares of one kind, also within `… | None`."""
    info = model.model_fields[field]
    found = [*info.metadata, *_within(info.annotation)]
    return tuple(each for each in found if isinstance(each, mark))


def _within(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for part in get_args(annotation):
        yield from _within(part)
