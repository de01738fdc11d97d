"""The orders of a session: what each names, and once the record is there, each read whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from cds.allowance import check
from cds.chart.asked import Asked, read_asked
from cds.chart.entries import Chart
from cds.chart.identity import Called, call_apart, linked_orders, own_names
from cds.chart.medication.entry import Medication
from cds.chart.medication.resource import MedicationReader, notes_of
from cds.chart.named import Named
from cds.chart.product import NO_PRODUCT, Product, read_product
from cds.chart.service_draft import (
    NO_SERVICE,
    ServiceDraft,
    ServiceName,
    read_service_draft,
    read_service_name,
)
from cds.chart.standing import draft_standing
from cds.chart.what_for import reasons_in
from cds.dosage.model import DosageRead
from cds.dosage.read import read_dosages
from cds.fhir.record.referred import Referred
from cds.fhir.record.shapes import in_shape
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import as_object, as_objects, as_text, in_few, status_code
from cds.terminology.lookup import Terminology
from cds.wire import Json


class NamedDraft(Struct, frozen=True):
    """What a draft orders by its name alone: enough to tell whether it is any of our business."""

    ref: str
    kind: Literal["MedicationRequest", "ServiceRequest"]
    void: bool
    """nothing would be given by it"""
    product: Product = NO_PRODUCT
    notes: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()
    """texts of its dosages, which may name the drug that its name does not"""
    service: ServiceName = NO_SERVICE


class OtherDraft(Struct, frozen=True):
    """A draft that is neither a MedicationRequest nor a ServiceRequest."""

    ref: str
    status: str | None
    intent: str | None


Draft = Medication | ServiceDraft | OtherDraft


def name_draft(draft: Json, terminology: Terminology, session: Referred) -> NamedDraft:
    """What a draft MedicationRequest or ServiceRequest names; of its dosage only the texts.

    `session` leads to the Medications that it names.
    """
    draft = in_few(in_shape(draft))
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
    product = read_product(draft, terminology, session, ordered=True)
    instructions = tuple(_instructions(draft))
    return replace(named, product=product, notes=notes_of(draft), instructions=instructions)


def _instructions(draft: Json) -> Iterator[str]:
    for dosage in as_objects(draft.get("dosageInstruction")):
        yield as_text(dosage.get("text"))
        yield as_text(dosage.get("patientInstruction"))


def read_draft_dosages(draft: Json) -> tuple[DosageRead, ...]:
    """The dosages of a draft alone: to tell the route of one whose drug may matter."""
    return read_dosages(in_few(in_shape(draft)).get("dosageInstruction"))


def drafted(entry: Json) -> Json:
    """A draft itself, taken out of its Bundle entry if it stands in one."""
    return as_object(entry.get("resource")) or entry


class DraftReader:
    """Reads the orders of one session, each once and whole, against what the chart holds."""

    def __init__(
        self, chart: Chart, terminology: Terminology, session: Mapping[str, Json] | None = None
    ) -> None:
        """`session`: its resources by every key under which one may name another."""
        self._chart = chart
        self._terminology = terminology
        self._session = Referred(session or {})
        self._referred = chart.referred.under(session or {})
        self._named = Named(chart.named.get, terminology, chart.person.born, self._session)
        self._reasons = reasons_in(terminology, self._named)

    def read_all(self, entries: Sequence[Json]) -> list[Draft]:
        """The drafts of a session, each under a name of its own."""
        called = call_apart(entries)
        return [_named(self.read(e), c) for e, c in zip(entries, called, strict=True)]

    def read(self, entry: Json) -> Draft:
        """A draft, or the Bundle entry that gives it a name as `fullUrl`. Never raises."""
        check()
        draft, full_url = in_few(in_shape(drafted(entry))), entry.get("fullUrl")
        kind = draft.get("resourceType")
        if kind == "MedicationRequest":
            reader = MedicationReader(self._referred, self._terminology, self._reasons)
            return reader.draft(draft, self._asked(draft, full_url))
        if kind == "ServiceRequest":
            asked = self._asked(draft, full_url)
            return read_service_draft(draft, self._terminology, self._reasons(draft), asked)
        status, intent = status_code(draft.get("status")), status_code(draft.get("intent"))
        return OtherDraft(reference_of(draft), status, intent)

    def _asked(self, draft: Json, full_url: object) -> Asked:
        chart = self._chart
        names = own_names(draft, chart.orders, chart.by_key, full_url)
        told = (entry for entry in chart.medications if entry.kind == "statement")
        linked = linked_orders(draft, names, chart.orders, chart.by_key, self._session, told)
        encounter = self._named.encounter(draft)
        return read_asked(draft, self._referred, encounter, names, linked)


def _named(draft: Draft, called: Called) -> Draft:
    if isinstance(draft, OtherDraft) or draft.draft is None:
        return replace(draft, ref=called.ref)
    return replace(draft, ref=called.ref, draft=replace(draft.draft, shared=called.shared))
