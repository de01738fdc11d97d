"""Morphine milligram equivalents per unit of one opioid by one route."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import DrugRoutes, FreeWords, Ingredient, Unit


class MmeFactor(Fact):
    """Morphine milligram equivalents per day for each `unit` of one opioid by one route.

    For display and candidacy; never for changing a patient from one opioid to another. Only the
    CDC 2022 set enters a total: sets are never mixed.
    """

    opioid: Ingredient
    """RxNorm ingredient name, lower case"""
    route: str
    """as the row calls it"""
    routes: DrugRoutes
    """routes of a medication course; `any` stands for all"""
    forms: FreeWords = ()
    """part of a dose form's name, where the factor depends on it"""
    unit: Unit
    """UCUM: the daily dose is read in it, or the patch rate"""
    factor: Decimal | None = None
    """missing: must not be computed"""
    factor_set: Literal["CDC2022", "CDC2016", "CMS2014", "equianalgesic"]
    superseded: bool = False
    """an older value of a row that has a newer one: kept to recognise it, never applied"""

    @property
    def computes(self) -> bool:
        return self.factor_set == "CDC2022" and self.factor is not None
