"""What a rule may look at: nothing else exists for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from cds.history.model import History
from cds.knowledge.contexts import Use
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order


@dataclass(frozen=True, slots=True)
class Case:
    """One order (or none) for one patient on one day."""

    history: History
    order: Order | None
    drafts: tuple[Order, ...]
    """the other drafts of the session: context, and possible interactions"""
    knowledge: Knowledge
    site: SiteProtocol
    use: Use | None = None
    """the order's use outside infusion therapy, as `cases.py` had it decided; None: therapy"""

    @property
    def as_of(self) -> date:
        return self.history.as_of

    @property
    def drug(self) -> Literal["ketamine", "esketamine"] | None:
        """The ordered form of ketamine; None without such an order: rules for either apply."""
        return self.order.drug if self.order else None
