"""Opioid tolerance as the FDA defines it: by drug, for a week or longer.

It is not a number of MME. Doses of several opioids as fractions of their own thresholds may add up
to it, which is derived: then it is open, as it is with an opioid that has no threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from cds.history.medications.on_day import dose_on, taken_on
from cds.history.model.course import MedicationCourse
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
    """Tolerant when one opioid reaches its threshold on every day of the last week, and today.

    Whatever can't be told (a dose, an opioid without a threshold, doses as needed) makes the answer
    None, unless no day could have reached it.
    """
    rows = tuple(thresholds)
    measured = [row for row in rows if row.kind == "fda_tolerant"]
    needed = max(row.min_days or 0 for row in measured)
    days = [_of_day(opioids, measured, as_of - timedelta(days=n), as_of) for n in range(needed + 1)]
    if all(day.most == 0 for day in days):
        return Tolerance(False, f"no opioid in the last {needed} days")
    alone = min(day.of_one for day in days)
    if alone >= 1:
        return Tolerance(True, f"{_times(alone)}, for {needed} days or longer")
    short = [(day.known, day.day) for day in days if day.most < 1]
    if short:
        known, when = min(short)
        return Tolerance(False, f"{_times(known)} on {when}")
    together = min(day.known for day in days)
    if together >= 1:
        (added_up,) = (row.meaning for row in rows if row.kind == "added_up")
        return Tolerance(None, f"about {_times(together).removeprefix('just ')}, {added_up}")
    unmeasured = dict.fromkeys(name for day in days for name in sorted(day.unmeasured))
    reasons = [_why_open(name, rows) for name in unmeasured]
    return Tolerance(
        None, "; ".join(reasons) or "a dose that is not known could reach the threshold"
    )


_UNBOUNDED = Decimal("Infinity")


@dataclass(slots=True)
class _Day:
    """Fractions of the thresholds on one day."""

    day: date
    by_drug: dict[str, Decimal] = field(default_factory=dict)
    """what is known"""
    most: Decimal = Decimal(0)
    """what all together could be at most"""
    unmeasured: set[str] = field(default_factory=set)
    """opioids without a threshold"""

    @property
    def known(self) -> Decimal:
        return sum(self.by_drug.values(), Decimal(0))

    @property
    def of_one(self) -> Decimal:
        return max(self.by_drug.values(), default=Decimal(0))


def _of_day(
    opioids: Iterable[MedicationCourse],
    rows: Sequence[OpioidThreshold],
    when: date,
    as_of: date,
) -> _Day:
    day = _Day(when)
    for course in opioids:
        there = taken_on(course, when, as_of)
        if there is False:
            continue
        name, row, dose = course.ingredient, _row(course, rows), dose_on(course, when, as_of)
        if row is None:
            day.unmeasured.add(name)
        if there and dose.regular:
            known = _share(dose.low, row) or Decimal(0)
            day.by_drug[name] = day.by_drug.get(name, Decimal(0)) + known
        parts = [dose.high] if dose.regular else []
        parts += [dose.as_needed] if dose.as_needed or not dose.regular else []
        for part in parts:
            share = _share(part, row)
            day.most += _UNBOUNDED if share is None else share
    return day


def _why_open(name: str, rows: Sequence[OpioidThreshold]) -> str:
    """`codeine proves no tolerance …; 400 mg/d of it are 60 MME, which is no threshold`."""
    own = [row for row in rows if row.ingredient == name]
    if not own:
        (another,) = (row.meaning for row in rows if row.kind == "another")
        return f"{name} has no threshold: {another}"
    row = next((row for row in own if row.kind == "undecided"), None)
    if row is None:
        routes = " or ".join(route for row in own for route in row.routes)
        told = "this route is another or not on record"
        return f"{name} has a threshold for {routes} use, and {told}"
    mme = f" ({plain(row.value)} {row.unit} of it are 60 MME, no threshold)" if row.value else ""
    return f"{name} {row.meaning}{mme}"


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
