"""For each indication: is this patient a candidate, on what evidence, and what is missing."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import Candidacy, Finding


def candidacy(case: Case) -> tuple[Candidacy, ...]:
    """Every indication of the knowledge, judged; best first."""
    return ()


def candidacy_findings(case: Case, judged: tuple[Candidacy, ...]) -> tuple[Finding, ...]:
    """What the candidacy rules (T, S, U, P, E) have to say beside the verdicts."""
    return ()
