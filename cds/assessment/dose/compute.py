"""A regimen's numbers for this patient."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any, Literal

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.dose.choice import current_course
from cds.assessment.model import DoseProposal
from cds.knowledge.model.regimens import Regimen
from cds.units import Quantity, decimal, plain, readable

Basis = Literal["actual", "ideal", "adjusted", "fixed"]
DRAWABLE_MG = Decimal("0.1")
"""A dose is ordered in tenths of a milligram, unless the site says otherwise."""
_PLACES = Decimal("0.0001")


class Numbers(Struct, frozen=True):
    """The computed part of a proposal."""

    dose_mg: Decimal
    dose_mg_high: Decimal | None = None
    rate_mg_per_h: Decimal | None = None
    dose_per_kg: Quantity | None = None
    devices: int | None = None


def numbers_for(case: Case, regimen: Regimen, kg: Decimal | None) -> Numbers | None:
    """Dose and rate of a regimen at a weight; None when it needs one and has none."""
    if regimen.session_doses:
        return _device_doses(case, regimen)
    return by_weight(regimen, kg)


def by_weight(regimen: Regimen, kg: Decimal | None) -> Numbers | None:
    """The same of a regimen that is not given in devices: the patient is not asked for more."""
    if regimen.dose is not None and regimen.dose_unit == "mg":
        return _with_rate(regimen, regimen.dose, regimen.dose_high, None)
    if kg is None:
        return None
    if regimen.dose is not None and regimen.dose_unit == "mg/kg":
        dose = _capped(regimen.dose * kg, regimen.max_session_mg)
        per_kg = Quantity(regimen.dose, "mg/kg") if dose == regimen.dose * kg else None
        return _with_rate(regimen, dose, None, per_kg)
    if regimen.rate_high is not None and regimen.duration_min is not None:
        rate = _capped(regimen.rate_high * kg, regimen.rate_cap_mg_per_h)
        dose = _capped(_exact(rate * regimen.duration_min, 60), regimen.max_session_mg)
        return _with_rate(regimen, dose, None, None)
    return None


def _device_doses(case: Case, regimen: Regimen) -> Numbers:
    """Labelled doses in devices: the first session, later the dose that was reached."""
    sessions = current_course(case)
    reached = next(
        (
            past.dose.value
            for past in reversed(sessions)
            if past.dose is not None and past.dose.unit == "mg"
        ),
        None,
    )
    dose = reached if reached in regimen.session_doses else None
    dose = dose or regimen.dose or regimen.session_doses[0]
    largest = max(regimen.session_doses)
    high = largest if largest > dose else None
    if regimen.first_dose is not None and not sessions:
        dose, high = regimen.first_dose, None
    device = case.knowledge.device.mg_per_device
    assert device is not None
    return Numbers(dose, high, devices=int(dose / device))


def _with_rate(
    regimen: Regimen, dose: Decimal, high: Decimal | None, per_kg: Quantity | None
) -> Numbers:
    minutes = regimen.duration_min
    rate = None if minutes is None else _exact(dose * 60, minutes)
    return Numbers(dose, high if high and high > dose else None, rate, per_kg)


def _capped(value: Decimal, cap: Decimal | None) -> Decimal:
    return value if cap is None else min(value, cap)


def _exact(value: Decimal, divisor: Decimal | int) -> Decimal:
    """A quotient, exact where it ends within nine places, else rounded to four."""
    quotient = decimal(Fraction(value) / Fraction(divisor))
    exponent = quotient.as_tuple().exponent
    short = isinstance(exponent, int) and exponent >= -9
    return quotient if short else quotient.quantize(_PLACES)


def filled(
    case: Case, proposal: dict[str, Any], numbers: Numbers, regimen: Regimen
) -> DoseProposal:
    """The proposal with its numbers, rounding and volume."""
    step = case.site.round_dose_to_mg or DRAWABLE_MG
    rounded = rounded_down(numbers.dose_mg, step) if numbers.devices is None else numbers.dose_mg
    order_mg = numbers.dose_mg if rounded == numbers.dose_mg else rounded
    strength = _strength(case)
    infused = case.order.concentration if case.order and case.order.concentration else strength
    rate_ml = None
    if infused is not None and regimen.duration_min is not None and numbers.devices is None:
        rate_ml = _exact(order_mg * 60, regimen.duration_min * infused.value)
    return DoseProposal(
        **proposal,
        dose_mg=numbers.dose_mg,
        dose_mg_high=numbers.dose_mg_high,
        duration_min=regimen.duration_min,
        rate_mg_per_h=numbers.rate_mg_per_h,
        rate_ml_per_h=rate_ml,
        dose_per_kg=numbers.dose_per_kg,
        volume_ml=_exact(order_mg, strength.value) if strength and not numbers.devices else None,
        concentration=strength if not numbers.devices else None,
        devices=numbers.devices,
        rounded_mg=None if order_mg == numbers.dose_mg else order_mg,
        rounding=None
        if order_mg == numbers.dose_mg
        else f"rounded down from {readable(numbers.dose_mg)} mg to a multiple of {plain(step)} mg",
    )


def rounded_down(dose: Decimal, step: Decimal) -> Decimal:
    """To a multiple of the step, but never to nothing."""
    whole = (dose / step).to_integral_value(rounding=ROUND_FLOOR) * step
    return whole if whole > 0 else dose


def _strength(case: Case) -> Quantity | None:
    """mg/mL to draw from: the ordered product's, else the only one that the site stocks."""
    order = case.order
    if order is not None and order.product_concentration is not None:
        return order.product_concentration.to("mg/mL")
    stocked = case.site.ketamine_concentrations_mg_per_ml
    return Quantity(stocked[0], "mg/mL") if len(stocked) == 1 else None
