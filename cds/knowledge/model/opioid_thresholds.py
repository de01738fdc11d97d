"""Opioid intakes that mean something: tolerance, and the marks of the guidelines."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import DrugRoutes, Ingredient, Unit


class OpioidThreshold(Fact):
    """One threshold of opioid intake.

    `fda_tolerant`: a daily dose of one opioid by one route, for `min_days` or longer; doses of
    several opioids add up as fractions of their thresholds. `mme`: a mark on the total.
    """

    kind: Literal["fda_tolerant", "mme", "scope"]
    ingredient: Ingredient | None = None
    routes: DrugRoutes = ()
    value: Decimal | None = None
    unit: Unit | None = None
    min_days: int | None = None
    meaning: str
