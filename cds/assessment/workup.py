"""What is missing or stale in the work-up."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import Finding


def workup(case: Case) -> tuple[Finding, ...]:
    """What is missing or stale in the work-up."""
    return ()
