"""The amount of one administration, as a dosage writes it and as the product weighs it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from cds.fhir_json import as_objects, child
from cds.history.amounts import MASSES, NotReadable, hourly_rate, mg_per_unit, unit_of, value_of
from cds.history.sig import MAX_COUNT, Sig, Span
from cds.units import Quantity
from cds.wire import Json

_RATE_TYPES = ("ordered", "calculated")
"""doseAndRate types in the order in which they are believed"""


@dataclass(frozen=True, slots=True)
class Product:
    """What the dose of one ingredient depends on."""

    strength: Quantity | None = None
    """per unit of the product's form"""
    rate_kept: bool = False
    """a transdermal opioid: its dose stays a rate"""
    combination: bool = False
    may_assume_one: bool = False
    """one unit per administration may be assumed where only the amount is missing"""


def mg_of(unit: str, product: Product) -> Span:
    """Milligrams of the ingredient in one unit. Raises NotReadable."""
    if product.combination and unit in MASSES:
        raise NotReadable("mass of a combination product")
    mg = mg_per_unit(unit, product.strength)
    return Span(mg, mg)


def coded_amount(dosage: Json, product: Product) -> tuple[Span, str] | None:
    """Amount and unit of doseAndRate; the same dose said in several ways must agree."""
    told: list[tuple[int, Span, str]] = []
    problem: NotReadable | None = None
    for part in as_objects(dosage.get("doseAndRate")):
        if not (part.get("doseQuantity") or part.get("doseRange")):
            continue
        kinds = {c.get("code") for c in as_objects(child(part.get("type"), "coding"))}
        rank = min((i for i, kind in enumerate(_RATE_TYPES) if kind in kinds), default=9)
        try:
            told.append((rank, *_amount(part)))
        except NotReadable as error:
            problem = problem or error
    if not told:
        if problem is not None:
            raise problem
        return None
    best = min(rank for rank, _, _ in told)
    given = [(amount, unit) for rank, amount, unit in told if rank == best]
    masses = set()
    for amount, unit in given:
        try:
            masses.add(amount * mg_of(unit, product))
        except NotReadable:
            masses.add(amount)
    if len(set(given)) > 1 and len(masses) > 1:
        raise NotReadable("several doses are written that differ")
    return max(given, key=lambda g: (g[1] not in MASSES, g[1], g[0].low))


def _amount(part: Json) -> tuple[Span, str]:
    dose = part.get("doseQuantity")
    if isinstance(dose, dict):
        value, unit = value_of(dose), unit_of(dose)
        span = Span(value, value)
    else:
        low, high = child(part, "doseRange", "low"), child(part, "doseRange", "high")
        if not isinstance(low, dict) or not isinstance(high, dict):
            raise NotReadable("range without both ends")
        span, unit = Span(value_of(low), value_of(high)), unit_of(low)
        if unit != unit_of(high) or span.low > span.high:
            raise NotReadable("ends of the range do not fit")
    if unit not in MASSES and unit not in ("mL", "ug/h") and span.high > MAX_COUNT:
        raise NotReadable("amount makes no sense")
    return span, unit


def written_amount(sig: Sig, product: Product) -> tuple[Span, str]:
    """Amount and unit of a text; a mass beside the count must fit the product."""
    assert sig.amount is not None
    assert sig.unit is not None
    if sig.mass is None or hourly_rate(product.strength) is not None:
        return sig.amount, sig.unit
    mass = Fraction(sig.mass[0]) * mg_per_unit(sig.mass[1], None)
    try:
        unit_mg = mg_per_unit(sig.unit, product.strength)
    except NotReadable:
        if sig.amount.high == 1 or sig.mass_is_total:
            return Span(mass, mass), "mg"
        raise
    per_unit = mass == unit_mg and not sig.mass_is_total
    if per_unit or unit_mg * sig.amount.low <= mass <= unit_mg * sig.amount.high:
        return sig.amount, sig.unit
    raise NotReadable("text names another strength than the product's")
