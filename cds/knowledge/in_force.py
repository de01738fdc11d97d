"""Which facts hold on a day.

A subject may hold several editions of a fact: one id, each with the day from which its source has
it so. When guidance changes nothing is overwritten, an edition is added, and what was ordered
before is still judged as it was. A fact may also take the place of others that bear other ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from cds.knowledge.model.base import Fact

Dated = TypeVar("Dated", bound=Fact)


def first_day(fact: Fact) -> date:
    """From when an edition holds; one that names no day always did."""
    return fact.effective or date.min


def editions_of(facts: Iterable[Dated]) -> dict[str, tuple[Dated, ...]]:
    """The editions of each fact, the oldest first; ids in the order of the file."""
    found: dict[str, list[Dated]] = {}
    for fact in facts:
        found.setdefault(fact.id, []).append(fact)
    return {ident: tuple(sorted(each, key=first_day)) for ident, each in found.items()}


def boundaries(facts: Collection[Fact]) -> tuple[date, ...]:
    """The days on which something begins to hold, or holds no longer."""
    begins = {fact.effective for fact in facts if fact.effective}
    ends = {
        fact.until + timedelta(days=1) for fact in facts if fact.until and fact.until < date.max
    }
    return tuple(sorted(begins | ends))


def in_force(editions: Mapping[str, Sequence[Dated]], day: date) -> dict[str, Dated]:
    """The facts of a subject that hold on a day, by id.

    What was superseded does not come back when the fact that took its place is superseded itself.
    """
    found = {ident: _edition_on(each, day) for ident, each in editions.items()}
    holding = {ident: fact for ident, fact in found.items() if fact is not None}
    replaced = {ident for fact in holding.values() for ident in fact.supersedes}
    return {ident: fact for ident, fact in holding.items() if ident not in replaced}


def _edition_on(editions: Sequence[Dated], day: date) -> Dated | None:
    """The latest one that has begun, if its last day has not passed: an older one is no answer."""
    begun = [fact for fact in editions if first_day(fact) <= day]
    if not begun or (begun[-1].until is not None and begun[-1].until < day):
        return None
    return begun[-1]
