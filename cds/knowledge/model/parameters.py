"""Single numbers that rules use: windows, gaps, cut-offs."""

from __future__ import annotations

from decimal import Decimal

from cds.knowledge.model.base import Fact


class Parameter(Fact):
    """One number with its unit, e.g. `trial-gap-days`: 14 d."""

    value: Decimal
    unit: str
    """UCUM"""
    meaning: str
