"""What the tests of the site share: a day, a browser, and rows and signatures of their own."""

from __future__ import annotations

from datetime import date

from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import EvidenceRow
from cds.knowledge.review.content import digest
from cds.knowledge.review.ledger import Ledger, Signature

TODAY = date(2026, 11, 30)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ROWS = {
    row.id: row
    for row in (
        EvidenceRow(
            id="psy:iv-std-acute",
            statement="0.5 mg/kg over 40 min, twice a week",
            population="adults with TRD",
            grade="A",
            sources=("ANAND-2023",),
            status="seen",
            against=("the masking of <b>KARMA-Dep 2</b> failed",),
        ),
        EvidenceRow(
            id="pain:signature_ratios/16.67", statement="mcg/kg/min as mg/kg/h", status="proposal"
        ),
    )
}


def signed(knowledge: Knowledge) -> Ledger:
    """The standard course is signed as it is; aneurysm was signed, and says something else now."""
    regimen = digest("regimens", knowledge.regimens["iv-std-acute"])
    day = {"reviewed_on": date(2026, 11, 3), "decision": "accepted"}
    return Ledger(
        (
            Signature(
                fact="regimens/iv-std-acute", digest=regimen, reviewed_by="<i>pharmacy</i>",
                role="pharmacist", **day,
            ),
            Signature(
                fact="contraindications/aneurysm", digest=f"sha256:{'0' * 64}",
                reviewed_by="pharmacy", role="pharmacist", **day,
            ),
        )
    )  # fmt: skip
