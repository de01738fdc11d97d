"""The orders of a session: what each names, and once the record is there, each read whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from cds.chart.asked import read_asked
from cds.chart.medication.entry import Medication
from cds.chart.medication.resource import MedicationReader
from cds.chart.product import NO_PRODUCT, Product, read_product
from cds.chart.service_draft import (
    NO_SERVICE,
    ServiceDraft,
    ServiceName,
    read_service_draft,
    read_service_name,
)
from cds.chart.standing import draft_standing
from cds.dosage.model import DosageRead
from cds.dosage.read import read_dosages
from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir.record.shapes import in_shape
from cds.fhir_json import status_code
from cds.terminology.lookup import Terminology
from cds.wire import Json


@dataclass(frozen=True, slots=True)
class NamedDraft:
    """What a draft orders by its name alone: enough to tell whether it is any of our business."""

    ref: str
    kind: Literal["MedicationRequest", "ServiceRequest"]
    void: bool
    """nothing would be given by it"""
    product: Product = NO_PRODUCT
    service: ServiceName = NO_SERVICE


@dataclass(frozen=True, slots=True)
class OtherDraft:
    """A draft that is neither a MedicationRequest nor a ServiceRequest."""

    ref: str
    status: str | None
    intent: str | None


Draft = Medication | ServiceDraft | OtherDraft


def name_draft(draft: Json, terminology: Terminology, record: PatientRecord) -> NamedDraft:
    """What a draft MedicationRequest or ServiceRequest names; its dosage is not looked at.

    `record` resolves the Medications that it names.
    """
    draft = in_shape(draft)
    service = draft.get("resourceType") == "ServiceRequest"
    named = NamedDraft(
        ref=reference_of(draft),
        kind="ServiceRequest" if service else "MedicationRequest",
        void=draft_standing(draft).void,
    )
    if named.void:
        return named
    if service:
        return replace(named, service=read_service_name(draft, terminology))
    return replace(named, product=read_product(draft, terminology, record, ordered=True))


def read_draft_dosages(draft: Json) -> tuple[DosageRead, ...]:
    """The dosages of a draft alone: to tell the route of one whose drug may matter."""
    return read_dosages(in_shape(draft).get("dosageInstruction"))


def read_draft(
    draft: Json, terminology: Terminology, record: PatientRecord, full_url: object = None
) -> Draft:
    """The whole draft. `full_url` is the name that its Bundle gives it. Never raises."""
    draft = in_shape(draft)
    kind = draft.get("resourceType")
    if kind == "MedicationRequest":
        asked = read_asked(draft, record, full_url)
        return MedicationReader(record, terminology).draft(draft, asked)
    if kind == "ServiceRequest":
        asked = read_asked(draft, record, full_url)
        return read_service_draft(draft, terminology, record, asked)
    status, intent = status_code(draft.get("status")), status_code(draft.get("intent"))
    return OtherDraft(reference_of(draft), status, intent)
