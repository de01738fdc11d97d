"""Amount times frequency, as milligrams a day of a product, or as the rate of a patch."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from cds.dosage.dose_units import MASSES, is_rate
from cds.dosage.model import Amount, DosageRead, Span
from cds.history.medications.amount import MAX_COUNT
from cds.history.medications.phase import Phase
from cds.history.medications.strength import (
    ONE,
    WHOLE_UNITS,
    NotReadable,
    NotWritten,
    Product,
    exact,
    hourly_rate,
    mg_of,
    mg_per_unit,
)
from cds.units import Quantity, UnitError

MAX_MG_PER_DAY = 150_000
"""no drug is taken in more; beyond it is an error of entry"""
_MAX_MG_OF_A_NAME = 9_500
"""at once, of a drug whose product is not known: none that this service judges is taken in more;
what is taken in more, as lactulose, is measured out by its product"""
_COUNTED: tuple[tuple[str, Span], ...] = (
    ("1", Span(Fraction(1, 20), Fraction(MAX_COUNT))),
    ("mL", Span(Fraction(1, 100), Fraction(500))),
)
"""units, and how many of them may be given at once: a mass that is less or more of the product
was entered in another unit, as 10 g of a tablet of 10 mg"""
MAX_DAYS_PER_PATCH = 7
"""longer than any patch lasts: changed less often, it does not give its rate all the time"""

_MANY = 10
"""units at once, of which as many as one holds milligrams are an order of milligrams"""
_CHANGED_AT_MOST = Fraction(1, 2)
_DAYS_OF_A_PATCH = 3
_MAY_ADD_UP = "a patch for days is ordered daily: whether they are worn together is not told"


def daily_phase(amount: Amount, per_day: Span | None, product: Product) -> Phase:
    """Amount times frequency. Raises NotReadable."""
    if amount.unit == "ug/h":
        dose = _worn(amount.span, per_day, product)
        return replace(dose, units_per_day=per_day.high if per_day else None)
    if is_rate(amount.unit):
        raise NotReadable("an infusion rate is no daily dose")
    if per_day is None:
        raise NotWritten("frequency not written")
    if hourly_rate(product.strength) is not None:
        return _patch(amount, per_day, product)
    mg = mg_of(amount.unit, product)
    if amount.unit in MASSES:
        _check_against(product, amount.span, mg)
    elif amount.unit in WHOLE_UNITS and amount.span.low == mg >= _MANY:
        raise NotReadable("as many units as one of them holds mg: were mg meant?")
    daily = Span(amount.span.low * per_day.low * mg, amount.span.high * per_day.high * mg)
    low, high = _checked(daily)
    notes = ("a range is written: the lower dose counts",) if low != high else ()
    used = _used(amount.span * per_day, amount.unit, product)
    return Phase(low, high, units_per_day=used, notes=notes)


def _checked(daily: Span) -> tuple[Quantity, Quantity]:
    if daily.high > MAX_MG_PER_DAY:
        raise NotReadable("amount makes no sense")
    return Quantity(exact(daily.low), "mg/d"), Quantity(exact(daily.high), "mg/d")


def _check_against(product: Product, mass: Span, mg: Fraction) -> None:
    """Raises NotReadable for a mass that can't be of this product."""
    if product.strength is None and mass.high * mg > _MAX_MG_OF_A_NAME:
        raise NotReadable("amount makes no sense: were mg meant?")
    for unit, possible in _COUNTED:
        try:
            each = mg_per_unit(unit, product.strength)
        except NotReadable:
            continue
        if not possible.low * each <= mass.low * mg <= mass.high * mg <= possible.high * each:
            raise NotReadable("the amount is none of the product: was another unit meant?")


def _used(daily: Span, unit: str, product: Product) -> Fraction | None:
    """Product units used a day, for the length of a supply."""
    if unit not in MASSES:
        return daily.high
    for whole in ("1", "mL"):
        try:
            return daily.high * mg_per_unit(unit, None) / mg_per_unit(whole, product.strength)
        except NotReadable:
            continue
    return None


def _patch(amount: Amount, per_day: Span, product: Product) -> Phase:
    """Patches worn at a time, times their rate: how often they are changed adds nothing."""
    rate = hourly_rate(product.strength)
    assert rate is not None
    worn = amount.span
    if amount.unit in MASSES:  # "75 mcg" of a 75 mcg/h patch
        factor = mg_per_unit(amount.unit, None) * 1000 / rate
        if worn * Span(factor, factor) != ONE:
            raise NotReadable("unit of dose does not fit the product's strength")
        worn = ONE
    elif amount.unit not in ("{patch}", "1"):
        raise NotReadable("unit of dose does not fit the product's strength")
    if product.rate_kept and per_day.high > 1:
        raise NotReadable("a patch that is changed more than once a day")
    if per_day.low * MAX_DAYS_PER_PATCH < 1:
        raise NotReadable("a patch that is changed less than once a week")
    dose = _worn(worn * Span(rate, rate), per_day, product)
    return replace(dose, units_per_day=worn.high * per_day.high)


def _worn(rate: Span, per_day: Span | None, product: Product) -> Phase:
    """An opioid's patch lasts two days or more: of one that is ordered daily, those of three days
    may be meant to be worn together."""
    if not product.rate_kept or per_day is None or per_day.high <= _CHANGED_AT_MOST:
        return _rate_dose(rate, product)
    together = Span(rate.low, rate.high * _DAYS_OF_A_PATCH)
    return replace(_rate_dose(together, product), notes=(_MAY_ADD_UP,))


def _rate_dose(rate: Span, product: Product) -> Phase:
    """A rate in ug/h as the dose: kept for opioids, else per day in mg."""
    if product.rate_kept:
        return Phase(Quantity(exact(rate.low), "ug/h"), Quantity(exact(rate.high), "ug/h"))
    factor = Fraction(24, 1000)
    return Phase(*_checked(Span(rate.low * factor, rate.high * factor)))


def stated_rate(read: DosageRead, product: Product) -> Quantity | None:
    """A rate in place of a dose: `75 ug/h` of a patch, `6 mg` per day; no infusion rate."""
    for field in read.fields.rates:
        rate = field.low
        if rate is None or field.is_range:
            continue
        try:
            if product.rate_kept:
                return _of_patches(rate.to("ug/h"), product)
            return rate.to("mg/d") if _per_whole_day(rate) else None
        except UnitError:
            continue
    return None


def _of_patches(rate: Quantity, product: Product) -> Quantity:
    each = hourly_rate(product.strength)
    if each is not None and (Fraction(rate.value) / each).denominator != 1:
        raise NotReadable("the rate is another than the product's")
    return rate


def _per_whole_day(rate: Quantity) -> bool:
    """An infusion rate is no daily dose: how long it runs is not said."""
    return rate.unit.endswith(("/d", "/24.h", "/24h"))
