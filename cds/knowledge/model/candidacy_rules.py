"""A rule of the candidacy tables: trials, TRD, severity, suicidality, phenotype, exposure."""

from __future__ import annotations

from typing import Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import Indications
from cds.knowledge.model.predicates.combined import WholeWhen

Group = Literal["trial", "trd", "severity", "suicidality", "phenotype", "exposure"]


class CandidacyRule(Fact):
    """What it says, and when. `severity` and `kind` are those of its finding.

    It holds by `when`; or by the function that is registered for its id, where no predicate says
    it; or another part of the assessment says it.
    """

    group: Group
    statement: str
    """when it holds, and what follows: for the reader"""
    when: WholeWhen | None = None
    said_by: Literal["trials", "contraindications", "course"] | None = None
    """the other part that says it"""
    about: Indications = ()
    """the indications that it is about: it is silent where none of them may apply"""
    about_met: bool = False
    """and where none of them is met"""
    ordered: Literal["ketamine", "esketamine"] | None = None
    """of an order of this form alone"""
    severity: Literal["critical", "warning", "info"]
    kind: Literal["caution", "missing", "contraindication", "course"] = "caution"
    stops_dose: Literal["no", "psychiatric", "unless_other"] = "no"
    """`psychiatric`: no dose for a psychiatric use; `unless_other`: none where no other indication
    on record is met or open"""
    psychiatric_only: bool = False
    """not said when the order's reason is of another family"""

    @property
    def wording(self) -> str | None:
        return self.id if self.said_by is None else None
