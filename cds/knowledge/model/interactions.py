"""A drug whose combination with ketamine matters."""

from __future__ import annotations

from typing import Literal

from cds.knowledge.model.base import Fact, Texts
from cds.knowledge.model.rule import Rule


class Interaction(Fact):
    """One partner or group of partners, with the rows of both digests that speak of it."""

    rules: tuple[Rule, ...]
    drugs: Texts = ("ketamine", "esketamine")
    """the ordered forms that it applies to; an order that is not there counts as ketamine"""
    routes: Texts = ()
    """of the ketamine order; none named: every route"""
    mechanism: str
    """pharmacodynamic or pharmacokinetic, in a few words"""
    direction: Literal["more effect", "less effect", "more toxicity", "none found", "disputed"]
    """of ketamine, by the partner"""
    rank: int = 3
    """its place among what is as severe: 1 is told first"""
    in_any_use: bool = False
    """True: told in a hospital use too where it is only good to know"""
    only_orders: bool = False
    """what was given, and is over, is no other order"""
    silent: bool = False
    """looked for and nothing found: kept as knowledge, never shown"""
