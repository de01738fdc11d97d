"""A point on which guidelines disagree, and the default taken."""

from __future__ import annotations

from typing import Annotated, Literal

from cds.knowledge.model.base import Fact, Record, Sources
from cds.knowledge.model.declared import NameOf


class Position(Record):
    """Who says what."""

    who: str
    says: str
    sources: Sources
    status: Literal["seen", "recalled", "proposal"] = "seen"


class Decision(Fact):
    """The question, the positions, and what this project does unless a site says otherwise."""

    question: str
    default: str
    positions: tuple[Position, ...]
    setting: Annotated[str | None, NameOf("setting of the site protocol")] = None
    """field of the site protocol that changes the default"""
