"""A rule of the candidacy decision tables: trial adequacy, TRD, severity, suicidality, phenotype, exposure."""

from __future__ import annotations

from cds.knowledge.base import Fact


class CandidacyRule(Fact):
    """A rule of the candidacy decision tables: trial adequacy, TRD, severity, suicidality, phenotype, exposure."""
