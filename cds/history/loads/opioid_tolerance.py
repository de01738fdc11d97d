"""Opioid tolerance as the FDA defines it: by drug, for a week or longer.

It is not a number of MME. Doses of several opioids add up as fractions of their own thresholds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from cds.history.medications.on_day import dose_on, taken_on
from cds.history.model import MedicationCourse
from cds.history.trials.exposure import dose_in
from cds.knowledge.model.opioid_thresholds import OpioidThreshold
from cds.units import Quantity, plain


class Tolerance(Struct, frozen=True):
    tolerant: bool | None
    why: str


def fda_tolerance(
    opioids: Sequence[MedicationCourse],
    thresholds: Iterable[OpioidThreshold],
    as_of: date,
) -> Tolerance:
    """Tolerant when the fractions reach 1 on every day of the last week, and today.

    Whatever can't be told (a dose, an opioid without a threshold, doses as needed) makes the answer
    None, unless the known part is enough or no day could have reached 1.
    """
    rows = [row for row in thresholds if row.kind == "fda_tolerant"]
    needed = max(row.min_days or 0 for row in rows)
    days = [as_of - timedelta(days=n) for n in range(needed + 1)]
    shares = [_shares(opioids, rows, day, as_of) for day in days]
    if all(most == 0 for _, most in shares):
        return Tolerance(False, f"no opioid in the last {needed} days")
    weakest = min(known for known, _ in shares)
    if weakest >= 1:
        return Tolerance(True, f"{_times(weakest)}, for {needed} days or longer")
    short = [(known, day) for (known, sure), day in zip(shares, days, strict=True) if sure < 1]
    if short:
        known, day = min(short)
        return Tolerance(False, f"{_times(known)} on {day}")
    return Tolerance(None, "a dose or an opioid that cannot be measured could reach the threshold")


_UNBOUNDED = Decimal("Infinity")


def _shares(
    opioids: Iterable[MedicationCourse],
    rows: Sequence[OpioidThreshold],
    day: date,
    as_of: date,
) -> tuple[Decimal, Decimal]:
    """The sum of fractions on a day: what is known, and what it could be at most."""
    known = most = Decimal(0)
    for course in opioids:
        there = taken_on(course, day, as_of)
        if there is False:
            continue
        row = _row(course, rows)
        dose = dose_on(course, day, as_of)
        if there and dose.regular:
            known += _share(dose.low, row) or Decimal(0)
        parts = [dose.high] if dose.regular else []
        parts += [dose.as_needed] if dose.as_needed or not dose.regular else []
        for part in parts:
            share = _share(part, row)
            most += _UNBOUNDED if share is None else share
    return known, most


def _row(course: MedicationCourse, rows: Iterable[OpioidThreshold]) -> OpioidThreshold | None:
    fitting = (r for r in rows if r.ingredient == course.ingredient and course.route in r.routes)
    return next(fitting, None)


def _share(dose: Quantity | None, row: OpioidThreshold | None) -> Decimal | None:
    """The dose as a fraction of its threshold; None when it can't be measured against one."""
    if row is None or row.value is None or row.unit is None:
        return None
    amount = dose_in(dose, row.unit)
    return None if amount is None else amount / row.value


def _times(share: Decimal) -> str:
    shown = share.quantize(Decimal("0.01"))
    return "just the threshold" if shown == 1 else f"{plain(shown)} times the threshold"
