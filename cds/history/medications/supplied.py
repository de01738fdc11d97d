"""What was handed out: how long it lasts, and the dose that it comes to where none is written."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from cds.chart.medication.entry import Substance, Supply
from cds.dosage.dose_units import MASSES
from cds.history.medications.intake import Intake
from cds.history.medications.phase import Phase, doubted
from cds.history.medications.strength import NotReadable, exact, hourly_rate, mg_per_unit
from cds.history.model import DOUBTS
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
    phase = intake.first
    if phase.unread or len(intake.phases) > 1 or (dose := _dose_of_supply(intake)) is None:
        return intake
    if phase.as_needed:
        if phase.up_to is None:
            intake.phases = (replace(phase, up_to=dose.high, units_per_day=dose.units_per_day),)
    elif phase.high is not None:
        _compare(intake, dose)
    else:
        low = None if phase.elsewhere else dose.low
        told = replace(phase, low=low, high=dose.high, units_per_day=dose.units_per_day)
        intake.phases = (doubted(told, "supplied"),)
        intake.notes += (DOUBTS["supplied"],)
    return intake


def _dose_of_supply(intake: Intake) -> Phase | None:
    """What was handed out a day; None where that can't be told."""
    strength = intake.substance.strength
    if not intake.supply_days or not intake.quantity or hourly_rate(strength) is not None:
        return None
    if intake.supply_days == 1:
        return None  # often a default of the system: 90 tablets for one day are no dose
    unit = "mL" if strength is not None and strength.unit.endswith("/mL") else "1"
    units = intake.quantity / intake.supply_days
    try:
        dose = Quantity(exact(units * mg_per_unit(unit, strength)), "mg/d")
    except NotReadable:
        return None
    return doubted(Phase(dose, dose, units_per_day=units), "supplied")


def with_fill(order: Intake, dispense: Intake) -> None:
    """What a dispense tells of the dose of the order that it fills.

    Its own instruction, or else what was handed out, stands in where the order has none. Where the
    order has one and much more is handed out, that is the upper dose.
    """
    dose, given = order.first, dispense.first
    if len(order.phases) > 1 or order.as_needed or given.high is None:
        return
    if dose.high is not None:
        _compare(order, given)
    elif "supplied" not in given.doubts:
        order.phases = dispense.phases
        order.notes += dispense.notes
    elif not dose.unread:
        order.phases = (replace(given, low=None if dose.elsewhere else given.low),)
        order.notes += dispense.notes


def _compare(intake: Intake, given: Phase) -> None:
    """The dose of an instruction beside what was handed out: much more is the upper dose."""
    dose = intake.first
    if dose.high is None or given.high is None or not _much_more(given, dose):
        return
    intake.phases = (replace(dose, high=given.high, doubts=dose.doubts | {"sources_differ"}),)
    intake.notes += (DOUBTS["sources_differ"],)


def _much_more(given: Phase, dose: Phase) -> bool:
    """More by a unit a day, or twice as much: less may be the size of a pack."""
    used, handed = dose.units_per_day, given.units_per_day
    if used is None or handed is None or dose.high is None or given.high is None:
        return False
    more = dose.high.unit == given.high.unit and given.high.value > dose.high.value
    return more and handed >= used + min(Fraction(1), used)
