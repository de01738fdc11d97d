"""Dose and time that make a trial of one antidepressant adequate."""

from __future__ import annotations

from cds.knowledge.base import Fact


class AntidepressantDose(Fact):
    """Dose and time that make a trial of one antidepressant adequate."""
