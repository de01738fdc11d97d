"""Which body weight a dose rests on."""

from __future__ import annotations

from decimal import Decimal

from cds.knowledge.model.base import Fact, Texts


class WeightRule(Fact):
    """What is known of the weight basis, with the numbers of the formulas."""

    statement: str
    base_male_kg: Decimal | None = None
    base_female_kg: Decimal | None = None
    kg_per_inch: Decimal | None = None
    above_inches: Decimal | None = None
    share_of_excess: Decimal | None = None
    """adjusted weight: ideal weight plus this share of what is above it"""
    bmi_from: Decimal | None = None
    cap_mg: Decimal | None = None
    loinc: Texts = ()
    """codes of weights that nobody measured"""
