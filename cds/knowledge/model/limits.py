"""A bound on dose or rate by context and route."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Fact, Texts


class Limit(Fact):
    """Bounds of one metric in one context. Above `warn_above` asks, above `stop_above` stops."""

    name: str
    routes: Texts
    given: Literal["bolus", "infusion", "injection", "any"]
    metric: Literal["mg/kg", "mg/kg/h", "mg/h", "mg/min", "mg/d", "any"]
    ok_min: Decimal | None = None
    ok_max: Decimal | None = None
    warn_below: Decimal | None = None
    warn_above: Decimal | None = None
    warn_again_above: Decimal | None = None
    stop_above: Decimal | None = None
    warn_above_mg: Decimal | None = None
    """an absolute amount beside the metric"""
    stop_asks: bool = False
    """its stop was recalled or is a default of this project: above it the order is asked about"""
    stop_above_mg: Decimal | None = None
    stop_above_mg_per_week: Decimal | None = None
    share_of_racemic: Decimal | None = None
    """esketamine: this share of the racemic limit"""
