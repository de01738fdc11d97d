"""Ketamine for the skin or the eye: of all that is known of treatment only the allergy applies."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.contraindications import contraindications
from cds.assessment.drug_doubts import drug_doubts
from cds.assessment.model import ChartText, Finding


def topical_findings(case: Case, said: Sequence[Finding]) -> tuple[Finding, ...]:
    """Of a topical order: what it is, and what speaks against ketamine by any route.

    `said`: by the session's order for ketamine treatment, if there is one; not said again.
    """
    order = case.order
    if order is None or order.topical is None:
        return ()
    entries = case.knowledge.contraindications
    known = {finding.id for finding in said}
    against = (
        replace(finding, order=order.ref)
        for finding in contraindications(case)
        if finding.id not in known and finding.id in entries and entries[finding.id].any_route
    )
    topical = Finding(
        id="order-topical",
        kind="caution",
        severity="info",
        basis=(),
        params={
            "drug": order.topical,
            "called": ChartText(order.display),
            "allergies_seen": "allergies" in case.history.answered,
        },
        source=(order.ref,),
        order=order.ref,
    )
    return (*against, *drug_doubts(case), topical)
