"""The last moment: the orders are about to be signed."""

from __future__ import annotations

from cds.hooks.services.context import DRAFT_ORDERS, ENCOUNTER, PATIENT, USER
from cds.hooks.services.service_info import ServiceInfo

SERVICE = ServiceInfo(
    id="ketamine-order-sign",
    hook="order-sign",
    title="Ketamine: last check before signing",
    description=(
        "When a ketamine or esketamine order is signed: contraindications, dangerous "
        "interactions and probable errors of dose, rate, route or unit."
    ),
    answers="Cards for the orders that are about to be signed",
    gesture="Sign",
    context=(USER, PATIENT, ENCOUNTER.optional(), DRAFT_ORDERS),
    cards_as="order-sign",
    candidacy_unasked=False,
)
