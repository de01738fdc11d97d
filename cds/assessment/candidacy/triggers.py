"""Orders that are not ketamine and may draw a candidacy card: a new antidepressant, ECT …"""

from __future__ import annotations

from collections.abc import Iterator

from cds.assessment.candidacy.criteria import Question, judge
from cds.assessment.candidacy.judging import candidacy
from cds.assessment.case import Case
from cds.assessment.model import Candidacy
from cds.knowledge.indications import Indication
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order


def is_trigger(order: Order, site: SiteProtocol, knowledge: Knowledge) -> bool:
    """Whether the order may draw a card at all. Looks at the order only."""
    return any(_triggered(order, site, knowledge))


def trigger_indication(case: Case) -> Candidacy | None:
    """The indication to point out: every entry criterion met, and no ketamine treatment current.

    Whether a stop applies, and whether it was shown lately, is the caller's to judge.
    """
    order = case.order
    if order is None or treatment_is_current(case):
        return None
    wanted = {indication.id for indication in _triggered(order, case.site, case.knowledge)}
    if not wanted:
        return None
    return next((c for c in candidacy(case) if c.indication in wanted and _all_met(c, case)), None)


def treatment_is_current(case: Case) -> bool:
    """A ketamine or esketamine session lately, an order that is still active, or the drug taken."""
    window = int(case.knowledge.parameters["ketamine-treatment-current"].value)
    lately = any(
        session.active_order is True
        or (session.when is not None and (case.as_of - session.when).days <= window)
        for session in case.history.ketamine_sessions
    )
    return lately or any(case.history.current_medications("ketamine", "esketamine"))


def _triggered(order: Order, site: SiteProtocol, knowledge: Knowledge) -> Iterator[Indication]:
    if order.drug is not None or order.topical is not None:
        return
    for ident in site.trigger_indications:
        indication = knowledge.indications.get(ident)
        if indication is None or ident in site.indications_off:
            continue
        by_class = order.classes & frozenset(indication.trigger_classes)
        if by_class or order.procedure_sets & frozenset(indication.trigger_procedures):
            yield indication


def _all_met(candidate: Candidacy, case: Case) -> bool:
    indication = case.knowledge.indications[candidate.indication]
    question = Question(case, indication)
    return candidate.verdict == "met" and all(
        judge(condition, question).state == "met" for condition in indication.trigger_when
    )
