"""The cases of a call: each selected order once, with what it is for decided."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from cds.assessment.case import Case, Known
from cds.assessment.use import decide_use
from cds.history.model.history import History
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order


def cases_of(
    history: History,
    selected: Sequence[Order],
    drafts: Sequence[Order],
    knowledge: Knowledge,
    site: SiteProtocol,
) -> tuple[Case, ...]:
    """A case for each selected order, and the patient alone where none of them is for ketamine.

    `drafts` are all drafts of the session; a case has those that are not its own order.
    """
    known = Known(history, knowledge, site)
    placed = tuple(case_of(history, order, drafts, knowledge, site, known) for order in selected)
    if any(case.drug is not None for case in placed):
        return placed
    return case_of(history, None, drafts, knowledge, site, known), *placed


def undecided_cases(
    history: History,
    selected: Sequence[Order],
    drafts: Sequence[Order],
    knowledge: Knowledge,
    site: SiteProtocol,
) -> tuple[Case, ...]:
    """The same where it can't be decided what an order is for: as in elective treatment, where most
    speaks against a patient. They take no help, for when that breaks."""
    known = Known(history, knowledge, site)
    placed = tuple(
        Case(
            history, order, tuple(d for d in drafts if d.ref != order.ref), knowledge, site,
            known=known,
        )
        for order in selected
    )  # fmt: skip
    if any(order.drug is not None for order in selected):
        return placed
    return Case(history, None, tuple(drafts), knowledge, site), *placed


def case_of(
    history: History,
    order: Order | None,
    drafts: Sequence[Order],
    knowledge: Knowledge,
    site: SiteProtocol,
    known: Known | None = None,
) -> Case:
    """The case of one order, or of the patient alone. `known` is that of the call's other cases."""
    others = tuple(draft for draft in drafts if order is None or not draft.is_same(order))
    case = Case(history, order, others, knowledge, site, known=known or Known())
    return replace(case, use=decide_use(case))
