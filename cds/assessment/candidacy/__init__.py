"""For each indication: is this patient a candidate, on what evidence, and what is missing."""

from __future__ import annotations

from cds.assessment.candidacy.caveats import Caveat
from cds.assessment.candidacy.findings import SAID_BY_CANDIDACY, candidacy_findings
from cds.assessment.candidacy.headline import Headline, headline, line_of
from cds.assessment.candidacy.judging import candidacy
from cds.assessment.candidacy.labelled import labelled_use
from cds.assessment.candidacy.params import candidacy_params, candidacy_wording
from cds.assessment.candidacy.triggers import is_trigger, is_worth_raising, trigger_indication
from cds.assessment.underway import treatment_is_current

__all__ = [
    "SAID_BY_CANDIDACY",
    "Caveat",
    "Headline",
    "candidacy",
    "candidacy_findings",
    "candidacy_params",
    "candidacy_wording",
    "headline",
    "is_trigger",
    "is_worth_raising",
    "labelled_use",
    "line_of",
    "treatment_is_current",
    "trigger_indication",
]
