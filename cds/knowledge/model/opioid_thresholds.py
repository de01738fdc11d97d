"""Opioid intakes that mean something: tolerance, and the marks of the guidelines."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import DrugRoutes, Ingredient, Unit


class OpioidThreshold(Fact):
    """One threshold of opioid intake.

    `fda_tolerant`: a daily dose of one opioid by one route, for `min_days` or longer. What leaves
    tolerance open: `undecided`, an opioid that proves none, whose value is for display and no
    threshold; `another`, any that has no threshold; `added_up`, several that reach it together.
    `mme`: a mark on the total.
    """

    kind: Literal["fda_tolerant", "undecided", "another", "added_up", "mme", "scope"]
    ingredient: Ingredient | None = None
    routes: DrugRoutes = ()
    value: Decimal | None = None
    unit: Unit | None = None
    min_days: int | None = None
    meaning: str
