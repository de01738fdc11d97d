"""When an order is given, for a check that must not miss the more frequent reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
    sessions = timing.count_max or timing.count or len(timing.events) or None
    days = sorted(event.day for event in timing.events if event is not None)
    start, end = timing.start, timing.end
    return Schedule(
        per_day=timing.per_day.high if timing.per_day is not None else _densest(days),
        sessions=sessions,
        start=start.day if start else next(iter(days), None),
        end=end.latest if end else next(reversed(days), None),
        weeks=_weeks(timing),
        single=True if sessions == 1 or timing.once else None,
    )


def _densest(days: Sequence[date]) -> Fraction | None:
    """Of listed moments, a day's share of the fullest seven days: a mean would hide a full week."""
    if len(days) < 2:
        return None
    week = timedelta(days=7)
    most = max(sum(first <= day < first + week for day in days) for first in days)
    return Fraction(most, 7)


def _weeks(timing: Timing) -> Decimal | None:
    if timing.days is not None:
        return decimal(timing.days.high / 7)
    start, end = timing.start, timing.end
    if start is None or end is None or end.latest < start.earliest:
        return None
    return decimal(Fraction((end.latest - start.earliest).days, 7))
