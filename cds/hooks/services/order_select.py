"""While ordering: an order was just selected."""

from __future__ import annotations

from cds.hooks.services.context import DRAFT_ORDERS, ENCOUNTER, PATIENT, SELECTIONS, USER
from cds.hooks.services.service_info import ServiceInfo

SERVICE = ServiceInfo(
    id="ketamine-order-select",
    hook="order-select",
    title="Ketamine: candidacy, safety and dose while ordering",
    description=(
        "When ketamine or esketamine is selected: contraindications and interactions, whether "
        "the record meets the criteria of an indication, a dose with its arithmetic, and the "
        "work-up that is missing. Silent for unrelated orders."
    ),
    answers="Cards for the orders that were just selected",
    gesture="Select again",
    context=(USER, PATIENT, ENCOUNTER.optional(), SELECTIONS, DRAFT_ORDERS),
    cards_as="order-select",
    candidacy_unasked=True,
)
