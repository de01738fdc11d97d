"""A rule of the candidacy tables: trials, TRD, severity, suicidality, phenotype, exposure."""

from __future__ import annotations

from typing import Literal

from cds.knowledge.model.base import Fact

Group = Literal["trial", "trd", "severity", "suicidality", "phenotype", "exposure"]


class CandidacyRule(Fact):
    """When it holds and what follows. `severity` and `kind` are those of its finding."""

    group: Group
    when: str
    then: str
    severity: Literal["critical", "warning", "info"]
    kind: Literal["caution", "missing", "contraindication", "course"] = "caution"
    said_by: Literal["candidacy", "trials", "contraindications", "course"] = "candidacy"
    """the part of the assessment that says it"""
    stops_dose: Literal["no", "psychiatric", "unless_other"] = "no"
    """`psychiatric`: no dose for a psychiatric use; `unless_other`: none where no other indication
    on record is met or open"""
    psychiatric_only: bool = False
    """not said when the order's reason is of another family"""
