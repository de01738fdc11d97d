"""Dose and time that make a trial of one drug adequate, by group of indications."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact, Record
from cds.knowledge.model.names import ConditionSets, DrugRoutes, Flags, FreeWords, Ingredients, Unit

PainGroup = Literal[
    "neuropathic", "trigeminal", "migraine", "fibromyalgia", "epilepsy_proxy", "status_epilepticus"
]


class RenalRange(Record):
    """The label's daily range at reduced renal clearance: recalled, so it can only make unsure."""

    from_ml_min: Decimal
    below_ml_min: Decimal
    low: Decimal
    high: Decimal


class PainTrialDose(Fact):
    """Dose and time that make a trial of one drug adequate, for one group of indications.

    Time counts at or above `min_daily_dose`. Without `min_weeks` no minimum is published, and no
    trial can be called adequate by dose and time.
    """

    group: PainGroup
    drug: str
    """as the row calls it"""
    ingredients: Ingredients
    """RxNorm ingredient names, lower case"""
    drug_class: str
    routes: DrugRoutes = ("oral",)
    forms: FreeWords = ()
    """part of a dose form's name; empty: any form"""
    release: Literal["any", "extended", "not_extended"] = "any"
    """`extended`: this row is for the extended-release form of an ingredient that has both"""
    published_for: str | None = None
    """the form that the source studied, when a trial of another form counts with a remark"""
    strength_matters: bool = False
    """weaker products of the same form exist, and an order does not tell them apart"""
    min_daily_dose: Decimal | None = None
    """missing: individual titration, any dose"""
    max_daily_dose: Decimal | None = None
    unit: Unit = "mg/d"
    unit_names: FreeWords = ()
    """further spellings of the unit, as orders write it"""
    per_kg: bool = False
    """`min_daily_dose` is for each kg of body weight, capped at `max_daily_dose`"""
    min_weeks: int | None = None
    lasts_days: int = 0
    """a single dose acts this long: depot injections, quarterly patches"""
    needs_condition: ConditionSets = ()
    """only where one of these condition sets is on record: single doses have many other uses"""
    intolerance_counts: bool = True
    """a drug not tolerated counts as failed"""
    exclude_flags: Flags = ()
    renal: tuple[RenalRange, ...] = ()

    @property
    def proxy(self) -> bool:
        return self.group == "epilepsy_proxy"
