"""Dose and time that make a trial of one drug adequate, by group of indications."""

from __future__ import annotations

from cds.knowledge.base import Fact


class PainTrialDose(Fact):
    """Dose and time that make a trial of one drug adequate, by group of indications."""
