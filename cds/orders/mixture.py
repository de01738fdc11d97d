"""What is in the bag or syringe: how strong it is, how much of it there is, and how fast it runs.

A volume says how much of the drug is given only with the strength of what is given. The vial's
strength is that only where nothing dilutes it.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from cds.dosage.model import Stated
from cds.dosage.quantity import Problems
from cds.orders.dosage import OrderedDosage, mixed_concentration
from cds.orders.elsewhere import bag_in
from cds.orders.of_what import word_list
from cds.orders.product import OrderedProduct
from cds.units import Quantity, decimal, measures, readable

_PATH = "dosageInstruction"
_PIECES = ("1", "{tablet}", "{capsule}", "{lozenge}", "{film}", "{patch}", "{suppository}",
           "{packet}")  # fmt: skip


class Mixture(Struct, frozen=True):
    """The dosage as its product and its bag leave it."""

    dosage: OrderedDosage
    concentration: Quantity | None = None
    """mg/mL of what is infused; None where it is the vial's, or not known"""
    volume: Quantity | None = None
    diluent: str | None = None


def mixture_of(dosage: OrderedDosage, product: OrderedProduct, problems: Problems) -> Mixture:
    """The bag that the dosage, the product or its name describes, and what is given of it."""
    written = dosage.stated
    named = Stated() if written.volume else bag_in(product.names)
    volume = dosage.volume or written.volume or product.volume or named.volume
    diluent = written.diluent or product.diluent or named.diluent
    concentration = written.concentration or product.mixed
    if concentration is None and named.doses:
        concentration = mixed_concentration(named.doses[0], named.volume)
    if concentration is None and diluent and written.volume:
        concentration = mixed_concentration(dosage.dose, written.volume)
    elif concentration is not None and concentration == product.concentration:
        concentration = None  # the vial's own strength, repeated in the text
    if volume is None and diluent is None and concentration is None:
        volume = _whole_bag(dosage, product)
        if volume is not None:
            diluent, concentration = "diluent", mixed_concentration(dosage.dose, volume)
            return _by_weight(Mixture(dosage, concentration, volume, diluent), problems)
    if written.volume and dosage.rate and dosage.dose and measures(dosage.dose.unit, "mg"):
        # `500 mg in 500 mL at 25 mL/h`: the bag's content, not the dose
        dosage = replace(dosage, dose=None, dose_high=None)
    dosage = _of_solution(dosage, product, concentration, diluent, problems)
    return _by_weight(Mixture(dosage, concentration, volume, diluent), problems)


def _whole_bag(dosage: OrderedDosage, product: OrderedProduct) -> Quantity | None:
    """Rate x time where it is a bag's volume, and far from what the vial would hold of the dose."""
    dose, rate, minutes = dosage.dose, dosage.rate, dosage.duration_min
    if dose is None or rate is None or not minutes or not measures(rate.unit, "mL/h"):
        return None
    volume = Fraction(rate.to("mL/h").value) * Fraction(minutes) / 60
    bags = (Fraction(size) for size in word_list("bags_ml"))
    if not any(abs(volume - bag) * 20 <= bag for bag in bags):
        return None
    neat = product.concentration
    if neat is not None and measures(dose.unit, "mg"):
        content = volume * Fraction(neat.to("mg/mL").value)
        if abs(content - Fraction(dose.to("mg").value)) * 10 <= content:
            return None  # undiluted, and right so
    by_mass = measures(dose.unit, "mg") or measures(dose.unit, "mg/kg")
    return Quantity(decimal(volume), "mL") if by_mass else None


def _by_weight(mixture: Mixture, problems: Problems) -> Mixture:
    """A bag with a dose per kg: its strength waits for the weight, its time does not."""
    dosage, volume = mixture.dosage, mixture.volume
    dose, rate = dosage.dose, dosage.rate
    if mixture.concentration is not None or mixture.diluent is None:
        return mixture
    if dose is None or rate is None or not measures(dose.unit, "mg/kg"):
        return mixture
    if volume is None or not measures(rate.unit, "mL/h"):
        return mixture
    minutes = decimal(Fraction(volume.to("mL").value) / Fraction(rate.to("mL/h").value) * 60)
    stated = dosage.duration_min
    if stated is not None and abs(minutes - stated) * 10 > stated:
        problems.add(
            _PATH,
            f"{volume} at {rate} take {readable(minutes)} min, and not {readable(stated)} min",
        )
    shorter = minutes if stated is None else min(minutes, stated)
    timed = replace(dosage, rate=None, rate_high=None, duration_min=Decimal(shorter))
    return replace(mixture, dosage=timed)


def _of_solution(
    dosage: OrderedDosage,
    product: OrderedProduct,
    concentration: Quantity | None,
    diluent: str | None,
    problems: Problems,
) -> OrderedDosage:
    """mL/kg by the strength; `1 tablet` of a solution is no amount."""
    dose = dosage.dose
    strength = concentration or (None if diluent else product.concentration)
    if dose is None:
        return dosage
    if measures(dose.unit, "mL/kg") and strength is not None:
        value = Fraction(dose.to("mL/kg").value) * Fraction(strength.to("mg/mL").value)
        return replace(dosage, dose=Quantity(decimal(value), "mg/kg"), dose_high=None)
    if dose.unit in _PIECES and product.strength is None and product.concentration is not None:
        what = dose.unit.strip("{}") if dose.unit != "1" else "dose"
        problems.add(_PATH, f'"{what}" is no amount of a solution')
        return replace(dosage, dose=None, dose_high=None)
    return dosage
