"""Which order a draft is, and which orders it follows: an order is never its own duplicate.

The EHR may hold the same order already (under the same id, or with one of its identifiers), and the
draft may replace, renew or carry out another. All are compared by normalised keys, whatever form
the reference has: relative, absolute, versioned, `urn:uuid:` of an entry, or a logical identifier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir.record.references import identifier_tokens, keys_of
from cds.fhir.record.shapes import in_shape
from cds.wire import Json

ORDERS = ("MedicationRequest", "ServiceRequest")
_FOLLOWS = ("priorPrescription", "basedOn", "replaces")


def own_names(resource: Json, record: PatientRecord, full_url: object = None) -> frozenset[str]:
    """The keys of this order: its own, and those of the copies of it on record."""
    names = set(keys_of(resource, full_url))
    tokens = set(identifier_tokens(resource))
    for other in record.of(str(resource.get("resourceType"))) if tokens else ():
        if not tokens.isdisjoint(identifier_tokens(other)):
            names.update(keys_of(other))
    return frozenset(names)


def linked_orders(resource: Json, record: PatientRecord, names: frozenset[str]) -> frozenset[str]:
    """The keys of orders that this one follows, and of those on record that follow it."""
    linked = set(_followed(resource, record))
    for other in _followers(record):
        if not names.isdisjoint(_followed(other, record)):
            linked.update(keys_of(other))
    return frozenset(linked)


def by_own_name(drafts: Iterable[Json]) -> dict[str, Json]:
    """The drafts by `Type/id`, for suggestions that change them: in the shape that FHIR gives them.

    Drafts that share a name are left out: the wrong one could be changed.
    """
    sent = [(reference_of(draft), in_shape(draft)) for draft in drafts]
    shared = Counter(name for name, _ in sent)
    return {name: draft for name, draft in sent if shared[name] == 1}


def _followers(record: PatientRecord) -> Iterator[Json]:
    return (order for order in record.of(*ORDERS) if any(order.get(field) for field in _FOLLOWS))


def _followed(order: Json, record: PatientRecord) -> frozenset[str]:
    fields = (order.get(field) for field in _FOLLOWS)
    return record.keys_named(*fields, kinds=ORDERS, container=order)
