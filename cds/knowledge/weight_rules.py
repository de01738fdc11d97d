"""How body weight enters a dose."""

from __future__ import annotations

from cds.knowledge.base import Fact


class WeightRule(Fact):
    """How body weight enters a dose."""
