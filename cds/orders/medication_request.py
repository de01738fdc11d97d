"""Reading a MedicationRequest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from cds.dates import parse_when
from cds.dosage.model import Stated
from cds.dosage.quantity import Problems
from cds.dosage.route import implied_route
from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir_json import as_object, as_objects, as_text
from cds.orders.dosage import OrderedDosage, in_steps, mixed_concentration, ordered
from cds.orders.elsewhere import adds_a_dose, bag_in, told_elsewhere
from cds.orders.model import Order
from cds.orders.product import OrderedProduct, read_product
from cds.orders.reasons import read_reasons
from cds.orders.setting import community_of, place_in, setting_of, specialty_of
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch
from cds.units import decimal, measures
from cds.wire import Json

_TAKEN_AWAY = frozenset({"oral", "sublingual", "buccal", "intranasal", "rectal"})


def read_medication_request(
    resource: Json, terminology: Terminology, record: PatientRecord | None
) -> Order:
    """One Order; further dosage instructions are in its `other_dosages`."""
    problems = Problems()
    product = read_product(resource, terminology, record, problems)
    reasons = read_reasons(resource, terminology, record)
    dosages = _dosages(resource, product, terminology, problems)
    notes = [as_text(note.get("text")) for note in as_objects(resource.get("note"))]
    base = Order(
        ref=reference_of(resource),
        resource_type="MedicationRequest",
        ingredients=tuple(i.name for i in product.match.ingredients) if product.match else (),
        classes=product.match.classes if product.match else frozenset(),
        flags=product.match.flags if product.match else frozenset(),
        display=product.display,
        status=as_text(resource.get("status")) or None,
        intent=as_text(resource.get("intent")) or None,
        authored=_day(resource.get("authoredOn")),
        product_concentration=product.concentration,
        product_strength=product.strength,
        pack_quantity=product.match.pack_quantity if product.match else None,
        salt=product.salt,
        co_ingredients=product.co_ingredients,
        reason_sets=reasons.sets,
        reason_text=reasons.text,
        priority=as_text(resource.get("priority")) or None,
        specialty=specialty_of(resource, record),
    )
    orders = [
        _with_dosage(base, resource, record, product, dosage, notes)
        for dosage in dosages or [OrderedDosage()]
    ]
    first = orders[0]
    drug = _drug(product.match, first.route)
    return replace(
        first,
        drug=drug,
        other_dosages=tuple(replace(o, drug=drug) for o in orders[1:] if _says_something(o)),
        problems=problems.told(),
    )


def _dosages(
    resource: Json, product: OrderedProduct, terminology: Terminology, problems: Problems
) -> list[OrderedDosage]:
    """The dosages in their order, completed by what the name and the notes say of the dose."""
    nodes = as_objects(resource.get("dosageInstruction"))
    turns = sorted(enumerate(nodes), key=lambda item: _sequence(item[1], item[0]))
    steps = [(f"dosageInstruction[{i}]", step) for i, node in turns for step in in_steps(node)]
    dosages = [ordered(step, path, problems) for path, step in steps]
    given = [q for d in dosages for q in (d.dose, d.rate, d.dose_per_kg) if q is not None]
    for told in told_elsewhere(resource, product.names, terminology):
        if not given:  # it stands only there: the instruction as a whole
            path, step = steps[0] if steps else (told.path, {})
            text = "; ".join(t for t in (as_text(step.get("text")), told.text) if t)
            return [ordered({**step, "text": text}, path, problems), *dosages[1:]]
        if adds_a_dose(told, given):
            problems.add(told.path, "names another dose than the instruction")
            dosages.append(ordered({"text": told.text}, told.path, problems))
    return dosages


def _drug(match: DrugMatch | None, route: str | None) -> Literal["ketamine", "esketamine"] | None:
    """Whether this orders ketamine treatment, and not a cream."""
    if match is None:
        return None
    if route == "topical" or match.route == "topical":
        return None
    if "esketamine" in match.names:
        return "esketamine"
    return "ketamine" if "ketamine" in match.names else None


def _with_dosage(
    base: Order,
    resource: Json,
    record: PatientRecord | None,
    product: OrderedProduct,
    dosage: OrderedDosage,
    notes: list[str],
) -> Order:
    text = "; ".join(t for t in (dosage.text, *notes) if t)
    written = dosage.stated
    match = product.match
    route = dosage.route or (implied_route(match.route) if match else None)
    bag_named = Stated() if written.volume else bag_in(product.names)
    volume = dosage.volume or written.volume or product.volume or bag_named.volume
    dose = dosage.dose
    bag = dose
    if written.volume and dosage.rate and dose and measures(dose.unit, "mg"):
        dose = None  # `500 mg in 500 mL at 25 mL/h`: the bag's content, not the dose
    diluent = written.diluent or product.diluent or bag_named.diluent
    concentration = written.concentration or product.mixed
    if concentration is None and bag_named.doses:
        concentration = mixed_concentration(bag_named.doses[0], bag_named.volume)
    if concentration is None and diluent and written.volume:
        concentration = mixed_concentration(bag, written.volume)
    elif concentration is not None and concentration == base.product_concentration:
        concentration = None  # the vial's own strength, repeated in the text
    setting = setting_of(resource, record) or place_in(text)
    return replace(
        base,
        route=route,
        method=dosage.method,
        dose=dose,
        dose_high=dosage.dose_high if dose else None,
        dose_per_kg=dosage.dose_per_kg,
        rate=dosage.rate,
        rate_high=dosage.rate_high,
        duration_min=dosage.duration_min,
        duration_unread=dosage.duration_unread,
        concentration=concentration,
        volume=volume,
        diluent=diluent,
        as_needed=dosage.as_needed,
        max_dose_per_administration=dosage.max_per_administration,
        max_dose_per_period=dosage.max_per_period,
        max_dose_per_lifetime=dosage.max_per_lifetime,
        setting="home" if written.home and setting in (None, "outpatient") else setting,
        community=_community(resource, route, written.home, base),
        continuous=written.continuous,
        text=text,
        test_dose=written.test_dose,
        pca=written.pca,
        **_course(dosage, resource),
    )


def _course(dosage: OrderedDosage, resource: Json) -> dict[str, Any]:
    """Frequency and length, from the fields, else from the text."""
    schedule, written = dosage.schedule, dosage.stated
    per_day = schedule.per_day if schedule.per_day is not None else written.per_day
    single = schedule.single or written.single
    validity = as_object(as_object(resource.get("dispenseRequest")).get("validityPeriod"))
    return {
        "sessions_per_week": None if per_day is None or single else decimal(per_day * 7),
        "interval_days": None if per_day is None or single else decimal(1 / per_day),
        "sessions": schedule.sessions or written.sessions,
        "single": single,
        "course_start": schedule.start or _day(validity.get("start")),
        "course_end": schedule.end or _day(validity.get("end")),
        "course_weeks": _first(schedule.weeks, written.weeks),
    }


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)


def _community(resource: Json, route: str | None, home: bool, base: Order) -> bool | None:
    """Dispensed to take away: the category says so, or the text, or a supply for a route that
    patients take at home. Esketamine is dispensed to the clinic, so its supply says nothing."""
    stated = community_of(resource)
    if home or stated is not None:
        return True if home else stated
    supplied = as_object(resource.get("dispenseRequest"))
    dispensed = bool(supplied.get("quantity") or supplied.get("numberOfRepeatsAllowed"))
    if dispensed and route in _TAKEN_AWAY and "esketamine" not in base.ingredients:
        return True
    return None


def _sequence(node: Json, position: int) -> tuple[int, int]:
    sequence = node.get("sequence")
    return (sequence if isinstance(sequence, int) else position + 1, position)


def _says_something(order: Order) -> bool:
    return bool(order.dose or order.rate or order.volume)


def _day(text: object) -> date | None:
    when = parse_when(text)
    return when.day if when else None
