"""From a draft order's FHIR JSON to an Order."""

from __future__ import annotations

from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.orders.medication_request import read_medication_request
from cds.orders.model import Order
from cds.orders.service_request import read_service_request
from cds.terminology.lookup import Terminology
from cds.wire import Json


def read_order(
    resource: Json, terminology: Terminology, record: PatientRecord | None = None
) -> Order:
    """Read a draft MedicationRequest or ServiceRequest.

    `record` resolves medicationReference, reasonReference and encounter. Never raises for odd
    content: what can't be read is in `Order.problems`.
    """
    if resource.get("resourceType") == "ServiceRequest":
        return read_service_request(resource, terminology, record)
    if resource.get("resourceType") == "MedicationRequest":
        return read_medication_request(resource, terminology, record)
    return Order(
        ref=reference_of(resource),
        resource_type="MedicationRequest",
        problems=("resourceType: neither MedicationRequest nor ServiceRequest",),
    )
