"""Dose and time of a step that augments an antidepressant."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import UpTo
from cds.knowledge.model.names import Count, Ingredient, ObservationKind, Positive, Unit


class AugmentationDose(Fact):
    """Dose and time of a step that augments an antidepressant; never a trial of its own."""

    ingredient: Ingredient
    """RxNorm ingredient name, lower case"""
    drug_class: str
    release: Literal["any", "extended"] = "any"
    with_ingredient: Ingredient | None = None
    """the step is the pair: olanzapine with fluoxetine"""
    unit: Unit = "mg/d"
    min_daily_dose: Annotated[Positive | None, UpTo("max_daily_dose")] = None
    max_daily_dose: Decimal | None = None
    level_kind: ObservationKind | None = None
    """observation kind of the serum level that decides instead of the dose"""
    level_low: Annotated[Decimal | None, UpTo("level_high")] = None
    level_high: Decimal | None = None
    level_strict: Annotated[Decimal | None, UpTo("level_high")] = None
    """from this level on it counts strictly"""
    level_unit: Unit | None = None
    min_weeks: Count
    sleep_dose: Decimal | None = None
    """up to here a sleep dose, in `unit`"""
