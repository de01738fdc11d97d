"""`increase by 25 mg every week to 100 mg`: the steps that it stands for."""

from __future__ import annotations

from copy import copy
from fractions import Fraction

from cds.dosage.model import Amount, Span
from cds.dosage.words.facts import span_of
from cds.dosage.words.readers.change_steps import Change
from cds.dosage.words.steps.builder import Builder, Stretch
from cds.dosage.words.steps.takes import Draft, Problem, administrations


def titrate(builder: Builder, change: Change, *, allowed: bool) -> None:
    """Add the steps, or widen the amount where the change is only allowed. Raises Problem."""
    first = builder.step
    if len(first.takes) > 1:
        raise Problem("a change of which of several doses is not told")
    if change.of_a_day:
        _as_one(first.now)
    often = administrations(first.now)
    several = often is not None and often.high > 1
    if several and often is not None and often == span_of(change.target_times):
        if change.by_times not in (None, change.target_times):
            raise Problem("a change of one dose, or of those of a day")
        change, several = change._replace(target_times=Fraction(1), by_times=None), False
    if change.by_times is not None:
        raise Problem("a change of one dose, or of those of a day")
    if several and change.target is not None and change.target_times == 1:
        raise Problem("a change of one dose, or of those of a day")  # "1 tds, by 1 a week to 6"
    if change.until_stopped and several:
        raise Problem("a change of one dose, or of those of a day")  # "2 bd, cut by 1 a week"
    start = _start(first.now, change)
    if change.target_times != 1:  # the doses of a day, from one that is taken once
        change = _of_a_day(first.now, change)
    if allowed:
        _widen(first.now, start, change)
        first.days = None  # it goes on, at the one dose or the other
        return
    if change.every is None:
        raise Problem("a change whose pace is not told")
    if change.every.denominator != 1:
        raise Problem("steps that are not whole days")
    sizes = _sizes(start.span.low, change, start.unit)
    days = int(change.every)
    first.now.amount = Amount(span_of(sizes[0]), start.unit)
    first.now.mass = None
    if not first.now.has_times:
        first.now.daily = True
    first.days = first.days or days
    for size in sizes[1:]:
        take = copy(first.now)
        take.amount = Amount(span_of(size), start.unit)
        builder.stretches.append(Stretch([take], join="then", days=days))
    if not change.until_stopped:
        builder.step.days = None
    builder.step.stops = change.until_stopped
    builder.ladder = True


def _as_one(take: Draft) -> None:
    """`2 bd, cut by 1 tablet a day`: so many a day. Raises Problem where that is not told."""
    often = administrations(take)
    if take.amount is None or often is None or often.low != often.high or often.low < 1:
        raise Problem("a change of a dose that is not told")
    take.amount = Amount(take.amount.span * often, take.amount.unit)
    take.times, take.parts, take.meals, take.daily = None, [], False, True
    take.clocks = set()


def _of_a_day(take: Draft, change: Change) -> Change:
    """`300 mg at night, increasing by 300 mg every 3 days to 600 mg tds`: so much a day."""
    once = take.daily or take.every_day or len(take.parts) == 1
    if not once or take.times or change.target is None:
        raise Problem("how often is not told")
    whole = change.target.span * span_of(change.target_times)
    take.parts, take.every_day, take.daily = [], False, True
    return change._replace(target=change.target._replace(span=whole))


def _start(take: Draft, change: Change) -> Amount:
    start = take.amount
    if change.start is not None:
        stated = Amount(change.start.span, change.start.unit)
        if start is not None and start != stated:
            raise Problem("a change from another dose than the one before it")
        start = stated
    if start is None or start.span.low != start.span.high:
        raise Problem("a change of a dose that is not told")
    units = {change.by.unit, start.unit} | ({change.target.unit} if change.target else set())
    mass = take.mass
    if len(units - {"1"}) > 1 and mass is not None and mass.unit == change.by.unit:
        whole = mass.span if take.mass_is_total else mass.span * start.span  # "one 25 mg tablet"
        start = Amount(whole, mass.unit)
        units = {change.by.unit} | ({change.target.unit} if change.target else set())
    named = units - {"1"}
    if len(named) > 1:
        raise Problem("a change in another unit than the dose")
    return Amount(start.span, named.pop() if named else "1")


def _sizes(start: Fraction, change: Change, unit: str) -> list[Fraction]:
    by = change.by.span.low
    if change.target is not None:
        end = change.target.span.low
        if change.until_stopped:
            raise Problem("a change with two ends")
    elif change.until_stopped and change.sign < 0:
        end = Fraction(0)
    else:
        raise Problem("a change without an end")
    steps = (end - start) * change.sign / by if by > 0 else Fraction(-1)
    if steps.denominator != 1 or not 1 <= steps <= 50:
        raise Problem("a change whose steps do not meet its end")
    sizes = [start + change.sign * by * i for i in range(int(steps) + 1)]
    return [size for size in sizes if size > 0]


def _widen(take: Draft, start: Amount, change: Change) -> None:
    """`may increase by 25 mg every week to 100 mg`: anything between."""
    if change.target is None or change.target.span.low <= start.span.high or change.sign < 0:
        raise Problem("a change without an end")
    take.amount = Amount(Span(start.span.low, change.target.span.low), start.unit)
    take.mass = None
