"""What was handed out: how long it lasts, and the dose that it comes to where none is written."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from cds.chart.medication.entry import Substance, Supply
from cds.dosage.dose_units import MASSES
from cds.history.medications.intake import Intake
from cds.history.medications.strength import NotReadable, exact, hourly_rate, mg_per_unit
from cds.units import Quantity

_LONGEST_SUPPLY = 366
"""days; what is handed out for longer is an error of entry, and no supply"""
_NO_SUCH_SUPPLY = "the days of supply make no sense and are not used"


def add_supply(intake: Intake, supply: Supply) -> None:
    """What was handed out, and the days that it is meant for, where they can be meant."""
    intake.quantity = _handed_out(supply.quantity, intake.substance)
    if supply.days is None or supply.days < 1:
        return
    if supply.days > _LONGEST_SUPPLY:
        intake.notes += (_NO_SUCH_SUPPLY,)
    else:
        intake.supply_days = int(supply.days)


def _handed_out(quantity: Quantity | None, substance: Substance) -> Fraction | None:
    """Product units of a dispensed quantity; None for bottles, boxes and what else has no size."""
    if quantity is None:
        return None
    value = Fraction(quantity.value)
    if quantity.unit not in MASSES:
        return value
    try:
        return value * mg_per_unit(quantity.unit, None) / mg_per_unit("1", substance.strength)
    except NotReadable:
        return None


def with_dose_of_supply(intake: Intake) -> Intake:
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
