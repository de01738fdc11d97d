"""A use of ketamine that is not infusion therapy, and how to tell."""

from __future__ import annotations

from cds.knowledge.base import Fact


class OrderContext(Fact):
    """A use of ketamine that is not infusion therapy, and how to tell."""
