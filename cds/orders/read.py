"""From the entry of a draft to an Order."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from cds.chart.asked import Asked
from cds.chart.drafts import Draft, OtherDraft
from cds.chart.overlong_fields import in_words
from cds.chart.service_draft import ServiceDraft
from cds.orders.medication_request import read_medication_request
from cds.orders.model import Order
from cds.orders.service_request import read_service_request
from cds.terminology.lookup import Terminology


def read_order(entry: Draft, terminology: Terminology, as_of: date | None = None) -> Order:
    """What exactly a draft orders; `as_of` tells whether its encounter is over.

    One by which nothing is given (cancelled, entered in error, an order against the drug) names no
    drug. Never raises for odd content: what can't be read is in `Order.problems`.
    """
    if isinstance(entry, OtherDraft):
        problem = "resourceType: neither MedicationRequest nor ServiceRequest"
        return replace(_nothing(entry), problems=(problem,))
    asked = entry.draft or Asked()
    if entry.standing.void:
        return _placed(_nothing(entry), asked)
    if isinstance(entry, ServiceDraft):
        order = read_service_request(entry, terminology, as_of)
    else:
        order = read_medication_request(entry, terminology, as_of)
    others = tuple(_placed(other, asked) for other in order.other_dosages)
    return replace(_placed(order, asked), other_dosages=others)


def _placed(order: Order, asked: Asked) -> Order:
    """With its place among the other orders, and what of it nobody read."""
    unread = (f"{in_words([field])}: is too long to be read" for field in asked.overlong)
    problems = tuple(dict.fromkeys((*order.problems, *unread)))
    return replace(
        order, names=asked.names, shared=asked.shared, linked=asked.linked, problems=problems
    )


def _nothing(entry: Draft) -> Order:
    """An order of nothing."""
    service = isinstance(entry, ServiceDraft)
    return Order(
        ref=entry.ref,
        resource_type="ServiceRequest" if service else "MedicationRequest",
        status=entry.status,
        intent=entry.intent,
    )
