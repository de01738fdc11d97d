"""What times do to the steps."""

from __future__ import annotations

from fractions import Fraction

from cds.dosage.model import Span
from cds.dosage.words.facts import ONE, span_of
from cds.dosage.words.readers.day_times import WEEK
from cds.dosage.words.steps.builder import Builder
from cds.dosage.words.steps.takes import Draft, Problem

_MEALS = ("morning", "noon", "evening")


def seldom(b: Builder, span: Span) -> None:
    take = b.before_times(joined=bool(b.join))
    b.joined_by()
    if b.step.takes[-1].join == "alternating" and span == span_of(Fraction(1, 2)):
        return
    held = take.seldom
    if held is not None and held.low <= span.low and span.high <= held.high:
        held = span  # "every 3-4 days (twice weekly)"
    if held is not None and not (span.low <= held.low and held.high <= span.high):
        raise Problem("two different frequencies")
    take.seldom = held or span


def interval_again(b: Builder, span: Span) -> None:
    """The same interval in another unit."""
    if span not in (b.take.seldom, b.take.times) and not (b.take.daily and span == ONE):
        raise Problem("two different frequencies")


def daily(b: Builder, value: object) -> None:
    if b.raising:
        b.times(ONE)
        return
    b.before_times(joined=bool(b.join)).daily = True
    b.joined_by()


def every_day(b: Builder, value: object) -> None:
    b.before_times(joined=bool(b.join)).every_day = True
    b.joined_by()


def part(b: Builder, name: str) -> None:
    if b.join == "or":
        b.join = ""
        if not b.take.parts:
            raise Problem("one time or another")
        return
    take = b.before_times(joined=bool(b.join))
    join = b.joined_by()
    if join == "and" and take.times is not None and take.times.low > 1 and _unplaced(take):
        amount, mass, total = take.amount, take.mass, take.mass_is_total
        take = b.next_take("times")
        take.amount, take.mass, take.mass_is_total = amount, mass, total
        join = ""
    take.parts.append((name, join))


def _unplaced(take: Draft) -> bool:
    """`twice daily`, `TID with meals`: a further time of day comes on top."""
    return not take.parts and not take.clocks and (not take.meals or take.times == span_of(3))


def meals(b: Builder, value: object) -> None:
    """With each meal; after times of the day that are meals, only how."""
    if b.take.parts and b.join != "and" and all(name in _MEALS for name, _ in b.take.parts):
        b.joined_by()
        return
    b.before_times(joined=bool(b.join)).meals = True
    b.joined_by()


def clock(b: Builder, minute: int) -> None:
    b.before_times(joined=bool(b.join)).clocks.add(minute)
    b.joined_by()


def weekdays(b: Builder, days: frozenset[str]) -> None:
    take = b.before_times(joined=bool(b.join))
    b.joined_by()
    everyday = frozenset(WEEK)
    if take.join == "except":
        earlier = b.step.takes[-2]
        earlier.weekdays = (earlier.weekdays or everyday) - days
    elif b.excepting:
        days = (take.weekdays or everyday) - days
        take.weekdays = None
    b.excepting = False
    if take.weekdays is not None and take.weekdays != days:
        raise Problem("two different sets of days")
    if not days:
        raise Problem("no day of the week is left")
    take.weekdays = days


def rest_of_week(b: Builder, value: object) -> None:
    used: frozenset[str] = frozenset()
    for take in b.step.takes[:-1]:
        if take.weekdays is None:
            raise Problem("other days than which is not told")
        used |= take.weekdays
    if not used or b.take.weekdays is not None:
        raise Problem("other days than which is not told")
    b.take.weekdays = frozenset(WEEK) - used
    b.joined_by()


def parity(b: Builder, name: str) -> None:
    b.take.parity = name
    b.joined_by()


def awake(b: Builder, value: object) -> None:
    b.take.awake = True


def up_to_times(b: Builder, value: tuple[str, Span]) -> None:
    kind, span = value
    if kind == "times" and b.take.times is not None:
        b.step.max_times = span.high
        return
    b.take.as_needed = True
    if kind == "times":
        b.times(span)
    else:
        seldom(b, span)


def prn(b: Builder, value: object) -> None:
    if b.step.repeated and not b.take.as_needed:
        return  # "may repeat x1 if needed": the repetition is what may be needed
    if b.join == "then" and b.step.closed and not b.amount_ahead():
        b.next_step()
    b.take.as_needed = True
    b.joined_by()


def single(b: Builder, value: object) -> None:
    b.take.single = True
    b.take.once = value == "once"
    b.joined_by()


def single_dose(b: Builder, value: object) -> None:
    """Once, unless a frequency is told: `3 tablets as a single dose daily`."""
    b.take.single_dose = True


def now(b: Builder, value: object) -> None:
    if not b.take.has_times:
        b.take.single = True
        b.step.days = 1
