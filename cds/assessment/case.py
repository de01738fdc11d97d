"""What a rule may look at: nothing else exists for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from operator import is_
from typing import Any, Literal, TypeVar

from msgspec import Struct, field
from msgspec.structs import force_setattr

from cds.chart.entries import Condition
from cds.chart.places import Setting
from cds.history.model.history import History
from cds.knowledge.load import Knowledge
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.knowledge.model.predicates.situation import Family
from cds.knowledge.model.uses import Use
from cds.knowledge.review.ledger import NOTHING_SIGNED, Ledger
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order

Made = TypeVar("Made")
ElectiveSign = Literal["reason", "shape", "place", "diagnosis", "alone"]
"""What speaks for elective treatment: the order's reason, its time or repetition, the place, or
only a diagnosis that is treated so."""


class UseOfOrder(Struct, frozen=True):
    """What an order is for outside elective treatment, and by what that was told."""

    entry: Use
    signs: tuple[str, ...] = ()
    """in words, the telling ones first"""
    elective_signs: tuple[ElectiveSign, ...] = ()
    """of one that is not clear, what speaks for elective treatment all the same"""

    @property
    def unclear(self) -> bool:
        return self.entry.id == "unclear"

    @property
    def maybe_elective(self) -> bool:
        """Whether the order is to be judged as elective treatment too."""
        return self.unclear and bool(self.elective_signs)


class Ordered(Struct, frozen=True):
    """What an order comes to, as the rules about orders ask for it."""

    setting: Setting | None
    families: frozenset[Family]
    of_days: bool


class Known:
    """What was found in the patient or the drafts, and is the same for each order of a call.

    It is no part of a case: copied or pickled, it is empty, and cases are equal whatever was found.
    """

    def __init__(self, *facts: object) -> None:
        """`facts`: the history, the knowledge and the protocol that it was found by."""
        self._facts = facts
        self.answers: dict[Predicate, Any] = {}
        """to what is asked of the patient alone"""
        self.diagnoses: dict[ConditionTest, tuple[Condition, ...]] | None = None
        """those that fit, current or past; None: not looked for yet"""
        self._found: dict[tuple[object, ...], tuple[tuple[object, ...], Any]] = {}

    def by(self, *facts: object) -> Known:
        """Itself, where it was found by these very facts; else one that is empty."""
        return self if all(map(is_, self._facts, facts)) and self._facts else Known(*facts)

    def once(self, find: Callable[[], Made], *about: object) -> Made:
        """What `find` says of these very objects; it is asked once."""
        key = tuple(map(id, about))
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = (about, find())  # which keeps them, and so their ids
        return known[1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known)

    def __hash__(self) -> int:
        return hash(Known)

    def __reduce__(self) -> tuple[type[Known], tuple[object, ...]]:
        return Known, self._facts


class Case(Struct, frozen=True):
    """One order (or none) for one patient on one day."""

    history: History
    order: Order | None
    drafts: tuple[Order, ...]
    """the other drafts of the session: context, and possible interactions"""
    knowledge: Knowledge
    site: SiteProtocol
    use: UseOfOrder | None = None
    """the order's use outside elective treatment, as `cases.py` had it decided; None: elective"""
    ordered: Ordered | None = None
    """of an order that is being checked, as its check reads it; None: as the order stands"""
    reviews: Ledger = NOTHING_SIGNED
    """what the site's reviewers signed: the doses of orders look there"""
    known: Known = field(default_factory=Known)
    """shared by the cases of a call"""

    def __post_init__(self) -> None:
        known = self.known.by(self.history, self.knowledge, self.site)
        force_setattr(self, "known", known)

    @property
    def as_of(self) -> date:
        return self.history.as_of

    @property
    def drug(self) -> Literal["ketamine", "esketamine"] | None:
        """The ordered form of ketamine; None without such an order: rules for either apply."""
        return self.order.drug if self.order else None
