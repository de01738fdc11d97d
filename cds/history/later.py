"""Facts that take long to find and that not every order asks for: found when a rule first asks.

An order for a sedation asks for no antidepressant trials, and a chart of a dead patient for none of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

FOUND_LATER = frozenset({
    "antidepressant_trials", "augmentation_trials", "pain_trials", "opioids", "sedatives",
    "reproductive",
})  # fmt: skip
Facts = TypeVar("Facts")
"""a history"""
Find = Callable[[Any], Any]
"""a fact, from a history"""


class Finders:
    """By the name of a fact, how it is found from the others.

    Copied, compared or pickled, a history has all its facts: then there is nothing left to find.
    """

    __slots__ = ("_by_name",)

    def __init__(self, by_name: Mapping[str, Find] | None = None) -> None:
        self._by_name = by_name or {}

    def find(self, name: str, history: object) -> Any:
        return self._by_name[name](history)

    def __reduce__(self) -> tuple[type[Finders], tuple[()]]:
        return Finders, ()


def find_later(history: Facts, finders: Mapping[str, Find]) -> Facts:
    """The history, a new one that nobody has seen yet, without these facts until they are asked
    for. Two threads may both find one: it is the same."""
    for name in finders:
        object.__delattr__(history, name)
    object.__setattr__(history, "finders", Finders(finders))
    return history
