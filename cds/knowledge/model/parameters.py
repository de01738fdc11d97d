"""Single numbers that rules use: windows, gaps, cut-offs."""

from __future__ import annotations

from decimal import Decimal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import Unit


class Parameter(Fact):
    """One number with its unit, e.g. `trial-gap-days`: 14 d."""

    value: Decimal
    unit: Unit
    meaning: str
