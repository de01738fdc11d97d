"""A labelled or usual order of ketamine outside elective treatment."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact, Texts
from cds.knowledge.model.uses import UseId


class OrderContext(Fact):
    """Route, way and amount of one such order."""

    context: UseId
    name: str
    routes: Texts
    given: Literal["bolus", "infusion", "injection", "nasal"]
    dose_low: Decimal | None = None
    """mg/kg"""
    dose_high: Decimal | None = None
    rate_low: Decimal | None = None
    """mg/min for the whole adult, unless `rate_unit` says otherwise"""
    rate_high: Decimal | None = None
    rate_unit: Literal["mg/min", "mg/kg/min"] | None = None
    min_age: Decimal | None = None
    max_age: Decimal | None = None
