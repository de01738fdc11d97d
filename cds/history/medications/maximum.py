"""The most of a day that an instruction states, in fields or in words.

Words that count (`every 4 hours, max 4 a day`) say how often at most: they belong to the schedule.
A field, and a mass in words (`10 mg q8h, NTE 20 mg/d`), is a limit that a schedule must keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from cds.dosage.dose_units import MASSES
from cds.dosage.model import DosageRead, Step
from cds.history.medications.amount import field_amount
from cds.history.medications.strength import NotReadable, Product, exact, mg_of
from cds.units import Quantity, UnitError


def stated_limit(read: DosageRead, step: Step | None, product: Product) -> Quantity | None:
    """The lowest limit of a day."""
    limits: list[Fraction] = []
    for amount, period in read.fields.max_per_period:
        try:
            days = Fraction(period.to("d").value)
            limits.append(Fraction(amount.value) * mg_of(amount.unit, product) / days)
        except (NotReadable, UnitError):
            continue
    most = step.max_per_day if step is not None else None
    if most is not None and most.unit in MASSES:
        limits += _in_mg(most.span.high, most.unit, product)
    return _lowest(limits)


def counted_maximum(read: DosageRead, step: Step | None, product: Product) -> Quantity | None:
    """The most of a day by a number of units or of administrations that words name."""
    caps = [*_times_cap(read, product)]
    most = step.max_per_day if step is not None else None
    if step is not None and most is not None and most.unit not in MASSES:
        caps += _in_mg(most.span.high, most.unit, product)
    if step is not None:
        caps += _written_times(step, product)
    return _lowest(caps)


def _lowest(caps: list[Fraction]) -> Quantity | None:
    return Quantity(exact(min(caps)), "mg/d") if caps else None


def _in_mg(number: Fraction, unit: str, product: Product) -> Iterator[Fraction]:
    try:
        yield number * mg_of(unit, product)
    except NotReadable:
        return


def _times_cap(read: DosageRead, product: Product) -> Iterator[Fraction]:
    """`no more than 2 doses a day` beside a dose in the fields."""
    times = read.fields.max_times_per_day
    try:
        amount = field_amount(read.fields, product) if times is not None else None
        if times is not None and amount is not None:
            yield times * amount.span.high * mg_of(amount.unit, product)
    except NotReadable:
        return


def _written_times(step: Step, product: Product) -> Iterator[Fraction]:
    times = step.max_times_per_day
    amounts = [take.amount for take in step.takes if take.amount is not None]
    if len({take.as_needed for take in step.takes}) > 1:
        return  # it bounds what is taken as needed beside the regular dose
    try:
        if times is not None and amounts:
            yield times * max(a.span.high * mg_of(a.unit, product) for a in amounts)
    except NotReadable:
        return
