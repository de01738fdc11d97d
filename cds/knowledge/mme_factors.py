"""Morphine milligram equivalents per unit of one opioid by one route."""

from __future__ import annotations

from cds.knowledge.base import Fact


class MmeFactor(Fact):
    """Morphine milligram equivalents per unit of one opioid by one route."""
