"""Whether an order is any of our business, judged from the order alone."""

from __future__ import annotations

from datetime import date

from cds.assessment.candidacy import is_trigger
from cds.assessment.case import Case
from cds.assessment.interactions import interactions
from cds.history.model import History, Person
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order


def is_relevant(order: Order, knowledge: Knowledge, site: SiteProtocol) -> bool:
    """Ketamine, an order that may draw a candidacy card, or a drug that matters under treatment.

    Everything else is answered with silence, before any data are looked at.
    """
    return (
        order.drug is not None
        or is_trigger(order, site, knowledge)
        or matters_under_treatment(order, knowledge, site)
    )


def matters_under_treatment(order: Order, knowledge: Knowledge, site: SiteProtocol) -> bool:
    """Whether the ordered drug would draw a warning in a patient treated with ketamine."""
    if not order.ingredients:
        return False
    nobody = History(as_of=date.min, person=Person(id=""))
    found = interactions(Case(nobody, None, (order,), knowledge, site))
    return any(finding.severity != "info" for finding in found)
