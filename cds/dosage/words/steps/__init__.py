"""Facts to steps: which amount goes with which times, and one step after the other.

Only an instruction of which every piece is known gets here. What contradicts itself, or leaves a
length or an amount open, is a Problem and never a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cds.dosage.model import Step
from cds.dosage.words.facts import Fact
from cds.dosage.words.readers.advice import EMERGENCY
from cds.dosage.words.steps import (
    amounts,
    bounds,
    changes,
    courses,
    extras,
    patterns,
    times,
    weekly,
)
from cds.dosage.words.steps.builder import Builder, Stretch
from cds.dosage.words.steps.phases import in_order
from cds.dosage.words.steps.takes import Problem, administrations

_NOTHING = frozenset({
    "ignored", "route", "method", "fluid", "flag", "open", "dash", "tolerated",
    "weight", "each", "colon", "close", "tapering", "both", "beside", "begins",
})  # fmt: skip


def read_steps(facts: Sequence[Fact]) -> tuple[Step, ...]:
    """The steps of an instruction whose every piece is known. Raises Problem."""
    builder = Builder(facts)
    for builder.at, fact in enumerate(facts):
        does = _DOES.get(fact.kind)
        if does is not None:
            does(builder, fact.value)
        elif fact.kind not in _NOTHING:
            raise Problem("words that make no instruction here")
    builder.end()
    if _cut_off(facts):
        raise Problem("it ends in the middle")
    _nothing_open(builder)
    one = len(builder.stretches) == 1 and not builder.step.stops
    if one and any(fact.kind == "tapering" for fact in facts):
        raise Problem("a taper of which the steps are not told")
    return in_order(_without_the_former(builder))


def _without_the_former(builder: Builder) -> Sequence[Stretch]:
    """`50 mg daily → 100 mg daily`, without any length: a change, and the second is taken."""
    steps = builder.stretches
    takes = [take for step in steps for take in step.takes]
    arrows = sum(fact.kind == "then" and fact.value == "arrow" for fact in builder.facts)
    told = any(step.days is not None or step.range is not None for step in steps)
    if arrows != 1 or len(takes) != 2 or told or not (takes[0].has_times and takes[1].has_times):
        return steps
    if (
        administrations(takes[0]) != administrations(takes[1])
        or takes[0].slots() != takes[1].slots()
    ):
        raise Problem("a change, or two doses of a day")
    steps[-1].takes = takes[1:]
    return steps[-1:]


def _cut_off(facts: Sequence[Fact]) -> bool:
    """`1 tablet every morning, 1 at noon, and`."""
    last = facts[-1]
    return last.kind in ("and", "or", "equals") or (last.kind == "then" and last.value != "onward")


def _nothing_open(builder: Builder) -> None:
    """Each word that announces something must have got it."""
    if builder.refers and len(builder.stretches) == 1:
        raise Problem("the dose stands elsewhere")
    if builder.scheduled and all(t.as_needed for s in builder.stretches for t in s.takes):
        raise Problem("as needed, and not as needed")
    if builder.rarely_taken and not all(t.as_needed for s in builder.stretches for t in s.takes):
        raise Problem("taken more seldom than is told")
    if builder.raising or builder.changing:
        raise Problem("an increase to a dose that is not told")
    told = builder.stretches[0].now.amount is not None
    if not told and any(fact.kind == "change_to" for fact in builder.facts):
        raise Problem("an increase to a dose that is not told")
    takes = [take for stretch in builder.stretches for take in stretch.takes]
    turns = {take.parity for take in takes} & {"one day", "the next"}
    if len(turns) == 1:
        raise Problem("every other day, and of the days between nothing is told")
    alternates = any(take.join == "alternating" for take in takes) or bool(turns)
    if builder.excepting or builder.extra or (builder.alternating and not alternates):
        raise Problem("an exception or an extra dose that is not told")


def _join(word: str) -> Callable[[Builder, Any], None]:
    def join(b: Builder, value: object) -> None:
        if word == "comma" and b.join:
            return
        if word == "and" and b.join == "then":
            return
        b.join = word

    return join


def _and(b: Builder, value: object) -> None:
    _join("and")(b, value)
    b.plus = value in ("plus", "+")


def _then(b: Builder, value: object) -> None:
    """`then 1 TID`, and the `thereafter` of `1 TID thereafter`."""
    if b.kind(1) in ("", "period") and not b.step.empty and not b.step.closed:
        b.step.join = "then"
    days = b.step.range
    if value == "onward" and b.kind(1) in ("", "period") and days is not None:
        b.step.range = days._replace(last=None)  # "day 3: 300 mg tds thereafter"
    _join("then")(b, value)


def _period(b: Builder, value: object) -> None:
    if b.kind(-1) == "colon" and b.kind(-2) == "part":
        raise Problem("an amount is missing")  # "Morning: 1 | Noon: | Evening: 1"
    _join("period")(b, value)


def _or(b: Builder, value: object) -> None:
    """One thing or another; of two routes it is only how."""
    before = b.kind(-2) if b.kind(-1) == "comma" else b.kind(-1)
    if (b.kind(-2), b.kind(-1)) == ("and", "slash"):
        raise Problem("one of them or both")  # "in am and/or pm"
    how = before in ("ignored", "route") and b.kind(1) == "ignored"
    if how or b.kind(1) == "route" or b.kind(2) == "route":
        return
    b.join = "or"


def _set(name: str, value: object = True) -> Callable[[Builder, Any], None]:
    def change(b: Builder, said: object) -> None:
        setattr(b, name, value)

    return change


def _of_take(name: str) -> Callable[[Builder, Any], None]:
    def change(b: Builder, said: object) -> None:
        setattr(b.take, name, True)

    return change


def _verb(b: Builder, value: object) -> None:
    if value == "verb":
        b.verb_at = b.at
    elif value == "again" and b.take.amount is not None and not b.step.closed:
        b.equals, b.join = True, ""  # "Dose: 50 mg; … Admin Amount: 1 tablet"


def _nothing_told(b: Builder, value: object) -> None:
    """`50-100 mg see admin instructions. 1 tablet in the morning, 2 at night`: those are it."""
    first = len(b.stretches) == 1 and len(b.step.takes) == 1
    amount = b.take.amount
    if not first or amount is None or b.take.has_times or b.take.as_needed or value != "elsewhere":
        return
    if b.amount_anywhere_ahead():
        b.stretches[0] = Stretch()
        b.told_before = amount


def _refuse(message: str) -> Callable[[Builder, Any], None]:
    def refuse(b: Builder, value: object) -> None:
        raise Problem(message)

    return refuse


def _advice(b: Builder, clean: bool | str) -> None:
    if not clean:
        raise Problem("words of dosing in a piece of advice")
    if clean == EMERGENCY and b.take.amount is not None and not b.take.has_times:
        b.take.as_needed |= any(fact.kind == "reason" for fact in b.facts)  # "for chest pain …"
    b.join = ""


_DOES: dict[str, Callable[[Builder, Any], None]] = {
    "dose": amounts.dose,
    "count": amounts.count,
    "form": amounts.form,
    "pattern": patterns.pattern,
    "in_turn": patterns.in_turn,
    "another": extras.another,
    "extra": extras.extra,
    "each": amounts.each,
    "each_nostril": amounts.each_nostril,
    "product": amounts.product,
    "other_strength": amounts.other_strength,
    "total_a_day": amounts.total_a_day,
    "as_parts": _join("as"),
    "split_over_nostrils": amounts.split_over_nostrils,
    "none": amounts.none,
    "spread": times.spread,
    "stays": changes.stays,
    "goes_on": changes.goes_on,
    "times_alone": times.times_alone,
    "turn": weekly.turn,
    "clocks": times.clocks,
    "clock_limit": times.clock_limit,
    "worn": times.worn,
    "cycle": times.cycle,
    "gap": times.gap,
    "rarely": times.rarely,
    "dates": courses.dates,
    "today": courses.today,
    "tomorrow": courses.tomorrow,
    "next_day": courses.next_day,
    "until_date": courses.until_date,
    "times": Builder.times,
    "seldom": times.seldom,
    "interval_again": times.interval_again,
    "daily": times.daily,
    "od": times.daily,
    "daily_hour": times.daily_hour,
    "snack": _of_take("snack"),
    "every_day": times.every_day,
    "weekly_day": weekly.weekly_day,
    "changed_to": changes.changed_to,
    "each_length": courses.each_length,
    "each_interval": courses.each_interval,
    "part": times.part,
    "meals": times.meals,
    "clock": times.clock,
    "weekdays": weekly.weekdays,
    "rest_of_week": weekly.rest_of_week,
    "days_of_another": _set("excepting", False),
    "parity": weekly.parity,
    "per_day_of": amounts.per_day_of,
    "up_to_times": times.up_to_times,
    "up_to_a_day": bounds.up_to_a_day,
    "max": bounds.maximum,
    "prn": times.prn,
    "needed": times.prn,
    "reason": extras.reason,
    "event": times.event,
    "hours_later": _of_take("hours_later"),
    "repeat_dose": extras.repeat_dose,
    "repeat_at": extras.repeat_at,
    "fill": _verb,
    "single": times.single,
    "single_dose": times.single_dose,
    "now": times.now,
    "length": courses.length,
    "days": courses.days,
    "after": courses.after,
    "whole_course": courses.whole_course,
    "until_effect": courses.until_effect,
    "change_to": changes.change_to,
    "change_if": changes.change_if,
    "change_after": changes.change_after,
    "change_by": changes.change_by,
    "stop": changes.stop,
    "repeat": bounds.repeat,
    "total": amounts.total,
    "day_total": _set("total_next", "day"),
    "divided": amounts.divided,
    "and": _and,
    "slash": _join("comma"),
    "then": _then,
    "comma": _join("comma"),
    "period": _period,
    "or": _or,
    "may": _set("may"),
    "equals": _set("equals"),
    "except": _set("excepting"),
    "alternating": _set("alternating"),
    "awake": times.awake,
    "strength": amounts.strength,
    "advice": _advice,
    "tolerated": changes.condition,
    "doses": bounds.doses,
    "onward": changes.onward,
    "nothing_told": _nothing_told,
    "against": _refuse("not to be taken, or on hold"),
    "refers": _set("refers"),
    "titrate": _refuse("a change whose pace is not told"),
    "sessions": amounts.sessions,
    "scheduled": _set("scheduled"),
    "rarely_taken": _set("rarely_taken"),
    "shift": _refuse("two or three shifts a day"),
    "ambiguous_adverb": _refuse("two times in a week, or once in two weeks"),
}
