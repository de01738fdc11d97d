"""For each indication: is this patient a candidate, on what evidence, and what is missing."""

from __future__ import annotations

from cds.assessment.candidacy.findings import SAID_BY_CANDIDACY, candidacy_findings
from cds.assessment.candidacy.judging import candidacy
from cds.assessment.candidacy.labelled import labelled_use
from cds.assessment.candidacy.params import candidacy_params, candidacy_wording
from cds.assessment.candidacy.triggers import (
    is_trigger,
    treatment_is_current,
    trigger_indication,
)

__all__ = [
    "SAID_BY_CANDIDACY",
    "candidacy",
    "candidacy_findings",
    "candidacy_params",
    "candidacy_wording",
    "is_trigger",
    "labelled_use",
    "treatment_is_current",
    "trigger_indication",
]
