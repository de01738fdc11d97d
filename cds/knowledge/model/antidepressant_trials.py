"""Dose and time that make a trial of one antidepressant adequate."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import UpTo
from cds.knowledge.model.names import (
    ConditionSets,
    Count,
    DrugRoutes,
    Flags,
    Ingredient,
    Ingredients,
    Jurisdictions,
    Positive,
)


class AntidepressantDose(Fact):
    """Dose and time that make a trial of one antidepressant adequate, in two tiers.

    Doses are mg/d of the named ingredient, as the strength on the package states them.
    """

    ingredient: Ingredient
    """RxNorm ingredient name, lower case"""
    label: str | None = None
    """what the trial is called, where the ingredient alone does not say it"""
    drug_class: str
    routes: DrugRoutes = ("oral",)
    route_must_be_stated: bool = False
    """an unstated route may be another drug use: oral selegiline is for Parkinson disease"""
    release: Literal["any", "extended"] = "any"
    combined_with: Ingredients = ()
    """the row is about the product with these partners, and about nothing else"""
    min_daily_dose_mg: Annotated[Positive, UpTo("strict_daily_dose_mg")]
    strict_daily_dose_mg: Positive
    min_weeks: Annotated[Count, UpTo("strict_weeks")]
    strict_weeks: int
    sleep_dose_mg: Decimal | None = None
    """up to here a sleep or pain dose"""
    sleep_flags: Flags = ()
    """product flags of the sleep dose, where the dose itself can't be read"""
    borderline_dose_mg: Decimal | None = None
    """below the bar, and not nothing: shown as borderline"""
    borderline_because: str = "some instruments accept"
    """what that dose is, to be read before it"""
    course_days: Count | None = None
    """a fixed course of so many days, which no rule of weeks can count: shown as done, or not"""
    no_medicine_in: Jurisdictions = ()
    """where it is no approved medicine, and so no trial of one"""
    excluded_flags: Flags = ()
    """product flags of another use: not a trial of an antidepressant"""
    excluded_partners: Ingredients = ()
    excluded_reasons: ConditionSets = ()
    """condition sets of an order's reason that stand for another use"""
    other_uses: ConditionSets = ()
    """condition sets of reasons that count all the same, with a remark"""
    pair_of: Ingredient | None = None
    """enantiomer or metabolite of this ingredient: both count, with a remark"""

    @property
    def untold(self) -> frozenset[str]:
        """Values without a meaning here: the weeks of a fixed course, the reason of no dose."""
        weeks = ("min_weeks", "strict_weeks") if self.course_days is not None else ()
        return frozenset(weeks if self.borderline_dose_mg else (*weeks, "borderline_because"))

    @property
    def name(self) -> str:
        return self.label or self.ingredient
