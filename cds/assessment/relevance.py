"""Whether an order is any of our business, judged from the order alone."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from cds.assessment.candidacy import is_trigger
from cds.assessment.case import Case
from cds.assessment.interactions import interactions
from cds.chart.entries import Person
from cds.dosage.model import Route
from cds.history.model.history import History
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order


def is_relevant(order: Order, knowledge: Knowledge, site: SiteProtocol) -> bool:
    """Ketamine, an order that may draw a candidacy card, or a drug that matters under treatment.

    Everything else is answered with silence, before any data are looked at.
    """
    return (
        order.drug is not None
        or order.topical is not None
        or is_trigger(order, site, knowledge)
        or matters_under_treatment(order, knowledge)
    )


def matters_under_treatment(order: Order, knowledge: Knowledge) -> bool:
    """Whether the ordered drug would draw a warning in a patient treated with ketamine."""
    return bool(order.ingredients) and _warns(
        order.ingredients, order.classes, order.route, knowledge
    )


# most calls are about the same few drugs, and must cost next to nothing
@lru_cache(maxsize=4096)
def _warns(
    ingredients: tuple[str, ...], classes: frozenset[str], route: Route | None, knowledge: Knowledge
) -> bool:
    drug = Order(
        ref="",
        resource_type="MedicationRequest",
        ingredients=ingredients,
        classes=classes,
        route=route,
    )
    nobody = History(as_of=date.min, person=Person(id=""))
    found = interactions(Case(nobody, None, (drug,), knowledge, SiteProtocol()))
    return any(finding.severity != "info" for finding in found)
