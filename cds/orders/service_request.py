"""Reading a ServiceRequest: an infusion ordered as a procedure, or another service."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec.structs import replace

from cds.chart.medication.taken import withdraw
from cds.chart.places import place_in
from cds.chart.service_draft import ServiceDraft, ServiceName
from cds.dates import When
from cds.dosage.model import Route, Stated
from cds.dosage.quantity import Problems
from cds.dosage.words import order_steps, stated_in
from cds.limits import UNREADABLE
from cds.orders.dosage import contradictions, mixed_concentration
from cds.orders.elsewhere import affirmed, ordered_part, with_paths
from cds.orders.mixed_with import mixed_with
from cds.orders.model import NO_DOUBTS, DrugDoubts, Order
from cds.orders.schedule import schedule_of, with_words
from cds.orders.setting import community_of, setting_of, specialty_of, units_of
from cds.orders.told_drug import told_in
from cds.terminology.lookup import Terminology
from cds.terminology.model import Said
from cds.units import Quantity, decimal, measures


def read_service_request(
    entry: ServiceDraft, terminology: Terminology, as_of: date | None = None
) -> Order:
    """One Order. The dose is read from quantity, then from orderDetail, code text and notes."""
    problems = Problems()
    names, details, procedures = entry.name.names, entry.name.details, entry.name.procedures
    named = with_told_drug(entry.name, terminology)
    drug, asked = drug_of_service(named), entry.draft
    text = "; ".join(dict.fromkeys(t for t in (*names, *details, *entry.notes) if t))
    year = entry.authored.day.year if entry.authored else None
    told = (
        ordered_part(path, affirmed(note, terminology, year=year), problems)
        for path, note in with_paths(entry.notes)
    )
    said = "; ".join(dict.fromkeys(t for t in (*names, *details, *told) if t)) if drug else ""
    written = stated_in(said) if drug else Stated()
    for problem in (*entry.problems, *entry.reasons.problems):
        problems.add(problem.path, problem.what)
    dose, dose_high, timing = entry.amount, entry.amount_high, entry.timing
    schedule = with_words(schedule_of(timing), written, "occurrenceTiming", problems)
    per_day = schedule.per_day if schedule.per_day is not None else written.per_day
    order = Order(
        ref=entry.ref,
        resource_type="ServiceRequest",
        ingredients=(drug,) if drug else (),
        procedure_sets=procedures,
        test_sets=entry.name.tests,
        service_codes=entry.codes,
        drug=drug,
        drug_unread=is_service_unread(named),
        drug_doubts=_with_mixed(_doubts(named, drug), named, terminology) if drug else NO_DOUBTS,
        display=names[0] if names else "",
        status=entry.status,
        intent=entry.intent,
        authored=_day(entry.authored),
        sessions_per_week=decimal(per_day * 7) if per_day else None,
        interval_days=decimal(1 / per_day) if per_day else None,
        sessions=schedule.sessions or entry.count or written.sessions,
        single=schedule.single or written.single,
        course_start=schedule.start or _day(entry.begins),
        course_end=schedule.end or _day(entry.ends),
        course_weeks=schedule.weeks or written.weeks,
        duration_min=timing.duration_min or written.duration_min,
        duration_unread=timing.duration_unread and written.duration_min is None,
        reason_sets=entry.reasons.sets,
        reason_codes=entry.reasons.codes,
        reason_titled=entry.reasons.titled,
        reason_text=entry.reasons.text,
        units=units_of(asked, as_of),
        panel=" ; ".join(filter(None, asked.panel)),
        setting=setting_of(asked, as_of) or place_in(text),
        community=community_of(asked) or (True if written.home else None),
        text=text,
        priority=asked.priority,
        specialty=specialty_of(asked),
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
    said = stated_in(text)
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


def with_told_drug(name: ServiceName, terminology: Terminology) -> ServiceName:
    """With the ketamine that only its notes name."""
    if drug_of_service(name) is not None:
        return name
    told = told_in(name.words, terminology)
    return replace(name, drugs=(*name.drugs, replace(told, told=True))) if told else name


def drug_of_service(name: ServiceName) -> Literal["ketamine", "esketamine"] | None:
    """The drug that a service is about: named in its code or details, or by its procedure code."""
    named = frozenset().union(*(drug.names for drug in name.drugs))
    if "esketamine_administration" in name.procedures or "esketamine" in named:
        return "esketamine"
    return "ketamine" if "ketamine" in named else None


def is_service_unread(name: ServiceName) -> bool:
    """Whether it may be for any drug, since what it is called is too long to be read."""
    told = bool(name.drugs or name.procedures or name.tests)
    return not told and UNREADABLE in (*name.names, *name.details)


def _doubts(name: ServiceName, drug: str | None) -> DrugDoubts:
    ours = [match for match in name.drugs if drug in match.names]
    beside = tuple(dict.fromkeys(other for match in ours for other in match.beside))
    if drug is not None and withdraw((*name.details, *name.words)):
        return DrugDoubts(against=True, beside=beside)
    if not ours or not all(match.taken_for or match.doubt or match.told for match in ours):
        return DrugDoubts(beside=beside)  # one name of it is plain
    return DrugDoubts(
        taken_for=ours[0].taken_for,
        against=ours[0].doubt not in (None, Said.DOUBTFUL),
        asked=ours[0].doubt is Said.DOUBTFUL,
        beside=beside,
        told=ours[0].told,
    )


def _with_mixed(doubts: DrugDoubts, name: ServiceName, terminology: Terminology) -> DrugDoubts:
    mixed = mixed_with((*name.details, *name.words), terminology)
    return (
        replace(doubts, beside=tuple(dict.fromkeys((*doubts.beside, *mixed)))) if mixed else doubts
    )


def _only(quantities: tuple[Quantity, ...]) -> Quantity | None:
    return quantities[0] if len(set(quantities)) == 1 else None


def _day(when: When | None) -> date | None:
    return when.day if when else None
