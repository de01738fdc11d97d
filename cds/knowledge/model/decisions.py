"""A point on which guidelines disagree, and the default taken."""

from __future__ import annotations

from typing import Literal

from cds.knowledge.model.base import Fact, Record, Texts


class Position(Record):
    """Who says what."""

    who: str
    says: str
    sources: Texts
    status: Literal["seen", "recalled", "proposal"] = "seen"


class Decision(Fact):
    """The question, the positions, and what this project does unless a site says otherwise."""

    question: str
    default: str
    positions: tuple[Position, ...]
    setting: str | None = None
    """field of the site protocol that changes the default"""
