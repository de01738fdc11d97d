"""From a draft order's FHIR JSON to an Order."""

from __future__ import annotations

from dataclasses import replace

from cds.chart.identity import linked_orders, own_names
from cds.chart.standing import draft_standing
from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir.record.shapes import in_shape
from cds.fhir_json import as_text
from cds.orders.medication_request import read_medication_request
from cds.orders.model import Order
from cds.orders.service_request import read_service_request
from cds.terminology.lookup import Terminology
from cds.wire import Json


def read_order(
    resource: Json,
    terminology: Terminology,
    record: PatientRecord | None = None,
    full_url: object = None,
) -> Order:
    """Read a draft MedicationRequest or ServiceRequest.

    `record` resolves what it refers to, `full_url` is the name that its Bundle gives it. A draft by
    which nothing is given (cancelled, entered in error, an order against the drug) names no drug.
    Never raises for odd content: what can't be read is in `Order.problems`.
    """
    read = _READERS.get(str(resource.get("resourceType")))
    if read is None:
        return replace(
            _nothing(resource),
            problems=("resourceType: neither MedicationRequest nor ServiceRequest",),
        )
    record = record or PatientRecord()
    resource = in_shape(resource)
    names = own_names(resource, record, full_url)
    linked = linked_orders(resource, record, names)
    if draft_standing(resource).void:
        return replace(_nothing(resource), names=names, linked=linked)
    order = read(resource, terminology, record)
    others = tuple(replace(o, names=names, linked=linked) for o in order.other_dosages)
    return replace(order, names=names, linked=linked, other_dosages=others)


def _nothing(resource: Json) -> Order:
    """An order of nothing."""
    service = resource.get("resourceType") == "ServiceRequest"
    return Order(
        ref=reference_of(resource),
        resource_type="ServiceRequest" if service else "MedicationRequest",
        status=as_text(resource.get("status")) or None,
        intent=as_text(resource.get("intent")) or None,
    )


_READERS = {
    "MedicationRequest": read_medication_request,
    "ServiceRequest": read_service_request,
}
