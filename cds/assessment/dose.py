"""The regimens that fit, computed for this patient."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import Candidacy, DoseProposal, Finding


def propose(
    case: Case, candidacy: tuple[Candidacy, ...], findings: tuple[Finding, ...]
) -> tuple[DoseProposal, ...]:
    """The regimens that fit, computed for this patient."""
    return ()
