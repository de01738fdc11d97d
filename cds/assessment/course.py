"""Earlier ketamine treatment: sessions, response, what is due, when to stop."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import Finding


def course(case: Case) -> tuple[Finding, ...]:
    """Earlier ketamine treatment: sessions, response, what is due, when to stop."""
    return ()
