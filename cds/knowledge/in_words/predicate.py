"""The one entry to the words of a predicate: every kind has its function, which registers here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cds.knowledge.in_words.names import NameOfCode, unnamed
from cds.knowledge.in_words.said import Said
from cds.knowledge.model.predicates.base import Predicate

Test = TypeVar("Test", bound=Predicate)
Telling = Callable[[Test, NameOfCode], Said]

_WORDS: dict[type[Predicate], Callable[[Any, NameOfCode], Said]] = {}


def in_words(predicate: Predicate, name_of: NameOfCode = unnamed) -> Said:
    """What a predicate asks. Raises TypeError for a kind that has no words."""
    tell = _WORDS.get(type(predicate))
    if tell is None:
        raise TypeError(f"no words for predicates of kind {type(predicate).__name__}")
    return tell(predicate, name_of)


def words_of(kind: type[Test]) -> Callable[[Telling[Test]], Telling[Test]]:
    """Register the function that puts a kind of predicate into words."""

    def register(tell: Telling[Test]) -> Telling[Test]:
        _WORDS[kind] = tell
        return tell

    return register
