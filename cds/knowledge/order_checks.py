"""A check of a draft order for a probable mistake."""

from __future__ import annotations

from cds.knowledge.base import Fact


class OrderCheck(Fact):
    """A check of a draft order for a probable mistake."""
