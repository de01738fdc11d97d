"""Reading a MedicationRequest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from msgspec.structs import replace

from cds.chart.asked import Asked
from cds.chart.medication.entry import Medication, Times
from cds.chart.places import place_in
from cds.dates import When
from cds.dosage.model import Route
from cds.dosage.quantity import Problems
from cds.dosage.route import implied_route
from cds.orders.dosage import OrderedDosage
from cds.orders.elsewhere import NAME, is_for_home, is_product, route_in
from cds.orders.instructions import concurrent, dosages_of
from cds.orders.mixed_with import mixed_with
from cds.orders.mixture import Mixture, mixture_of
from cds.orders.model import Order
from cds.orders.nameless import is_unread
from cds.orders.product import OrderedProduct, read_product
from cds.orders.setting import community_of, setting_of, specialty_of, units_of
from cds.orders.told_drug import told_drug
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch
from cds.units import decimal

_LOCAL = ("topical", "ophthalmic")
_TAKEN_AWAY = frozenset({"oral", "sublingual", "buccal", "intranasal", "rectal"})


def read_medication_request(
    entry: Medication, terminology: Terminology, as_of: date | None = None
) -> Order:
    """One Order; further dosage instructions are in its `other_dosages`."""
    problems = Problems()
    asked = entry.draft or Asked()
    for problem in entry.reasons.problems:
        problems.add(problem.path, problem.what)
    told = told_drug(entry.product, _instructions(entry), entry.notes, terminology)
    product = read_product(entry.product, problems, told)
    dosages, readings = dosages_of(entry, product, terminology, problems)
    base = Order(
        ref=entry.ref,
        resource_type="MedicationRequest",
        ingredients=tuple(i.name for i in product.match.ingredients) if product.match else (),
        classes=product.match.classes if product.match else frozenset(),
        flags=product.match.flags if product.match else frozenset(),
        drug_unread=told is None
        and is_unread(entry.product, entry.dosages, entry.notes, terminology),
        display=product.display,
        status=entry.status,
        intent=entry.intent,
        authored=_day(entry.times.authored),
        product_concentration=product.concentration,
        product_strength=product.strength,
        pack_quantity=product.match.pack_quantity if product.match else None,
        injected=product.match is not None and product.match.route == "injectable",
        salt=product.salt,
        co_ingredients=product.co_ingredients,
        reason_sets=entry.reasons.sets,
        reason_codes=entry.reasons.codes,
        reason_titled=entry.reasons.titled,
        reason_text=entry.reasons.text,
        units=units_of(asked, as_of),
        panel=" ; ".join(filter(None, asked.panel)),
        setting=setting_of(asked, as_of),
        priority=asked.priority,
        specialty=specialty_of(asked),
    )
    orders, others = (
        [_with_dosage(base, entry, asked, product, mixture_of(d, product, problems)) for d in group]
        for group in (dosages or [OrderedDosage()], readings)
    )
    if concurrent(entry.dosages):
        orders = _added_up(orders)
    orders += [*others, *_by_the_route_of_the_name(orders[0], product, problems)]
    first = orders[0]
    beside = mixed_with((*_instructions(entry), *entry.notes), terminology)
    doubts = replace(product.doubts, beside=_each_once((*product.doubts.beside, *beside)))
    drug = drug_of(product.match, first.route)
    if drug is not None and product.match is not None and product.match.route in _LOCAL:
        problems.add(NAME, f"is a form for the skin, the instruction says {first.route}")
    return replace(
        first,
        drug=drug,
        topical=topical_of(product.match) if drug is None else None,
        # a compounded cream is a mixture by its nature
        drug_doubts=doubts if drug is not None else replace(product.doubts, beside=()),
        other_dosages=tuple(replace(o, drug=drug) for o in orders[1:] if _says_something(o)),
        contradictory=any(dosage.contradictory for dosage in dosages),
        problems=problems.told(),
    )


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple({name.lower(): name for name in names}.values())


def _instructions(entry: Medication) -> Iterator[str]:
    for dosage in entry.dosages:
        yield from (dosage.own, dosage.patient)


def drug_of(match: DrugMatch | None, route: str | None) -> Literal["ketamine", "esketamine"] | None:
    """Whether this orders ketamine treatment, and not a cream."""
    if match is None or route == "topical" or _for_the_skin(match, route):
        return None
    return _named_in(match)


def topical_of(match: DrugMatch | None) -> Literal["ketamine", "esketamine"] | None:
    """Which ketamine is in what is no ketamine treatment."""
    return None if match is None else _named_in(match)


def _named_in(match: DrugMatch) -> Literal["ketamine", "esketamine"] | None:
    if "esketamine" in match.names:
        return "esketamine"
    return "ketamine" if "ketamine" in match.names else None


def _for_the_skin(match: DrugMatch, route: str | None) -> bool:
    """By its form, unless the order says that it is to be given by another way."""
    return match.route in _LOCAL and route in (None, "topical", "transdermal")


def _with_dosage(
    base: Order, entry: Medication, asked: Asked, product: OrderedProduct, mixture: Mixture
) -> Order:
    dosage = mixture.dosage
    text = "; ".join(t for t in (dosage.text, *entry.notes) if t)
    written, match = dosage.stated, product.match
    home = written.home or is_for_home(text)
    route = dosage.route or (implied_route(match.route) if match else None)
    if route is None and not dosage.contradictory:
        route = route_in(product.names) or _of_a_push(dosage)
    setting = base.setting or place_in(text)
    base = replace(base, route=route)
    return replace(
        base,
        method=dosage.method,
        dose=dosage.dose,
        dose_high=dosage.dose_high if dosage.dose else None,
        dose_per_kg=dosage.dose_per_kg,
        rate=dosage.rate,
        rate_high=dosage.rate_high,
        duration_min=dosage.duration_min,
        duration_told=dosage.duration_told,
        duration_unread=dosage.duration_unread,
        concentration=mixture.concentration,
        volume=mixture.volume,
        diluent=mixture.diluent,
        as_needed=dosage.as_needed,
        max_dose_per_administration=dosage.max_per_administration,
        max_dose_per_period=dosage.max_per_period,
        max_dose_per_lifetime=dosage.max_per_lifetime,
        setting="home" if home and setting in (None, "outpatient") else setting,
        community=_community(entry, asked, base, home=home),
        continuous=written.continuous,
        text=text,
        told_beside=dosage.beside,
        test_dose=written.test_dose,
        pca=written.pca,
        **_course(dosage, entry.times),
    )


def _of_a_push(dosage: OrderedDosage) -> Route | None:
    """A push or bolus without any route is one into a vein: so it must be judged."""
    pushed = dosage.method in ("push", "bolus") and not dosage.stated.pca
    return "intravenous" if pushed and dosage.dose is not None else None


def _added_up(orders: list[Order]) -> list[Order]:
    """Sessions of instructions that run beside each other; the parts of one session do not add."""
    ways = {(o.route, o.method, o.duration_min, o.rate is None) for o in orders}
    weekly = [o.sessions_per_week for o in orders if o.sessions_per_week is not None]
    if len(orders) < 2 or len(ways) > 1 or len(weekly) < len(orders):
        return orders
    counts = [o.sessions for o in orders if o.sessions is not None]
    total = sum(weekly, Decimal(0))
    first = replace(
        orders[0],
        sessions_per_week=total,
        interval_days=decimal(7 / Fraction(total)),
        sessions=sum(counts) if len(counts) == len(orders) else None,
    )
    return [first, *orders[1:]]


def _by_the_route_of_the_name(
    order: Order, product: OrderedProduct, problems: Problems
) -> list[Order]:
    """The order once more, by the route of `ketamine intrathecal`, where it says another."""
    named = route_in(name for name in product.names if not is_product(name))
    if named is None or order.route is None or named == order.route:
        return []
    if product.match is not None and implied_route(product.match.route) is not None:
        return []
    problems.add(NAME, f"names the {named} route, the instruction the {order.route} one")
    return [replace(order, route=named)]


def _course(dosage: OrderedDosage, times: Times) -> dict[str, Any]:
    """Frequency and length, from the fields, else from the text."""
    schedule, written = dosage.schedule, dosage.stated
    per_day = schedule.per_day if schedule.per_day is not None else written.per_day
    single = schedule.single or (written.single if (schedule.sessions or 1) == 1 else None)
    return {
        "sessions_per_week": None if per_day is None or single else decimal(per_day * 7),
        "interval_days": None if per_day is None or single else decimal(1 / per_day),
        "sessions": schedule.sessions or written.sessions,
        "single": single,
        "course_start": schedule.start or _day(times.valid_from),
        "course_end": schedule.end or _day(times.valid_until),
        "course_weeks": _first(schedule.weeks, written.weeks),
    }


def _first(*values: Decimal | None) -> Decimal | None:
    return next((value for value in values if value is not None), None)


def _community(entry: Medication, asked: Asked, order: Order, *, home: bool) -> bool | None:
    """Dispensed to take away: the category says so, or the text, or a supply for a route that
    patients take at home. Esketamine is dispensed to the clinic, so its supply says nothing."""
    stated = community_of(asked)
    if home or stated is not None:
        return True if home else stated
    taken_away = order.route in _TAKEN_AWAY and "esketamine" not in order.ingredients
    if entry.supply.written and taken_away:
        return True
    return None


def _says_something(order: Order) -> bool:
    return bool(order.dose or order.rate or order.volume)


def _day(when: When | None) -> date | None:
    return when.day if when else None
