"""Ketamine for the skin, where no order for ketamine treatment is at hand."""

from __future__ import annotations

from cards.drafts import Drafts
from cards.model import Card
from cards.parts import summary_of, told
from cards.stop import stop_card
from cds.assessment.model import Assessment


def topical_cards(assessment: Assessment, drafts: Drafts) -> tuple[Card, ...]:
    """What speaks against it by any route, and that nothing else that is known applies to it."""
    orders = [order for order in assessment.orders if order.topical is not None]
    refs = {order.ref for order in orders}
    found = [f for f in assessment.findings if f.order in refs and f.kind != "interaction"]
    rest = [f for f in found if f.severity != "critical"]
    if not rest:
        return ()
    stop = stop_card(found, drafts, orders)
    warned = any(finding.severity == "warning" for finding in rest)
    calm = Card(
        kind="safety",
        summary=summary_of(rest),
        indicator="warning" if warned else "info",
        lines=told(rest),
        rules=tuple(f.id for f in rest),
    )
    off = assessment.cases[0].site.cards_off
    return tuple(card for card in (stop, calm) if card is not None and card.kind not in off)
