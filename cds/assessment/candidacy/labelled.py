"""The labelled use: recognised from the order, not from a diagnosis."""

from __future__ import annotations

from cds.assessment.case import Case, UseOfOrder
from cds.assessment.model import Candidacy, Criterion


def labelled_use(case: Case, use: UseOfOrder) -> tuple[Candidacy, ...]:
    """Anaesthesia and procedural sedation as met; nothing for another use that is no therapy."""
    if use.entry.labelled_as is None or case.order is None:
        return ()
    indication = case.knowledge.indications[use.entry.labelled_as]
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
