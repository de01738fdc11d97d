"""Dose range and time of one augmentation step."""

from __future__ import annotations

from cds.knowledge.base import Fact


class AugmentationDose(Fact):
    """Dose range and time of one augmentation step."""
