"""When an order is given, for a check that must not miss the more frequent reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from cds.dosage.model import Stated, Timing
from cds.dosage.quantity import Problems
from cds.units import decimal, readable
from cds.units import weeks as in_weeks


class Schedule(Struct, frozen=True):
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


def with_words(schedule: Schedule, stated: Stated, path: str, problems: Problems) -> Schedule:
    """The schedule of the fields, with the higher number where the words say another.

    Which one is meant nobody can tell: the more frequent, longer course must keep the limits.
    """
    per_day, sessions, weeks = schedule.per_day, schedule.sessions, schedule.weeks
    if per_day and stated.per_day and _far_apart(per_day, stated.per_day):
        fields, text = _weekly(per_day), _weekly(stated.per_day)
        problems.add(f"{path}: frequency", f"the fields say {fields}, the text says {text}")
        per_day = max(per_day, stated.per_day)
    if sessions and stated.sessions and sessions != stated.sessions:
        problems.add(
            f"{path}: count",
            f"the fields say {sessions} administrations, the text says {stated.sessions}",
        )
        sessions = max(sessions, stated.sessions)
    if weeks and stated.weeks and _far_apart(Fraction(weeks), Fraction(stated.weeks)):
        fields, text = in_weeks(weeks), in_weeks(stated.weeks)
        problems.add(f"{path}: length", f"the fields say {fields} weeks, the text says {text}")
        weeks = max(weeks, stated.weeks)
    return replace(schedule, per_day=per_day, sessions=sessions, weeks=weeks)


def _far_apart(one: Fraction, other: Fraction) -> bool:
    """More than a fifth: `every 3 days` is twice a week to the one and 7/3 to the other."""
    return max(one, other) * 5 > min(one, other) * 6


def _weekly(per_day: Fraction) -> str:
    return f"{readable(decimal(per_day * 7))} a week"


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
