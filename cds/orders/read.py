"""From a draft order's FHIR JSON to an Order."""

from __future__ import annotations

from cds.fhir.record import PatientRecord
from cds.orders.model import Order
from cds.terminology.lookup import Terminology
from cds.wire import Json


def read_order(
    resource: Json, terminology: Terminology, record: PatientRecord | None = None
) -> Order:
    """Read a draft MedicationRequest or ServiceRequest.

    `record` resolves medicationReference, reasonReference and encounter. Never raises for odd
    content: what can't be read is in `Order.problems`.
    """
    raise NotImplementedError
