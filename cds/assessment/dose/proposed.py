"""A proposal as an order, and one whose dose is taken back."""

from __future__ import annotations

from typing import cast

from msgspec.structs import replace

from cds.assessment.model import DoseProposal
from cds.dosage.model import Route
from cds.orders.model import Order
from cds.units import Quantity


def as_ordered(order: Order, proposal: DoseProposal) -> Order:
    """The order as it would come back with the suggestion applied."""
    assert proposal.order_mg is not None
    return replace(
        order,
        route=order.route or cast(Route, proposal.route),
        dose=Quantity(proposal.order_mg, "mg"),
        dose_high=None,
        dose_per_kg=None,
        rate=None,
        rate_high=None,
        duration_min=proposal.duration_min,
        sessions=proposal.sessions or order.sessions,
        sessions_per_week=proposal.sessions_per_week or order.sessions_per_week,
        volume=None,
        method=None,
        text="",
        problems=(),
        other_dosages=(),
    )


def withheld(proposal: DoseProposal, why: str) -> DoseProposal:
    """The same without its numbers."""
    return replace(
        proposal,
        dose_mg=None, dose_mg_high=None, rate_mg_per_h=None, rate_ml_per_h=None,
        volume_ml=None, rounded_mg=None, rounding=None, dose_per_kg=None,
        why_not=why,
    )  # fmt: skip
