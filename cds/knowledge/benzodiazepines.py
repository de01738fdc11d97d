"""Dose of one benzodiazepine that equals a dose of diazepam."""

from __future__ import annotations

from cds.knowledge.base import Fact


class BenzodiazepineEquivalent(Fact):
    """Dose of one benzodiazepine that equals a dose of diazepam."""
