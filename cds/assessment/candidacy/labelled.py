"""The labelled use: recognised from the order, not from a diagnosis."""

from __future__ import annotations

from cds.assessment.case import Case, UseOfOrder
from cds.assessment.model import Candidacy, Criterion

_LABELLED = frozenset({"anaesthesia", "procedural_sedation", "intubation", "burns", "obstetric"})


def labelled_use(case: Case, use: UseOfOrder) -> tuple[Candidacy, ...]:
    """Anaesthesia and procedural sedation as met; nothing for another use that is no therapy."""
    indication = case.knowledge.indications["labelled_anaesthesia"]
    if use.entry.id not in _LABELLED or case.order is None:
        return ()
    seen = Criterion(
        id="order-names-it",
        basis=indication.basis,
        state="met",
        why=f"the order is for {use.entry.name}",
        source=(case.order.ref,),
    )
    return (
        Candidacy(
            indication=indication.id,
            basis=indication.basis,
            verdict="met",
            stance=indication.stance,
            criteria=(seen,),
            source=(case.order.ref,),
            grade=indication.grade,
            citations=indication.sources,
            ordered_for=True,
        ),
    )
