"""A bound on dose or rate by context and route."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator

from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import UpTo
from cds.knowledge.model.names import Bound
from cds.knowledge.model.predicates.combined import WholeWhen
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
    when: WholeWhen | None = None
    roles: Annotated[tuple[LimitRole, ...], BeforeValidator(_as_list)] = ()
    metric: Literal["mg/kg", "mg/kg/h", "mg/h", "mg/min", "mg/d", "any"]
    ok_min: Annotated[Bound | None, UpTo("ok_max")] = None
    ok_max: Annotated[Bound | None, UpTo("stop_above")] = None
    warn_below: Annotated[Bound | None, UpTo("warn_above")] = None
    warn_above: Annotated[Bound | None, UpTo("warn_again_above"), UpTo("stop_above")] = None
    warn_again_above: Annotated[Bound | None, UpTo("stop_above")] = None
    stop_above: Bound | None = None
    warn_above_mg: Annotated[Bound | None, UpTo("stop_above_mg")] = None
    """an absolute amount beside the metric"""
    warns_when: WholeWhen | None = None
    """its warnings hold only there; its stop holds everywhere"""
    stop_asks: bool = False
    """its stop was recalled or is a default of this project: above it the order is asked about"""
    stop_asks_when: WholeWhen | None = None
    """another sane reading lifts its stop: above it the order is asked about"""
    stop_above_mg: Bound | None = None
    stop_above_mg_per_week: Bound | None = None
    share_of_racemic: Bound | None = None
    """of esketamine: this share of each limit of racemic ketamine"""
