"""Reading a ServiceRequest: an infusion ordered as a procedure, or another service."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Literal

from cds.chart.reasons import read_reasons
from cds.dates import parse_when
from cds.dosage.model import Route, Stated
from cds.dosage.quantity import Problems, read_quantity, read_range
from cds.dosage.timing import read_timing
from cds.dosage.words import order_steps, read_words
from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir_json import as_number, as_object, as_objects, as_text, concept_texts
from cds.orders.dosage import contradictions, mixed_concentration
from cds.orders.elsewhere import notes_of, ordered_part
from cds.orders.instructions import year_of
from cds.orders.model import Order
from cds.orders.schedule import schedule_of, with_words
from cds.orders.setting import community_of, place_in, setting_of, specialty_of
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.terminology.text.certainty import ORDERS, affirms
from cds.units import Quantity, decimal, measures
from cds.wire import Json

_ESKETAMINE = re.compile(r"(?i)\b(esketamine|s-ketamine|spravato)\b")
_KETAMINE = re.compile(r"(?i)\b(ketamine|ketalar)\b")


def read_service_request(
    resource: Json, terminology: Terminology, record: PatientRecord | None
) -> Order:
    """One Order. The dose is read from quantity, then from orderDetail, code text and notes."""
    problems = Problems()
    concept = resource.get("code")
    names = list(concept_texts(concept))
    details = [
        text for node in as_objects(resource.get("orderDetail")) for text in concept_texts(node)
    ]
    notes = [as_text(note.get("text")) for note in as_objects(resource.get("note"))]
    procedures = terminology.procedure(concept).sets
    drug = _drug([*names, *details], procedures)
    text = "; ".join(dict.fromkeys(t for t in (*names, *details, *notes) if t))
    year = year_of(resource)
    told = (
        ordered_part(path, t, terminology, problems, year=year) for path, t in notes_of(resource)
    )
    said = "; ".join(dict.fromkeys(t for t in (*names, *details, *told) if t)) if drug else ""
    written = read_words(said).stated if drug else Stated()
    dose, dose_high, sessions = _quantity(resource, problems)
    timing = read_timing(resource.get("occurrenceTiming"), "occurrenceTiming", problems)
    schedule = with_words(schedule_of(timing), written, "occurrenceTiming", problems)
    reasons = read_reasons(resource, terminology, record or PatientRecord())
    per_day = schedule.per_day if schedule.per_day is not None else written.per_day
    order = Order(
        ref=reference_of(resource),
        resource_type="ServiceRequest",
        ingredients=(drug,) if drug else (),
        procedure_sets=procedures,
        test_sets=terminology.observation(concept).sets,
        service_codes=frozenset(f"{system}|{code}" for system, code in codings(concept) if system),
        drug=drug,
        display=names[0] if names else "",
        status=as_text(resource.get("status")) or None,
        intent=as_text(resource.get("intent")) or None,
        authored=_day(resource.get("authoredOn")),
        sessions_per_week=decimal(per_day * 7) if per_day else None,
        interval_days=decimal(1 / per_day) if per_day else None,
        sessions=schedule.sessions or sessions or written.sessions,
        single=schedule.single or written.single,
        course_start=schedule.start
        or _day(as_object(resource.get("occurrencePeriod")).get("start")),
        course_end=schedule.end or _day(as_object(resource.get("occurrencePeriod")).get("end")),
        course_weeks=schedule.weeks or written.weeks,
        duration_min=timing.duration_min or written.duration_min,
        duration_unread=timing.duration_unread and written.duration_min is None,
        reason_sets=reasons.sets,
        reason_text=reasons.text,
        setting=setting_of(resource, record) or place_in(text),
        community=community_of(resource) or (True if written.home else None),
        text=text,
        priority=as_text(resource.get("priority")) or None,
        specialty=specialty_of(resource, record),
    )
    if drug is None:
        return replace(order, problems=problems.told())
    order = replace(order, dose=dose, dose_high=dose_high)
    steps = order_steps(said) if dose is None else (said,)
    if len(steps) == 1:
        return _with_text(order, written, procedures, problems)
    route = written.routes[0] if len(written.routes) == 1 else None
    first, *later = (_step(order, step, procedures, problems, route) for step in steps)
    return replace(first, other_dosages=tuple(later), problems=problems.told())


def _step(
    order: Order, text: str, procedures: frozenset[str], problems: Problems, route: Route | None
) -> Order:
    """One of several: a bolus, or the infusion that follows it."""
    said = read_words(text).stated
    timed = replace(order, duration_min=said.duration_min)
    read = _with_text(timed, said, procedures, problems)
    return replace(read, route=read.route or route)


def _with_text(
    order: Order, written: Stated, procedures: frozenset[str], problems: Problems
) -> Order:
    unclear = list(contradictions(written))
    for what in unclear:
        problems.add("orderDetail", what)
    dose, rate, drawn = order.dose, _only(written.rates), None
    if not unclear:
        said = [
            q for unit in ("mg", "mg/kg", "mL") for q in written.doses if measures(q.unit, unit)
        ]
        other = [q for q in written.doses if q not in said]
        candidates = [*said, *other]
        if dose is None and candidates:
            dose = candidates[0]
        elif dose is not None:
            same = [q for q in candidates if measures(q.unit, dose.unit)]
            if same and all(q.to(dose.unit).value != dose.value for q in same):
                problems.add("quantity", f"the fields say {dose}, the text says {same[0]}")
        drawn = next((q for q in said if q is not dose and measures(q.unit, "mL")), None)
    route = written.routes[0] if len(written.routes) == 1 else None
    if route is None and order.drug == "esketamine" and "esketamine_administration" in procedures:
        route = "intranasal"
    return replace(
        order,
        dose=dose,
        dose_high=order.dose_high or written.high,
        rate=rate,
        rate_high=written.rate_high,
        route=route,
        method=written.method,
        volume=drawn or written.volume,
        diluent=written.diluent,
        concentration=written.concentration
        or (mixed_concentration(dose, written.volume) if written.diluent else None),
        continuous=written.continuous,
        test_dose=written.test_dose,
        pca=written.pca,
        problems=problems.told(),
    )


def _drug(names: list[str], procedures: frozenset[str]) -> Literal["ketamine", "esketamine"] | None:
    """The drug that a service is about: named in its code or details, or by its procedure code."""
    text = "; ".join(names)
    if "esketamine_administration" in procedures or affirms(_ESKETAMINE, text, ORDERS):
        return "esketamine"
    return "ketamine" if affirms(_KETAMINE, text, ORDERS) else None


def _only(quantities: tuple[Quantity, ...]) -> Quantity | None:
    return quantities[0] if len(set(quantities)) == 1 else None


def _quantity(
    resource: Json, problems: Problems
) -> tuple[Quantity | None, Quantity | None, int | None]:
    """(dose, upper dose, number of sessions): a bare count is the number of infusions."""
    if resource.get("quantityRange"):
        low, high = read_range(resource["quantityRange"], "quantityRange", problems)
        return low or high, high if low else None, None
    node = as_object(resource.get("quantityQuantity"))
    value = as_number(node.get("value"))
    unit = as_text(node.get("code")) or as_text(node.get("unit"))
    counts = unit in ("", "1", "{count}", "{session}", "{infusion}", "sessions", "infusions")
    if node and counts:
        return None, None, int(value) if value is not None and value > 0 else None
    return read_quantity(node, "quantityQuantity", problems), None, None


def _day(text: object) -> date | None:
    when = parse_when(text)
    return when.day if when else None
