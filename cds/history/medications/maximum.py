"""The most of a day that an instruction states, in fields or in words."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from cds.dosage.model import DosageRead, Step
from cds.history.medications.amount import field_amount
from cds.history.medications.strength import NotReadable, Product, exact, mg_of
from cds.units import Quantity, UnitError


def stated_maximum(read: DosageRead, step: Step | None, product: Product) -> Quantity | None:
    """The stated maximum a day."""
    caps: list[Fraction] = []
    for amount, period in read.fields.max_per_period:
        try:
            days = Fraction(period.to("d").value)
            caps.append(Fraction(amount.value) * mg_of(amount.unit, product) / days)
        except (NotReadable, UnitError):
            continue
    if step is not None:
        caps += _written_caps(step, product)
    caps += _times_cap(read, product)
    return Quantity(exact(min(caps)), "mg/d") if caps else None


def _times_cap(read: DosageRead, product: Product) -> Iterator[Fraction]:
    """`no more than 2 doses a day` beside a dose in the fields."""
    times = read.fields.max_times_per_day
    try:
        amount = field_amount(read.fields, product) if times is not None else None
        if times is not None and amount is not None:
            yield times * amount.span.high * mg_of(amount.unit, product)
    except NotReadable:
        return


def _written_caps(step: Step, product: Product) -> Iterator[Fraction]:
    most, times = step.max_per_day, step.max_times_per_day
    try:
        if most is not None:
            yield most.span.high * mg_of(most.unit, product)
        amounts = [take.amount for take in step.takes if take.amount is not None]
        if len({take.as_needed for take in step.takes}) > 1:
            return  # it bounds what is taken as needed beside the regular dose
        if times is not None and amounts:
            yield times * max(a.span.high * mg_of(a.unit, product) for a in amounts)
    except NotReadable:
        return
