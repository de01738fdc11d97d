"""When an order is given, for a check that must not miss the more frequent reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cds.dosage.model import Timing
from cds.units import decimal


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a dose is given. None: not said."""

    per_day: Fraction | None = None
    """administrations a day: the higher end of a range, which is the one to check"""
    sessions: int | None = None
    start: date | None = None
    end: date | None = None
    weeks: Decimal | None = None
    single: bool | None = None


def schedule_of(timing: Timing) -> Schedule:
    """The schedule of a Timing, by its upper ends."""
    sessions = timing.count_max or timing.count or timing.events
    return Schedule(
        per_day=timing.per_day.high if timing.per_day is not None else None,
        sessions=sessions,
        start=timing.start.day if timing.start else None,
        end=timing.end.latest if timing.end else None,
        weeks=_weeks(timing),
        single=True if sessions == 1 or timing.once else None,
    )


def _weeks(timing: Timing) -> Decimal | None:
    if timing.days is not None:
        return decimal(timing.days.high / 7)
    start, end = timing.start, timing.end
    if start is None or end is None or end.latest < start.earliest:
        return None
    return decimal(Fraction((end.latest - start.earliest).days, 7))
