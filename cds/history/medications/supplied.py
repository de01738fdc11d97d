"""What was handed out: how long it lasts, and the dose that it comes to where none is written."""

from __future__ import annotations

from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from cds.chart.medication.entry import Substance, Supply
from cds.dosage.dose_units import MASSES
from cds.history.medications.intake import Intake
from cds.history.medications.phase import Phase, doubted
from cds.history.medications.strength import NotReadable, exact, hourly_rate, mg_per_unit
from cds.history.model.course import DOUBTS
from cds.units import Quantity

_LONGEST_SUPPLY = 366
"""days; what is handed out for longer is an error of entry, and no supply"""
_NO_SUCH_SUPPLY = "the days of supply make no sense and are not used"


class Supplied(Struct, frozen=True):
    """What was handed out, in product units, and the phases of an order as it leaves them."""

    phases: tuple[Phase, ...]
    quantity: Fraction | None = None
    days: int | None = None
    """for which it is meant, where they can be meant"""
    notes: tuple[str, ...] = ()


def supplied(phases: tuple[Phase, ...], supply: Supply, substance: Substance) -> Supplied:
    """What the supply of an order or a dispense says beside its instruction.

    Nothing of the dose where an instruction stands that was not understood: it may say something
    else.
    """
    strength, days = substance.strength, supply.days
    quantity = _handed_out(supply.quantity, strength)
    meant = int(days) if days is not None and 1 <= days <= _LONGEST_SUPPLY else None
    notes = (_NO_SUCH_SUPPLY,) if days is not None and days > _LONGEST_SUPPLY else ()
    dose = _dose_of_supply(quantity, meant, strength)
    if dose is None or len(phases) > 1 or phases[0].unread:
        return Supplied(phases, quantity, meant, notes)
    phase, more = _with_dose(phases[0], dose)
    return Supplied((phase,), quantity, meant, (*notes, *more))


def _handed_out(quantity: Quantity | None, strength: Quantity | None) -> Fraction | None:
    """Product units of a dispensed quantity; None for bottles, boxes and what else has no size."""
    if quantity is None:
        return None
    value = Fraction(quantity.value)
    if quantity.unit not in MASSES:
        return value
    try:
        return value * mg_per_unit(quantity.unit, None) / mg_per_unit("1", strength)
    except NotReadable:
        return None


def _with_dose(phase: Phase, dose: Phase) -> tuple[Phase, tuple[str, ...]]:
    """Where no dose is written: what was handed out, over the days that it was meant for."""
    if phase.as_needed:
        if phase.up_to is not None:
            return phase, ()
        return replace(phase, up_to=dose.high, units_per_day=dose.units_per_day), ()
    if phase.high is not None:
        return _compared(phase, dose)
    low = None if phase.elsewhere else dose.low
    told = replace(phase, low=low, high=dose.high, units_per_day=dose.units_per_day)
    return doubted(told, "supplied"), (DOUBTS["supplied"],)


def _dose_of_supply(
    quantity: Fraction | None, days: int | None, strength: Quantity | None
) -> Phase | None:
    """What was handed out a day; None where that can't be told."""
    if not days or not quantity or hourly_rate(strength) is not None:
        return None
    if days == 1:
        return None  # often a default of the system: 90 tablets for one day are no dose
    unit = "mL" if strength is not None and strength.unit.endswith("/mL") else "1"
    units = quantity / days
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
        phase, notes = _compared(dose, given)
        order.phases = order.phases if phase is dose else (phase,)
        order.notes += notes
    elif "supplied" not in given.doubts:
        order.phases = dispense.phases
        order.notes += dispense.notes
    elif not dose.unread:
        order.phases = (replace(given, low=None if dose.elsewhere else given.low),)
        order.notes += dispense.notes


def _compared(dose: Phase, given: Phase) -> tuple[Phase, tuple[str, ...]]:
    """The dose of an instruction beside what was handed out: much more is the upper dose."""
    if not _much_more(given, dose):
        return dose, ()
    higher = replace(dose, high=given.high, doubts=dose.doubts | {"sources_differ"})
    return higher, (DOUBTS["sources_differ"],)


def _much_more(given: Phase, dose: Phase) -> bool:
    """More by a unit a day, or twice as much: less may be the size of a pack."""
    used, handed = dose.units_per_day, given.units_per_day
    if used is None or handed is None or dose.high is None or given.high is None:
        return False
    more = dose.high.unit == given.high.unit and given.high.value > dose.high.value
    return more and handed >= used + min(Fraction(1), used)
