"""Dose and time that make a trial of one antidepressant adequate."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact, Texts


class AntidepressantDose(Fact):
    """Dose and time that make a trial of one antidepressant adequate, in two tiers.

    Doses are mg/d of the named ingredient, as the strength on the package states them.
    """

    ingredient: str
    """RxNorm ingredient name, lower case"""
    label: str | None = None
    """what the trial is called, where the ingredient alone does not say it"""
    drug_class: str
    routes: Texts = ("oral",)
    route_must_be_stated: bool = False
    """an unstated route may be another drug use: oral selegiline is for Parkinson disease"""
    release: Literal["any", "extended"] = "any"
    combined_with: Texts = ()
    """the row is about the product with these partners, and about nothing else"""
    min_daily_dose_mg: Decimal
    strict_daily_dose_mg: Decimal
    min_weeks: int
    strict_weeks: int
    sleep_dose_mg: Decimal | None = None
    """up to here a sleep or pain dose"""
    sleep_flags: Texts = ()
    """product flags of the sleep dose, where the dose itself can't be read"""
    borderline_dose_mg: Decimal | None = None
    """below the bar, but accepted by some instruments: shown as borderline"""
    excluded_flags: Texts = ()
    """product flags of another use: not a trial of an antidepressant"""
    excluded_partners: Texts = ()
    excluded_reasons: Texts = ()
    """condition sets of an order's reason that stand for another use"""
    other_uses: Texts = ()
    """condition sets of reasons that count all the same, with a remark"""
    pair_of: str | None = None
    """enantiomer or metabolite of this ingredient: both count, with a remark"""

    @property
    def name(self) -> str:
        return self.label or self.ingredient
