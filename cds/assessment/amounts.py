"""An order in plain milligrams and minutes, whichever way it is written.

A total over time, a rate per kg, mL/h of a known concentration and mg/min of the same order give
the same numbers here, so that every check judges the order and not its spelling.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.model import WeightUsed
from cds.knowledge.model.predicates.situation import Given
from cds.orders.model import Order
from cds.units import Quantity, UnitError, decimal, measures, parse_unit

_DAY_MIN = 24 * 60


class Amounts(Struct, frozen=True):
    """The order's numbers. None: not said, or not computable. Rates and doses are upper ends."""

    given: Given
    weight: WeightUsed | None = None
    dose_mg: Decimal | None = None
    dose_mg_low: Decimal | None = None
    dose_mg_per_kg: Decimal | None = None
    rate_mg_per_h: Decimal | None = None
    rate_mg_per_kg_h: Decimal | None = None
    rate_low_mg_per_kg_h: Decimal | None = None
    duration_min: Decimal | None = None
    total_mg: Decimal | None = None
    """of one session: the dose, or the rate over its time"""
    total_mg_per_kg: Decimal | None = None
    from_rate_mg: Decimal | None = None
    """rate x time, where the order also states a dose: the two must agree"""
    concentration: Decimal | None = None
    """mg/mL of what is given"""
    needs_concentration: bool = False
    """the order is in mL or vials, and nothing says how strong"""

    @property
    def per_day_mg(self) -> Decimal | None:
        """Of one session, or of one day of a longer infusion; None when its time is not said."""
        if self.rate_mg_per_h is not None and (self.duration_min or 0) >= _DAY_MIN:
            return self.rate_mg_per_h * 24
        return self.total_mg


def read_amounts(case: Case, weight: WeightUsed | None) -> Amounts:
    """The numbers of the case's order at a weight; None leaves open what rests on it."""
    order = case.order
    if order is None:
        return Amounts("other")
    reader = _Reader(case, order, weight)
    return case.known.once(reader.read, _Reader, order, weight)


