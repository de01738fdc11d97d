"""Dose and time of a step that augments an antidepressant."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact


class AugmentationDose(Fact):
    """Dose and time of a step that augments an antidepressant; never a trial of its own."""

    ingredient: str
    """RxNorm ingredient name, lower case"""
    drug_class: str
    release: Literal["any", "extended"] = "any"
    with_ingredient: str | None = None
    """the step is the pair: olanzapine with fluoxetine"""
    unit: str = "mg/d"
    min_daily_dose: Decimal | None = None
    max_daily_dose: Decimal | None = None
    level_kind: str | None = None
    """observation kind of the serum level that decides instead of the dose"""
    level_low: Decimal | None = None
    level_high: Decimal | None = None
    level_unit: str | None = None
    min_weeks: int
    sleep_dose: Decimal | None = None
    """up to here a sleep dose, in `unit`"""
