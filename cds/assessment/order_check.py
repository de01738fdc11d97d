"""Probable mistakes in the order."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import Finding


def check_order(case: Case) -> tuple[Finding, ...]:
    """Probable mistakes in the order."""
    return ()
