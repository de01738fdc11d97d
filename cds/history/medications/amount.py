"""The amount of one administration, as fields and words give it and as the product weighs it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from cds.dosage.dose_units import MASSES
from cds.dosage.fields import AS_NEEDED
from cds.dosage.model import BESIDE_A_NAME, Amount, FieldAmount, Fields, Span, Take
from cds.history.medications.bare_number import MAX_BARE_COUNT
from cds.history.medications.strength import (
    NotKnown,
    NotReadable,
    Product,
    hourly_rate,
    mg_of,
    mg_per_unit,
)
from cds.units import Quantity

MAX_COUNT = 40
"""tablets or the like at once; more is an error of entry"""
_OTHER_STRENGTH = "text names another strength than the product's"
_ROUNDED = Fraction(1, 100)
_BELIEVED = ("ordered", "calculated", "other")
"""doseAndRate types in the order in which they are believed"""


def field_amount(fields: Fields, product: Product) -> Amount | None:
    """The dose of the fields; the same dose said in several ways must agree.

    What can't be used for this product (a dose by body weight) gives way to what can: an ordered
    1.5 mg/kg to the calculated 105 mg. Raises NotReadable.
    """
    if any(problem.path == AS_NEEDED for problem in fields.problems):
        raise NotReadable("whether it is taken as needed could not be read")
    told: list[tuple[int, Amount]] = []
    unusable: NotReadable | None = None
    for dose in fields.doses:
        try:
            told.append((_BELIEVED.index(dose.kind), _usable(dose, product)))
        except NotReadable as error:
            unusable = unusable or error
    if not told:
        if unusable is not None:
            raise unusable
        problem = next((p.what for p in fields.problems if _of_a_dose(p.path)), None)
        if problem is not None:
            raise NotReadable(problem)
        return None
    best = min(rank for rank, _ in told)
    given = [amount for rank, amount in told if rank == best]
    if len(set(given)) > 1 and len({_weighed(amount, product) for amount in given}) > 1:
        raise NotReadable("several doses are written that differ")
    return max(given, key=lambda a: (a.unit not in MASSES, a.unit, a.span.low))


def _of_a_dose(path: str) -> bool:
    return any(part.startswith(("doseQ", "doseS", "doseRange")) for part in path.split("."))


def _usable(dose: FieldAmount, product: Product) -> Amount:
    low, high = dose.low, dose.high
    if dose.is_range and (low is None or high is None):
        raise NotReadable("range without both ends")
    assert low is not None
    high = high or low
    span, unit = Span(Fraction(low.value), Fraction(high.value)), low.unit or "1"
    if "/" in unit:
        raise NotReadable("dose by body weight")
    if unit not in MASSES and unit != "mL" and span.high > MAX_COUNT:
        raise NotReadable("amount makes no sense")
    return Amount(span, unit)


def _weighed(amount: Amount, product: Product) -> object:
    try:
        mg = mg_of(amount.unit, product)
    except NotReadable:
        return amount
    return (amount.span.low * mg, amount.span.high * mg)


def take_amount(take: Take, product: Product) -> Amount | None:
    """The amount of a written take; a mass beside a count must fit the product.

    Raises NotReadable where it names another strength than the product's.
    """
    if take.amount is not None and take.amount.unit == BESIDE_A_NAME:
        return _beside_a_name(take.amount.span, product)
    rate = hourly_rate(product.strength)
    if rate is not None and take.amount is not None:
        return _by_rate(take.amount, take, rate)
    if take.amount is None or take.mass is None:
        return take.amount
    count, mass = take.amount.span, _milligrams(take.mass)
    try:
        unit = mg_per_unit(take.amount.unit, product.strength)
    except NotReadable:
        return _by_mass(take, count, mass)
    each = take.mass_is_total is False and mass == Span(unit, unit)
    total = take.mass_is_total is not False and _same_total(count, mass, unit)
    if each or total:
        return take.amount
    raise NotReadable(_OTHER_STRENGTH)


def _beside_a_name(number: Span, product: Product) -> Amount:
    """`quetiapine 25 at night`, `sertraline 2 daily`: milligrams or tablets, by what the product
    allows. Raises NotReadable where it allows both."""
    rate = hourly_rate(product.strength)
    if rate is not None:
        return Amount(number, "ug/h")  # "fentanyl 25 every 72 hours"
    try:
        unit = mg_per_unit("1", product.strength)
    except NotKnown:
        unit = None
    ends = (number.low, number.high)
    mass = all(n > MAX_BARE_COUNT if unit is None else _cut(n / unit) for n in ends)
    count = number.high <= MAX_BARE_COUNT and all((n * 2).denominator == 1 for n in ends)
    if mass == count and unit != 1:
        raise NotReadable("a number that may be tablets or milligrams")
    return Amount(number, "mg" if mass else "1")


def _cut(tablets: Fraction) -> bool:
    """Whether so many can be taken: whole ones, halves or quarters."""
    return (tablets * 4).denominator == 1 and tablets <= MAX_COUNT


def _by_rate(amount: Amount, take: Take, rate: Fraction) -> Amount:
    """Patches, or the rate that they give together: `fentanyl 50 mcg/h` of 25 mcg/h."""
    mass = take.mass
    if mass is None or mass.unit != "ug/h":
        return whole_patches(amount, rate)
    told = amount.span * mass.span if take.mass_is_total is False else mass.span
    same = told in (amount.span * Span(rate, rate), Span(rate, rate))
    return amount if same else whole_patches(Amount(told, mass.unit), rate)


def whole_patches(amount: Amount, rate: Fraction) -> Amount:
    """The amount, where a rate is that of one patch or more. Raises NotReadable."""
    ends = (amount.span.low, amount.span.high)
    if amount.unit == "ug/h" and any((end / rate).denominator != 1 for end in ends):
        raise NotReadable(_OTHER_STRENGTH)
    return amount


def _same_total(count: Span, mass: Span, unit: Fraction) -> bool:
    low, high = count.low * unit, count.high * unit
    if mass.low != mass.high:
        return _about(mass.low, low) and _about(mass.high, high)
    return low <= mass.low <= high or _about(mass.low, low) or _about(mass.low, high)


def _about(said: Fraction, meant: Fraction) -> bool:
    """Equal but for rounding: 15 mL of 667 mg/mL are printed as 10 g."""
    return abs(said - meant) <= _ROUNDED * meant


def _by_mass(take: Take, count: Span, mass: Span) -> Amount:
    """The mass that is written, where the product's own is not known."""
    drops = take.amount is not None and take.amount.unit == "{drop}"
    if take.mass_is_total is True or count.high == 1 or (drops and take.mass_is_total is None):
        return Amount(mass, "mg")
    if take.mass_is_total is False:
        return Amount(count * mass, "mg")
    raise NotKnown("strength of the product is not known")


def _milligrams(mass: Amount) -> Span:
    factor = mg_per_unit(mass.unit, None)
    return Span(mass.span.low * factor, mass.span.high * factor)


def lower(quantities: Iterable[Quantity | None]) -> Quantity | None:
    """The smallest of those that are known."""
    return min((q for q in quantities if q), key=lambda q: q.value, default=None)
