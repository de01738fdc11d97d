"""A labelled or usual order of ketamine outside elective treatment."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import UpTo
from cds.knowledge.model.names import OrderRoutes, Positive
from cds.knowledge.model.uses import UseId


class OrderContext(Fact):
    """Route, way and amount of one such order."""

    context: UseId
    name: str
    routes: OrderRoutes
    given: Literal["bolus", "infusion", "injection", "nasal"]
    dose_low: Annotated[Positive | None, UpTo("dose_high")] = None
    """mg/kg"""
    dose_high: Positive | None = None
    rate_low: Annotated[Positive | None, UpTo("rate_high")] = None
    """mg/min for the whole adult, unless `rate_unit` says otherwise"""
    rate_high: Positive | None = None
    rate_unit: Literal["mg/min", "mg/kg/min"] | None = None
    min_age: Annotated[Decimal | None, UpTo("max_age")] = None
    max_age: Decimal | None = None
