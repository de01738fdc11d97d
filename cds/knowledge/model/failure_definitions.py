"""What counts as failed conventional therapy."""

from __future__ import annotations

from cds.knowledge.model.base import Fact


class FailureDefinition(Fact):
    """A definition, as the criteria of the indications ask for it."""

    rule: str
