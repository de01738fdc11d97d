"""A drug whose combination with ketamine matters."""

from __future__ import annotations

from typing import Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import Count, OrderedDrugs, OrderRoutes
from cds.knowledge.model.rule import Rule


class Interaction(Fact):
    """One partner or group of partners, with the rows of both digests that speak of it."""

    rules: tuple[Rule, ...]
    drugs: OrderedDrugs = ("ketamine", "esketamine")
    """the ordered forms that it applies to; an order that is not there counts as ketamine"""
    routes: OrderRoutes = ()
    """of the ketamine order; none named: every route"""
    mechanism: str
    """pharmacodynamic or pharmacokinetic, in a few words"""
    direction: Literal["more effect", "less effect", "more toxicity", "none found", "disputed"]
    """of ketamine, by the partner"""
    rank: Count = 3
    """its place among what is as severe: 1 is told first"""
    in_any_use: bool = False
    """True: told in a hospital use too where it is only good to know"""
    only_orders: bool = False
    """what was given, and is over, is no other order"""
    silent: bool = False
    """looked for and nothing found: kept as knowledge, never shown"""

    @property
    def wording(self) -> str | None:
        return None if self.silent else self.id
