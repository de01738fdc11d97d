"""Reading MedicationRequest, Statement, Dispense and Administration into intakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

from cds.chart.standing import standing
from cds.dates import When, after, parse_when
from cds.dosage.dose_units import MASSES
from cds.dosage.quantity import Problems, days_of, read_dose
from cds.dosage.read import read_dosages
from cds.fhir.record.patient_record import PatientRecord, Skipped, reference_of
from cds.fhir_json import as_number, as_objects, child, status_code
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.drug_of import DrugReader, dosages_of, product_of
from cds.history.medications.intake import Intake, Kind, Substance
from cds.history.medications.phase import Phase
from cds.history.medications.stop_reason import stop_reason
from cds.history.medications.strength import NotReadable, exact, hourly_rate, mg_of, mg_per_unit
from cds.history.medications.taken import as_taken
from cds.history.model import Evidence, UnreadInstruction
from cds.terminology.lookup import Terminology
from cds.units import Quantity
from cds.wire import Json

_KINDS: dict[str, Kind] = {
    "MedicationRequest": "request",
    "MedicationStatement": "statement",
    "MedicationDispense": "dispense",
    "MedicationAdministration": "administration",
}
_CARRIES_OUT: dict[Kind, tuple[str, ...]] = {
    "request": ("basedOn",),
    "statement": ("basedOn", "derivedFrom"),
    "dispense": ("authorizingPrescription",),
    "administration": ("request",),
}
"""fields that name the order which a resource carries out"""
_DATES = (
    ("authoredOn",), ("effectiveDateTime",), ("effectivePeriod", "start"), ("dateAsserted",),
    ("whenHandedOver",), ("whenPrepared",),
)  # fmt: skip
_LONGEST_SUPPLY = 366
"""days; what is handed out for longer is an error of entry, and no supply"""
_NO_SUCH_SUPPLY = "the days of supply make no sense and are not used"
_INEXACT = "a date is not exact: the shortest time that it allows is counted"


def read_intakes(
    record: PatientRecord, terminology: Terminology, as_of: date, skipped: list[Skipped]
) -> list[Intake]:
    """What each resource that counts says, in a fixed order.

    Resources that don't count go to `skipped`; what is dated after `as_of` does not exist.
    """
    drugs = DrugReader(record, terminology)
    found: list[Intake] = []
    for type_name, kind in _KINDS.items():
        for resource in record.of(type_name):
            reason = standing(resource).why
            substances = drugs.substances(resource) if reason is None else []
            if substances is None:
                reason = "drug not recognised"
            elif reason is None and not substances:
                reason = "its words say that no drug is taken"
            if reason is not None:
                skipped.append(Skipped(reference_of(resource), reason))
                continue
            for found_in in substances or ():
                substance = as_taken(resource, found_in, drugs.named)
                intake = _READERS[kind](resource, substance, as_of)
                if intake is not None:
                    if intake.over or intake.status == "on-hold":
                        intake.stopped = stop_reason(resource, substance.ingredient, drugs.named)
                    intake.reason_sets = _reason_sets(resource, record, terminology)
                    intake.replaces = _orders(resource, ("priorPrescription", "replaces"), record)
                    intake.part_of = _orders(resource, _CARRIES_OUT[kind], record)
                    found.append(intake)
    return sorted(found, key=lambda i: (i.start or date.max, i.kind, i.ref))


def medication_dates(record: PatientRecord, as_of: date) -> Iterator[date]:
    """The dates of all medication resources that count, recognised or not, up to `as_of`."""
    for resource in record.of(*_KINDS):
        if standing(resource).void:
            continue
        for found in (parse_when(child(resource, *path)) for path in _DATES):
            if found is not None and found.latest <= as_of:
                yield found.latest


def _request(resource: Json, substance: Substance, as_of: date) -> Intake | None:
    found = child(resource, "dispenseRequest")
    dispense: Json = found if isinstance(found, dict) else {}
    phases = phases_of(read_dosages(resource.get("dosageInstruction")), product_of(substance))
    validity = dispense.get("validityPeriod")
    begun = (
        phases[0].start
        or parse_when(resource.get("authoredOn"))
        or parse_when(child(validity, "start"))
    )
    evidence: Evidence = "stated" if standing(resource).counts == "told" else "ordered"
    intake = _intake("request", resource, substance, evidence, phases, begun, as_of)
    if intake is None:
        return None
    refills = as_number(dispense.get("numberOfRepeatsAllowed"))
    until = parse_when(child(validity, "end"))
    intake.stated_end = _stated_end(phases, intake.start)
    _supplied(intake, dispense.get("expectedSupplyDuration"))
    intake.quantity = _handed_out(dispense.get("quantity"), substance)
    intake.refills = int(refills) if refills is not None and 0 < refills < 100 else 0
    intake.valid_until = until.earliest if until else None
    return _with_dose_of_supply(intake)


def _statement(resource: Json, substance: Substance, as_of: date) -> Intake | None:
    phases = phases_of(read_dosages(resource.get("dosage")), product_of(substance))
    period = resource.get("effectivePeriod")
    asserted = parse_when(resource.get("dateAsserted"))
    begun = (
        parse_when(resource.get("effectiveDateTime"))
        or parse_when(child(period, "start"))
        or phases[0].start
    )
    ended = parse_when(child(period, "end"))
    intake = _intake("statement", resource, substance, "stated", phases, begun or asserted, as_of)
    if intake is None:
        return None
    intake.stated_end = ended.earliest if ended else _stated_end(phases, intake.start)
    if asserted is not None and asserted.earliest <= as_of:
        intake.asserted = min(asserted.latest, as_of)
    return intake


def _dispense(resource: Json, substance: Substance, as_of: date) -> Intake | None:
    phases = phases_of(read_dosages(resource.get("dosageInstruction")), product_of(substance))
    handed = parse_when(resource.get("whenHandedOver")) or parse_when(resource.get("whenPrepared"))
    intake = _intake("dispense", resource, substance, "dispensed", phases, handed, as_of)
    if intake is None:
        return None
    _supplied(intake, resource.get("daysSupply"))
    intake.quantity = _handed_out(resource.get("quantity"), substance)
    return _with_dose_of_supply(intake)


def _administration(resource: Json, substance: Substance, as_of: date) -> Intake | None:
    period = resource.get("effectivePeriod")
    given = parse_when(resource.get("effectiveDateTime")) or parse_when(child(period, "start"))
    ended = parse_when(child(period, "end"))
    phase = _given(resource, substance)
    intake = _intake("administration", resource, substance, "administered", (phase,), given, as_of)
    if intake is None or intake.start is None:
        return intake
    last = max(ended.earliest, intake.start) if ended else intake.start
    intake.stated_end = after(last, 1)
    if intake.stated_end > after(intake.start, 1):
        intake.phases = (Phase(notes=phase.notes),)  # given over days: how much a day is not said
    return intake


_READERS = {
    "request": _request,
    "statement": _statement,
    "dispense": _dispense,
    "administration": _administration,
}


def _intake(
    kind: Kind, resource: Json, substance: Substance, evidence: Evidence,
    phases: tuple[Phase, ...], begun: When | None, as_of: date,
) -> Intake | None:  # fmt: skip
    """An intake without its end; None when it lies after `as_of`."""
    if begun is not None and begun.earliest > as_of:
        return None
    notes = [*substance.notes, *(note for phase in phases for note in phase.notes)]
    if begun is not None and begun.precision in ("year", "month"):
        notes.append(_INEXACT)
    return Intake(
        kind=kind,
        ref=reference_of(resource),
        status=status_code(resource.get("status")) or "unknown",
        substance=substance,
        evidence=evidence,
        phases=phases,
        start=min(begun.latest, as_of) if begun is not None else None,
        sources=(reference_of(resource),),
        notes=tuple(dict.fromkeys(notes)),
        unread=tuple(_unread(resource, phases)) if any(p.unread for p in phases) else (),
    )


def _unread(resource: Json, phases: Sequence[Phase]) -> Iterator[UnreadInstruction]:
    """The instructions that were not understood, each with what stopped it."""
    notes = "; ".join(dict.fromkeys(note for phase in phases for note in phase.notes))
    for read in read_dosages(dosages_of(resource)):
        words = read.words
        if words.complete and not notes:
            continue
        stopped = ", ".join(f'"{word}"' for word in words.unread)
        why = f"not understood: {stopped}" if stopped else words.problem or notes
        if read.text and why and not words.says_nothing:
            yield UnreadInstruction(reference_of(resource), read.text, why)


def _stated_end(phases: Sequence[Phase], start: date | None) -> date | None:
    """The written end: of the last phase, or the sum of their lengths."""
    last = phases[-1]
    if last.end is not None:
        return last.end.earliest
    if start is None or not all(phase.days for phase in phases):
        return None
    begin = last.start.latest if last.start is not None and len(phases) > 1 else start
    days = last.days if last.start is not None else sum(phase.days or 0 for phase in phases)
    return after(begin, days or 0)


def _supplied(intake: Intake, duration: object) -> None:
    """The days that a supply is meant for, where they can be meant."""
    days = days_of(duration)
    if days is None or days < 1:
        return
    if days > _LONGEST_SUPPLY:
        intake.notes += (_NO_SUCH_SUPPLY,)
    else:
        intake.supply_days = int(days)


def _handed_out(quantity: object, substance: Substance) -> Fraction | None:
    """Product units of a dispensed quantity; None for bottles, boxes and what else has no size."""
    handed = read_dose(quantity, "", Problems())
    if handed is None:
        return None
    value = Fraction(handed.value)
    if handed.unit not in MASSES:
        return value
    try:
        return value * mg_per_unit(handed.unit, None) / mg_per_unit("1", substance.strength)
    except NotReadable:
        return None


def _with_dose_of_supply(intake: Intake) -> Intake:
    """Where no dose is written: what was handed out, over the days that it was meant for.

    Not where an instruction stands that was not understood: it may say something else.
    """
    phase, strength = intake.first, intake.substance.strength
    known = phase.low is not None or phase.up_to is not None
    if known or phase.unread or len(intake.phases) > 1 or hourly_rate(strength) is not None:
        return intake
    if not intake.supply_days or not intake.quantity:
        return intake
    if intake.supply_days == 1:
        return intake  # often a default of the system: 90 tablets for one day are no dose
    unit = "mL" if strength is not None and strength.unit.endswith("/mL") else "1"
    try:
        daily = intake.quantity * mg_per_unit(unit, strength) / intake.supply_days
    except NotReadable:
        return intake
    dose = Quantity(exact(daily), "mg/d")
    units = intake.quantity / intake.supply_days
    if phase.as_needed:
        phase = replace(phase, up_to=dose, units_per_day=units)
    else:
        phase = replace(phase, low=dose, high=dose, units_per_day=units)
        intake.notes += ("dose computed from the quantity handed out and the days it is for",)
    intake.phases = (phase,)
    return intake


def _given(resource: Json, substance: Substance) -> Phase:
    """One administration: the dose of that day."""
    problems = Problems()
    dose = read_dose(child(resource, "dosage", "dose"), "dose", problems)
    if dose is None:
        why = next((problem.what for problem in problems), "amount not written")
        return Phase(as_needed=False, notes=(f"dose unknown: {why}",))
    try:
        mg = Fraction(dose.value) * mg_of(dose.unit, product_of(substance))
    except NotReadable as error:
        return Phase(as_needed=False, notes=(f"dose unknown: {error}",))
    given = Quantity(exact(mg), "mg/d")
    return Phase(given, given, as_needed=False)


def _orders(resource: Json, fields: tuple[str, ...], record: PatientRecord) -> frozenset[str]:
    """The keys of the orders in some fields."""
    named = [resource.get(field) for field in fields]
    if not any(named):
        return frozenset()
    return record.keys_named(*named, kinds=("MedicationRequest",), container=resource)


def _reason_sets(resource: Json, record: PatientRecord, terminology: Terminology) -> frozenset[str]:
    concepts: list[object] = [*as_objects(resource.get("reasonCode"))]
    for reference in as_objects(resource.get("reasonReference")):
        found = record.resolve(reference, resource, ("Condition",))
        if found is not None and found.get("resourceType") == "Condition":
            concepts.append(found.get("code"))
    sets: frozenset[str] = frozenset()
    for concept in concepts:
        sets |= terminology.condition(concept).sets
    return sets
