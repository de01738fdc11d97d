"""A bound on dose or rate by context and route."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator

from cds.knowledge.model.base import Fact
from cds.knowledge.model.predicates.base import When
from cds.knowledge.model.predicates.situation import RouteOfOrder

LimitRole: TypeAlias = Literal[
    "push_for_pain", "any_push", "any_injection", "any_rate", "usual_rate", "session_total"
]
"""What else a limit is the measure of: the largest push for pain, the largest push and injection of
any use, the fastest infusion outside status epilepticus, the usual rate of infusion therapy, and
the usual total of a session."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Limit(Fact):
    """Bounds of one metric in one context. Above `warn_above` asks, above `stop_above` stops.

    It applies to an order by one of its routes, in its way, for which `when` holds. Where several
    apply, each is judged; alternatives exclude each other by their `when`.
    """

    name: str
    routes: tuple[RouteOfOrder, ...]
    """`unstated`: also an order that names none"""
    given: Literal["bolus", "infusion", "injection", "any"]
    when: When | None = None
    roles: Annotated[tuple[LimitRole, ...], BeforeValidator(_as_list)] = ()
    metric: Literal["mg/kg", "mg/kg/h", "mg/h", "mg/min", "mg/d", "any"]
    ok_min: Decimal | None = None
    ok_max: Decimal | None = None
    warn_below: Decimal | None = None
    warn_above: Decimal | None = None
    warn_again_above: Decimal | None = None
    stop_above: Decimal | None = None
    warn_above_mg: Decimal | None = None
    """an absolute amount beside the metric"""
    warns_when: When | None = None
    """its warnings hold only there; its stop holds everywhere"""
    stop_asks: bool = False
    """its stop was recalled or is a default of this project: above it the order is asked about"""
    stop_asks_when: When | None = None
    """another sane reading lifts its stop: above it the order is asked about"""
    stop_above_mg: Decimal | None = None
    stop_above_mg_per_week: Decimal | None = None
    share_of_racemic: Decimal | None = None
    """of esketamine: this share of each limit of racemic ketamine"""
