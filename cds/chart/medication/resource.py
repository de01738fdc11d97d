"""Reading MedicationRequest, Statement, Dispense and Administration: each once, drafts as well."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from cds.chart.asked import Asked
from cds.chart.identity import ORDERS
from cds.chart.medication.entry import (
    NO_SUPPLY,
    Kind,
    Medication,
    Substance,
    Supply,
    Times,
)
from cds.chart.medication.stop_reason import StatusReason, status_reason, stop_reason
from cds.chart.medication.substances import Substances
from cds.chart.medication.taken import as_taken, withdraw
from cds.chart.product import Product, read_product
from cds.chart.reasons import Reasons
from cds.chart.standing import Standing, draft_standing, standing
from cds.dates import parse_when
from cds.dosage.quantity import Problems, days_of, read_dose
from cds.dosage.read import read_dosages
from cds.fhir.record.references import keys_of
from cds.fhir.record.referred import Referred
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import (
    as_number,
    as_object,
    as_objects,
    as_text,
    first_when,
    status_code,
    when,
)
from cds.kept import kept
from cds.limits import LONGEST_NOTES, UNREADABLE
from cds.terminology.lookup import Terminology
from cds.terminology.model import Said
from cds.terminology.text.certainty import is_placeholder
from cds.wire import Json, decode, encode

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
_STOPPED = frozenset({"stopped", "completed", "on-hold"})
_SHORTEST_NAME = 4
"""letters: a word of three is seldom a drug"""


class MedicationReader:
    """Reads the medication resources of one record, or of one session."""

    def __init__(
        self, referred: Referred, terminology: Terminology, reasons: Callable[[Json], Reasons]
    ) -> None:
        """`reasons`: reads what a resource is for."""
        self._referred = referred
        self._reasons = reasons
        self._terminology = terminology
        self._substances = Substances(terminology)

    def on_record(self, resource: Json, kind: Kind) -> Medication:
        """One that the record holds."""
        named = self._named(resource, kind, standing(resource))
        if named.standing.void:
            return replace(named, times=_times(resource, kind))
        product = read_product(resource, self._terminology, self._referred)
        if product.match is not None:
            parts = self._unread_parts(product)
            named = replace(named, unread_parts=parts) if parts else named
            return self._whole(named, resource, product, None)
        other, texts = self._is_other(product), [*product.texts]
        denied = not other and bool(texts) and self._terminology.denies_drug(texts)
        denied = denied or (_is_bare(product) and all(map(is_placeholder, texts)))
        if denied or other:
            times = _times(resource, kind)
            return replace(named, product=product, denied=denied, other=other, times=times)
        return self._whole(named, resource, product, None)

    def _unread_parts(self, product: Product) -> tuple[str, ...]:
        """What nobody knows of a product that is known by its ingredients, or by its name alone."""
        if product.match is not None and product.match.code is None and not product.parts:
            beside = map(self._terminology.unread_beside, product.texts)
            return tuple(dict.fromkeys(text for text in beside if text))
        if product.coded is not None:
            return ()
        is_other = self._terminology.is_other_drug
        return tuple(
            part.display or "an ingredient without a name"
            for part in product.parts
            if part.match is None
            and not (part.diluent or part.inactive)
            and not is_other([part.display], part.codes)
        )

    def _is_other(self, product: Product) -> bool:
        """Whether it is known to be a drug that no rule asks about."""
        if self._terminology.is_other_drug(product.texts, product.codes):
            return True
        active = [part for part in product.parts if not (part.diluent or part.inactive)]
        is_other = self._terminology.is_other_drug
        return bool(active) and all(is_other([part.display], part.codes) for part in active)

    def draft(self, resource: Json, asked: Asked) -> Medication:
        """A MedicationRequest that is about to be placed: it is for the drug that it names."""
        named = replace(self._named(resource, "request", draft_standing(resource)), draft=asked)
        if named.standing.void:
            return named
        product = read_product(resource, self._terminology, self._referred, ordered=True)
        texts = (*notes_of(resource), *_instructions(resource))
        if product.match is not None and product.match.doubt is None and withdraw(texts):
            product = replace(product, match=replace(product.match, doubt=Said.CANCELLED))
        return self._whole(named, resource, product, asked)

    def _whole(
        self, named: Medication, resource: Json, product: Product, asked: Asked | None
    ) -> Medication:
        kind, notes = named.kind, notes_of(resource)
        dosages = read_dosages(resource.get(_DOSAGES[kind]))
        found = (
            as_taken(substance, notes, dosages, self._ingredients, ordered=kind == "request")
            for substance in self._substances.of(product, dosages)
        )
        if named.status in _STOPPED:
            stated = status_reason(resource)
            if stated is not None or any(notes):
                found = (self._stopped(substance, stated, notes) for substance in found)
        return Medication(
            kind=kind,
            ref=named.ref,
            standing=named.standing,
            status=named.status,
            intent=named.intent,
            keys=named.keys,
            product=product,
            substances=tuple(found),
            unread_parts=named.unread_parts,
            dosages=dosages,
            times=_times(resource, kind),
            supply=_supply(resource, kind),
            follows=named.follows,
            carries_out=named.carries_out,
            reasons=self._reasons(resource),
            notes=notes,
            draft=asked,
        )

    def _stopped(
        self, substance: Substance, stated: StatusReason | None, notes: tuple[str, ...]
    ) -> Substance:
        why = stop_reason(stated, notes, substance.ingredient, self._ingredients)
        return replace(substance, stopped=why) if why is not None else substance

    def _ingredients(self, word: str) -> frozenset[str]:
        """Those that a word names, if any."""
        match = self._terminology.drug({"text": word}) if len(word) >= _SHORTEST_NAME else None
        return match.names if match is not None else frozenset()

    def _named(self, resource: Json, kind: Kind, stands: Standing) -> Medication:
        """What names a resource and the orders that it belongs to, and says what it counts as."""
        return Medication(
            kind=kind,
            ref=reference_of(resource),
            standing=stands,
            status=status_code(resource.get("status")),
            intent=status_code(resource.get("intent")),
            keys=tuple(keys_of(resource)),
            follows=self._keys(resource, _FOLLOWS),
            carries_out=self._keys(resource, _CARRIES_OUT[kind]),
        )

    def _keys(self, resource: Json, fields: tuple[str, ...]) -> frozenset[str]:
        """The keys of the orders in some fields."""
        named = [resource.get(field) for field in fields]
        if not any(named):
            return frozenset()
        return self._referred.keys_named(*named, kinds=ORDERS, container=resource)


def _is_bare(product: Product) -> bool:
    """Nothing but a text says what it is."""
    return bool(product.texts) and not (product.codes or product.parts)


def _instructions(order: Json) -> tuple[str, ...]:
    found = as_objects(order.get("dosageInstruction"))
    return tuple(as_text(one.get(f)) for one in found for f in ("text", "patientInstruction"))


def notes_of(resource: Json) -> tuple[str, ...]:
    """The texts of the notes, blank ones too, so that each keeps its number.

    Of more than can be read, that they are so.
    """
    written = resource.get("note")
    if not written:
        return ()
    notes = tuple(as_text(note.get("text")) for note in as_objects(written))
    return notes if sum(map(len, notes)) <= LONGEST_NOTES else (UNREADABLE,) * len(notes)


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
    stated = {"days": node.get(duration), "quantity": node.get("quantity")}
    return _read_supply(encode({**stated, "refills": node.get("numberOfRepeatsAllowed")}))


@kept(2048)
def _read_supply(stated: bytes) -> Supply:
    """Kept by its JSON: charts repeat a few, thirty tablets for thirty days."""
    node = as_object(decode(stated))
    refills = as_number(node.get("refills"))
    return Supply(
        days=days_of(node.get("days")),
        quantity=read_dose(node.get("quantity"), "", Problems()),
        refills=int(refills) if refills is not None and 0 < refills <= _MOST_REFILLS else 0,
        written=bool(node.get("quantity") or node.get("refills")),
    )
