"""What a rule asks, as a record: the base of every predicate, and how one is written.

In a knowledge file a predicate is a mapping with one key, its name, and what it asks below that:
`condition: {sets: mania}`. A new kind is one record here, `class ProcedureTest(Predicate,
name="procedure")`, one function that answers it in `cds.assessment.rules`, and one that puts it
into words in `cds.knowledge.in_words`.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import PlainSerializer, PlainValidator

from cds.knowledge.guesses import unknown
from cds.knowledge.model.base import Itself


class Predicate(Itself):
    """Something that holds for a case, does not, or is not known."""

    name: ClassVar[str] = ""
    """what a knowledge file calls it"""
    asks_by: ClassVar[tuple[str, ...]] = ()
    """the fields of which one, at least, has to say something: without, it asks nothing"""

    def __init_subclass__(
        cls, name: str = "", asks_by: tuple[str, ...] = (), **others: Any
    ) -> None:
        super().__init_subclass__(**others)
        cls.asks_by = asks_by or cls.asks_by
        if name:
            cls.name = name
            KINDS[name] = cls


KINDS: dict[str, type[Predicate]] = {}
"""name → record of every kind"""


def read_predicate(value: object) -> Predicate:
    """One as a knowledge file has it. Raises ValueError."""
    if isinstance(value, Predicate):
        return value
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError("a predicate is a mapping of exactly one name")
    ((name, asked),) = value.items()
    if name not in KINDS:
        raise ValueError(unknown("predicate", str(name), dict.fromkeys(sorted(KINDS))))
    return KINDS[name].model_validate(asked)


def written(predicate: Predicate) -> dict[str, Any]:
    """As a knowledge file has it, with every default."""
    return {predicate.name: predicate.model_dump(mode="json", exclude_none=True)}


When = Annotated[Predicate, PlainValidator(read_predicate), PlainSerializer(written)]
"""A field that holds a predicate of any kind."""
