"""An order of which it is not sure that it is for ketamine: said once, on any use."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import ChartText, Finding


def drug_doubts(case: Case) -> tuple[Finding, ...]:
    """Code and words name different things, or a word was taken for the name of the drug."""
    order = case.order
    if order is None or not order.drug_doubts:
        return ()
    doubts = order.drug_doubts
    finding = Finding(
        id="order-drug-unsure",
        kind="caution",
        severity="warning",
        basis=(),
        params={
            "disagree": [ChartText(line) for line in doubts.disagree],
            "taken_for": ChartText(doubts.taken_for),
            "against": doubts.against,
            "asked": doubts.asked,
            "told": doubts.told,
            "beside": [ChartText(other) for other in doubts.beside],
            "drug": order.drug or order.topical,
        },
        source=(order.ref,),
        order=order.ref,
    )
    return (finding,)
