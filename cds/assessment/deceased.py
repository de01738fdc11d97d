"""A patient whose record says that he died: one thing to say, and nothing to advise."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import Finding

DECEASED = "recorded-as-deceased"


def recorded_as_deceased(case: Case) -> Finding:
    """Either the chart is another patient's or the record is wrong; nothing else is judged."""
    entry = case.knowledge.contraindications[DECEASED]
    died = case.history.person.died
    return Finding(
        id=DECEASED,
        kind="contraindication",
        severity="critical",
        basis=entry.basis,
        params={"died": died and str(died)},
        source=case.history.person.source,
        citations=entry.sources,
        grade=entry.grade,
        verified=entry.verified,
        stops_dose=True,
    )
