"""Daily amount that makes a patient opioid-tolerant, or another opioid mark."""

from __future__ import annotations

from cds.knowledge.base import Fact


class OpioidThreshold(Fact):
    """Daily amount that makes a patient opioid-tolerant, or another opioid mark."""
