"""Contraindications: what speaks against ketamine in this patient."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import Finding


def contraindications(case: Case) -> tuple[Finding, ...]:
    """Contraindications: what speaks against ketamine in this patient."""
    return ()