class _Reader:
    def __init__(self, case: Case, order: Order, weight: WeightUsed | None) -> None:
        self.case, self.order, self.weight = case, order, weight
        self.kg = Fraction(self.weight.value_kg) if self.weight else None
        self.concentration = self._concentration()
        self.needs_concentration = False

    def read(self) -> Amounts:
        order = self.order
        low = self._mg(order.dose)
        high = self._mg(order.dose_high) or low
        per_kg = self._per_kg(order.dose_high or order.dose, high)
        rate = self._mg_per_h(order.rate_high or order.rate)
        rate_per_kg = self._rate_per_kg(order.rate_high or order.rate, rate)
        duration = stated = _fraction(order.duration_min)
        if duration is None:
            duration = self._derived_duration(high, rate, per_kg, rate_per_kg)
        if rate is None and high is not None and duration:
            rate = high * 60 / duration
        if rate_per_kg is None and per_kg is not None and duration:
            rate_per_kg = per_kg * 60 / duration
        from_rate = rate * stated / 60 if rate is not None and stated is not None else None
        total = high if high is not None else from_rate
        total_per_kg = per_kg
        if total_per_kg is None and rate_per_kg is not None and duration:
            total_per_kg = rate_per_kg * duration / 60
        low_rate = self._rate_per_kg(order.rate, self._mg_per_h(order.rate))
        return Amounts(
            given=self._given(duration),
            weight=self.weight,
            dose_mg=_plain(high),
            dose_mg_low=_plain(low),
            dose_mg_per_kg=_plain(per_kg),
            rate_mg_per_h=_plain(rate),
            rate_mg_per_kg_h=_plain(rate_per_kg),
            rate_low_mg_per_kg_h=_plain(low_rate if low_rate is not None else rate_per_kg),
            duration_min=_plain(duration),
            total_mg=_plain(total),
            total_mg_per_kg=_plain(total_per_kg),
            from_rate_mg=_plain(from_rate) if order.rate and order.dose else None,
            concentration=_plain(self.concentration),
            needs_concentration=self.needs_concentration,
        )

    def _concentration(self) -> Fraction | None:
        """Of what is infused: stated or mixed; the vial's own where nothing dilutes it."""
        order = self.order
        stated = order.concentration
        if stated is None and order.diluent is None:
            stated = order.product_concentration
        return _in(stated, "mg/mL")

    def _mg(self, quantity: Quantity | None) -> Fraction | None:
        if quantity is None:
            return None
        if (milligrams := _in(quantity, "mg")) is not None:
            return milligrams
        if (per_kg := _in(quantity, "mg/kg")) is not None:
            return per_kg * self.kg if self.kg else None
        if (millilitres := _in(quantity, "mL")) is not None:
            return self._times_concentration(millilitres)
        units = self._units(quantity)
        drawn_up = measures(quantity.unit, "{vial}") or measures(quantity.unit, "mL/kg")
        self.needs_concentration = self.needs_concentration or (drawn_up and units is None)
        return units

    def _times_concentration(self, millilitres: Fraction) -> Fraction | None:
        # a dose drawn up in mL comes from the vial, whatever it is later diluted to
        strength = self.concentration or _in(self.order.product_concentration, "mg/mL")
        if strength is None:
            self.needs_concentration = True
            return None
        return millilitres * strength

    def _units(self, quantity: Quantity) -> Fraction | None:
        """Devices, sprays and kits of nasal esketamine; other units by the product's strength."""
        device = self.case.knowledge.device
        count = Fraction(quantity.value)
        if self.order.drug == "esketamine" and device.mg_per_device and device.sprays_per_device:
            per_device = Fraction(device.mg_per_device)
            if measures(quantity.unit, "{device}"):
                return count * per_device
            if measures(quantity.unit, "{spray}"):
                return count * per_device / device.sprays_per_device
            if measures(quantity.unit, "{kit}") and self.order.pack_quantity:
                return count * per_device * self.order.pack_quantity
        strength = _in(self.order.product_strength, "mg")
        if quantity.unit in ("{device}", "{spray}", "{tablet}", "{capsule}", "{lozenge}", "1"):
            return count * strength if strength is not None else None
        return None

    def _per_kg(self, quantity: Quantity | None, milligrams: Fraction | None) -> Fraction | None:
        stated = _in(quantity, "mg/kg")
        if stated is not None:
            return stated
        return milligrams / self.kg if milligrams is not None and self.kg else None

    def _mg_per_h(self, quantity: Quantity | None) -> Fraction | None:
        if quantity is None:
            return None
        if (direct := _in(quantity, "mg/h")) is not None:
            return direct
        if (per_kg := _in(quantity, "mg/kg/h")) is not None:
            return per_kg * self.kg if self.kg else None
        volume = _in(quantity, "mL/h")
        if volume is None:
            per_kg = _in(quantity, "mL/kg/h")
            volume = per_kg * self.kg if per_kg is not None and self.kg else None
        if volume is None:
            return None
        if self.concentration is None:
            # a dose by mass over its time says how fast it is given, whatever it is diluted in
            self.needs_concentration = self.needs_concentration or not self._dosed_by_mass()
            return None
        return volume * self.concentration

    def _dosed_by_mass(self) -> bool:
        dose = self.order.dose
        return dose is not None and (measures(dose.unit, "mg") or measures(dose.unit, "mg/kg"))

    def _rate_per_kg(self, quantity: Quantity | None, rate: Fraction | None) -> Fraction | None:
        stated = _in(quantity, "mg/kg/h")
        if stated is not None:
            return stated
        return rate / self.kg if rate is not None and self.kg else None

    def _derived_duration(
        self,
        dose: Fraction | None,
        rate: Fraction | None,
        per_kg: Fraction | None,
        rate_per_kg: Fraction | None,
    ) -> Fraction | None:
        if self.order.rate is None or self.order.dose is None:
            return None
        if dose is not None and rate:
            return dose / rate * 60
        return per_kg / rate_per_kg * 60 if per_kg is not None and rate_per_kg else None

    def _given(self, duration: Fraction | None) -> Given:
        order = self.order
        bolus_up_to = Fraction(self.case.knowledge.parameters["bolus-up-to-min"].value)
        timed = order.rate is not None or bool(order.continuous) or order.duration_unread
        if duration is not None:
            timed = timed or duration > bolus_up_to
        if order.route == "intramuscular":
            return "injection"
        if order.route == "subcutaneous":
            return "infusion" if timed or order.method == "infusion" else "injection"
        if order.route in ("intravenous", "intraosseous"):
            if duration is not None and duration <= bolus_up_to:
                return "bolus"
            if order.method in ("push", "bolus") and order.rate is None and duration is None:
                return "bolus"
            return "infusion" if timed or order.method == "infusion" else "bolus"
        if order.route is None and order.rate is not None:
            return "infusion"
        return "other"


def _in(quantity: Quantity | None, unit: str) -> Fraction | None:
    """The value in a unit as an exact fraction; None for another dimension."""
    if quantity is None:
        return None
    try:
        source, target = parse_unit(quantity.unit), parse_unit(unit)
    except UnitError:
        return None
    if source.dimensions != target.dimensions:
        return None
    return Fraction(quantity.value) * source.factor / target.factor


def _fraction(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _plain(value: Fraction | None) -> Decimal | None:
    return None if value is None else decimal(value)
