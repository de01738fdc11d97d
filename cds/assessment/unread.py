"""Drugs on record that could not be read, or that their code and name call differently: said once,
with what is unknown for that."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.model import ChartText, Finding


def unread_drugs(case: Case) -> tuple[Finding, ...]:
    """One line for all that may be taken now: each could be a partner of any interaction rule."""
    drugs = [drug for drug in case.history.unread_drugs if drug.current is not False]
    if not drugs:
        return ()
    history = case.history
    totals = [
        name
        for name, total in (
            ("opioid", history.opioids.mme_per_day),
            ("benzodiazepine", history.sedatives.diazepam_equivalent_mg_per_day),
        )
        if total is None
    ]
    finding = Finding(
        id="unread-drugs",
        kind="caution",
        severity="info",
        basis=(),
        params={"drugs": [ChartText(drug.label) for drug in drugs], "totals": totals},
        source=tuple(dict.fromkeys(ref for drug in drugs for ref in drug.source)),
        order=case.order.ref if case.order else None,
    )
    return (finding,)


def contradicted_drugs(case: Case) -> tuple[Finding, ...]:
    """Code and name of an entry disagree: one line an entry, once for all drugs that it may be."""
    courses = [course for course in case.history.medications if course.contradiction]
    said = dict.fromkeys(line for course in courses for line in course.contradiction)
    if not said:
        return ()
    finding = Finding(
        id="contradicted-drugs",
        kind="caution",
        severity="info",
        basis=(),
        params={"said": list(said)},
        source=tuple(dict.fromkeys(ref for course in courses for ref in course.source)),
        order=case.order.ref if case.order else None,
    )
    return (finding,)
