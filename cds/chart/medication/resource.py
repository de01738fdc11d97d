"""Reading MedicationRequest, Statement, Dispense and Administration: each once, drafts as well."""

from __future__ import annotations

from dataclasses import replace

from cds.chart.asked import Asked
from cds.chart.identity import ORDERS
from cds.chart.medication.entry import (
    NO_SUPPLY,
    Kind,
    Medication,
    StatusReason,
    Supply,
    Times,
)
from cds.chart.medication.substances import Substances
from cds.chart.product import Product, read_product
from cds.chart.reasons import read_reasons
from cds.chart.standing import draft_standing, standing
from cds.dates import parse_when
from cds.dosage.quantity import Problems, days_of, read_dose
from cds.dosage.read import read_dosages
from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir.record.references import keys_of
from cds.fhir_json import (
    as_number,
    as_object,
    as_objects,
    as_text,
    concept_codes,
    display,
    first_when,
    status_code,
    when,
)
from cds.terminology.lookup import Terminology
from cds.wire import Json

KINDS: dict[str, Kind] = {
    "MedicationRequest": "request",
    "MedicationStatement": "statement",
    "MedicationDispense": "dispense",
    "MedicationAdministration": "administration",
}
_DOSAGES: dict[Kind, str] = {
    "request": "dosageInstruction",
    "statement": "dosage",
    "dispense": "dosageInstruction",
    "administration": "dosage",
}
_FOLLOWS = ("priorPrescription", "replaces")
_CARRIES_OUT: dict[Kind, tuple[str, ...]] = {
    "request": ("basedOn",),
    "statement": ("basedOn", "derivedFrom"),
    "dispense": ("authorizingPrescription",),
    "administration": ("request",),
}
_MOST_REFILLS = 99


def read_medications(record: PatientRecord, terminology: Terminology) -> tuple[Medication, ...]:
    """The medication resources of a record, by kind and in the order of the record."""
    read = MedicationReader(record, terminology)
    return tuple(
        read.on_record(resource, kind)
        for name, kind in KINDS.items()
        for resource in record.of(name)
    )


class MedicationReader:
    """Reads the medication resources of one record."""

    def __init__(self, record: PatientRecord, terminology: Terminology) -> None:
        self._record = record
        self._terminology = terminology
        self._substances = Substances(terminology)

    def on_record(self, resource: Json, kind: Kind) -> Medication:
        """One that the record holds."""
        named = _named(resource, kind)
        if named.standing.void:
            return named
        product = read_product(resource, self._terminology, self._record)
        if product.match is None:
            denied = bool(product.texts) and self._terminology.denies_drug([*product.texts])
            return replace(named, product=product, denied=denied, times=_times(resource, kind))
        return self._whole(named, resource, product, None)

    def draft(self, resource: Json, asked: Asked) -> Medication:
        """A MedicationRequest that is about to be placed: it is for the drug that it names."""
        named = replace(_named(resource, "request"), standing=draft_standing(resource), draft=asked)
        if named.standing.void:
            return named
        product = read_product(resource, self._terminology, self._record, ordered=True)
        return self._whole(named, resource, product, asked)

    def _whole(
        self, named: Medication, resource: Json, product: Product, asked: Asked | None
    ) -> Medication:
        kind = named.kind
        dosages = read_dosages(resource.get(_DOSAGES[kind]))
        return Medication(
            kind=kind,
            ref=named.ref,
            standing=named.standing,
            status=named.status,
            intent=named.intent,
            keys=named.keys,
            product=product,
            substances=self._substances.of(product, dosages),
            dosages=dosages,
            times=_times(resource, kind),
            supply=_supply(resource, kind),
            follows=self._keys(resource, _FOLLOWS),
            carries_out=self._keys(resource, _CARRIES_OUT[kind]),
            reasons=read_reasons(resource, self._terminology, self._record),
            status_reason=status_reason(resource),
            notes=notes_of(resource),
            draft=asked,
        )

    def _keys(self, resource: Json, fields: tuple[str, ...]) -> frozenset[str]:
        """The keys of the orders in some fields."""
        named = [resource.get(field) for field in fields]
        if not any(named):
            return frozenset()
        return self._record.keys_named(*named, kinds=ORDERS, container=resource)


def status_reason(resource: Json) -> StatusReason | None:
    """The first stated reason for the status."""
    stated = as_objects(resource.get("statusReason"))
    stated = stated + as_objects(resource.get("statusReasonCodeableConcept"))
    for concept in stated:
        shown = (as_text(coding.get("display")) for coding in as_objects(concept.get("coding")))
        return StatusReason(
            codes=frozenset(code.lower() for code in concept_codes(concept)),
            words=" ".join([as_text(concept.get("text")), *shown]),
            display=display(concept),
        )
    return None


def notes_of(resource: Json) -> tuple[str, ...]:
    """The texts of the notes, blank ones too, so that each keeps its number."""
    return tuple(as_text(note.get("text")) for note in as_objects(resource.get("note")))


def _named(resource: Json, kind: Kind) -> Medication:
    """What names a resource and says what it counts as."""
    return Medication(
        kind=kind,
        ref=reference_of(resource),
        standing=standing(resource),
        status=status_code(resource.get("status")),
        intent=status_code(resource.get("intent")),
        keys=tuple(keys_of(resource)),
    )


def _times(resource: Json, kind: Kind) -> Times:
    if kind == "request":
        validity = as_object(as_object(resource.get("dispenseRequest")).get("validityPeriod"))
        return Times(
            authored=first_when(resource, "authoredOn", "dateWritten"),
            valid_from=parse_when(validity.get("start")),
            valid_until=parse_when(validity.get("end")),
        )
    if kind == "dispense":
        return Times(
            handed_over=parse_when(resource.get("whenHandedOver")),
            prepared=parse_when(resource.get("whenPrepared")),
        )
    period = as_object(resource.get("effectivePeriod") or resource.get("effectiveTimePeriod"))
    began = parse_when(resource.get("effectiveDateTime")) or parse_when(period.get("start"))
    if began is None and not period:
        began = next(filter(None, (when(resource, stem) for stem in _STEMS)), None)
    return Times(
        began=began,
        ended=parse_when(period.get("end")),
        asserted=parse_when(resource.get("dateAsserted")),
    )


_STEMS = ("effective", "occurence", "occurrence")
"""R5 has `occurence` for an administration, its ballots had both"""


def _supply(resource: Json, kind: Kind) -> Supply:
    if kind == "request":
        dispense = as_object(resource.get("dispenseRequest"))
        return _supplied(dispense, "expectedSupplyDuration") if dispense else NO_SUPPLY
    return _supplied(resource, "daysSupply") if kind == "dispense" else NO_SUPPLY


def _supplied(node: Json, duration: str) -> Supply:
    refills = as_number(node.get("numberOfRepeatsAllowed"))
    return Supply(
        days=days_of(node.get(duration)),
        quantity=read_dose(node.get("quantity"), "", Problems()),
        refills=int(refills) if refills is not None and 0 < refills <= _MOST_REFILLS else 0,
        written=bool(node.get("quantity") or node.get("numberOfRepeatsAllowed")),
    )
