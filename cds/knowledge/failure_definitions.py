"""What counts as failed conventional therapy."""

from __future__ import annotations

from cds.knowledge.base import Fact


class FailureDefinition(Fact):
    """What counts as failed conventional therapy."""
