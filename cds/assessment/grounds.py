"""What a finding says of the facts of the knowledge that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from cds.knowledge.model.base import Fact


class Grounds(TypedDict):
    """The fields of a Finding that its facts fill together; the grade is that of one of them."""

    basis: tuple[str, ...]
    citations: tuple[str, ...]
    verified: bool


def grounds(facts: Iterable[Fact]) -> Grounds:
    """Each row and source once; verified only if every fact is."""
    known = tuple(facts)
    return Grounds(
        basis=tuple(dict.fromkeys(row for fact in known for row in fact.basis)),
        citations=tuple(dict.fromkeys(source for fact in known for source in fact.sources)),
        verified=all(fact.verified for fact in known),
    )
