"""A draft in one step, for tests: from its JSON to the order that is read of it."""

from __future__ import annotations

from cds.chart.drafts import read_draft
from cds.fhir.record.patient_record import PatientRecord
from cds.orders.model import Order
from cds.orders.read import read_order
from cds.terminology.lookup import Terminology
from cds.wire import Json


def order_of(draft: Json, terminology: Terminology, record: PatientRecord | None = None) -> Order:
    """What a draft orders, with what a record resolves for it."""
    return read_order(read_draft(draft, terminology, record or PatientRecord()), terminology)
