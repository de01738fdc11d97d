"""An entry criterion of an indication: a predicate, and what a verdict needs to know of it."""

from __future__ import annotations

from typing import Annotated

from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.predicates.combined import NoneOf, Part


class Criterion(Part):
    """One thing that an indication asks of a record."""

    gating: bool = True
    """False: shown with its state, but the verdict does not rest on it"""
    gating_setting: Annotated[str | None, NameOf("switch of the site protocol")] = None
    """a switch of the site protocol that makes it gate"""
    finding: Annotated[str | None, NameOf("finding")] = None
    """candidacy rule that speaks where this is not met"""
    next_step: str | None = None
    """what to do when it is not met or not known"""
    missing: str | None = None
    """what the record lacks where it is not known, in words for a headline"""

    @property
    def asks_for_absence(self) -> bool:
        return isinstance(self.when, NoneOf)
