"""A draft whose drug could not be read: it may be for ketamine, and nobody looked at it as such."""

from __future__ import annotations

from collections.abc import Iterable

from cards.model import Card
from cards.parts import lines_of
from cards.words import say
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order

_RULE = "order-drug-unread"


def unread_drug_card(orders: Iterable[Order], site: SiteProtocol) -> Card | None:
    """One calm card for all of them, built on nothing else: neither a dose nor a warning."""
    unread = [order for order in orders if order.drug_unread]
    if not unread or "safety" in site.cards_off:
        return None
    words = say(_RULE, {"count": len(unread)})
    return Card("safety", words.summary, "info", lines_of(words), (_RULE,), order=unread[0].ref)
