"""What counts as failed conventional therapy."""

from __future__ import annotations

from decimal import Decimal

from cds.knowledge.model.base import Fact


class FailureDefinition(Fact):
    """A definition and, where it has one, its number."""

    rule: str
    value: Decimal | None = None
    unit: str | None = None
    """UCUM, or a counted thing in braces"""
