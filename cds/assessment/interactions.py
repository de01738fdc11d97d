"""Interactions with current medication and with the other drafts."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import Finding


def interactions(case: Case) -> tuple[Finding, ...]:
    """Interactions with current medication and with the other drafts."""
    return ()
