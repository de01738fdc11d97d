"""What each kind of fact does to the steps.

Only an instruction of which every piece is known gets here. What contradicts itself, or leaves a
length or an amount open, is a Problem and never a number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from cds.dosage.model import Amount, Span, Step
from cds.dosage.words.builder import Builder
from cds.dosage.words.courses import Change, Days, Maximum
from cds.dosage.words.facts import MASSES, ONE, Dose, Fact, Length, span_of
from cds.dosage.words.often import WEEK
from cds.dosage.words.phases import in_order
from cds.dosage.words.takes import Draft, Problem
from cds.dosage.words.titration import titrate

_NOTHING = frozenset({
    "fill", "ignored", "reason", "route", "method", "fluid", "flag", "open", "dash", "tolerated",
    "nothing_told", "each", "colon", "close", "tapering",
})  # fmt: skip
_BEFORE_A_COUNT = frozenset({
    "", "fill", "ignored", "and", "then", "comma", "period", "change_to", "change_after", "may", "extra",
    "prn", "except", "days", "colon", "after", "length", "part", "weekdays", "alternating", "every_day",
    "clock", "daily", "rest_of_week", "open", "dash", "route", "now", "another", "equals", "parity",
    "nothing_told", "total", "tapering", "advice",
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
    if builder.raising or builder.changing:
        raise Problem("an increase to a dose that is not told")
    if len(builder.stretches) == 1 and any(fact.kind == "tapering" for fact in facts):
        raise Problem("a taper of which the steps are not told")
    return in_order(builder.stretches)


def _dose(b: Builder, dose: Dose) -> None:
    top, _, below = dose.unit.partition("/")
    if below in ("d", "24h") and top in (*MASSES, "mL"):
        amount = Amount(dose.span, top)
        if b.take.amount is not None and b.kind(-1) in (
            "open",
            "total",
            "equals",
            "day_total",
            "comma",
        ):
            if not b.step.closed and b.take.has_times:
                b.take.daily_total = amount
                return
        b.add(dose._replace(unit=top))
        b.take.daily = True
        return
    if below and dose.unit != "ug/h":
        raise Problem("an amount by weight or a rate")
    b.add(dose)


def _count(b: Builder, span: Span) -> None:
    if b.kind(-1) not in _BEFORE_A_COUNT:
        raise Problem("a number without a unit")
    unit = next(
        (t.amount.unit for s in reversed(b.stretches) for t in reversed(s.takes)
         if t.amount is not None and t.amount.unit.startswith("{")), "1",
    )  # fmt: skip
    b.add(Dose(span, unit))


def _form(b: Builder, unit: str) -> None:
    take = b.take
    if take.amount is not None and take.amount.unit == "1" and unit.startswith("{"):
        take.amount = Amount(take.amount.span, unit)
    elif take.amount is None and unit == "{patch}" and not b.changing:
        b.add(Dose(ONE, unit))  # "change patch every 3 days"


def _pattern(b: Builder, value: tuple[tuple[Fraction, ...], str]) -> None:
    sizes, unit = value
    if b.take.amount is not None or b.take.has_times:
        if not b.step.closed:
            raise Problem("two amounts")
        b.next_step()
    count: dict[Fraction, int] = {}
    for size in sizes:
        if size:
            count[size] = count.get(size, 0) + 1
    b.step.takes[-1:] = [
        Draft(Amount(span_of(size), unit), times=span_of(n), join="pattern")
        for size, n in count.items()
    ]
    b.join = ""


def _another(b: Builder, value: object) -> None:
    b.extra = True
    b.add(Dose(ONE, "1"))


def _extra(b: Builder, value: object) -> None:
    if b.kind(-1) == "count":
        b.take.extra = True
    else:
        b.extra = True


def _each_nostril(b: Builder, value: object) -> None:
    amount = b.take.amount
    if amount is None or amount.unit not in ("{spray}", "{drop}"):
        raise Problem("each nostril, and no sprays")
    b.take.amount = Amount(amount.span * span_of(2), amount.unit)


def _seldom(b: Builder, span: Span) -> None:
    take = b.before_times(joined=bool(b.join))
    b.joined_by()
    if b.step.takes[-1].join == "alternating" and span == span_of(Fraction(1, 2)):
        return
    if take.seldom is not None and take.seldom != span:
        raise Problem("two different frequencies")
    take.seldom = span


def _daily(b: Builder, value: object) -> None:
    if b.raising:
        b.times(ONE)
        return
    b.before_times(joined=bool(b.join)).daily = True
    b.joined_by()


def _every_day(b: Builder, value: object) -> None:
    b.before_times(joined=bool(b.join)).every_day = True
    b.joined_by()


def _part(b: Builder, name: str) -> None:
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


def _meals(b: Builder, value: object) -> None:
    b.before_times(joined=bool(b.join)).meals = True
    b.joined_by()


def _clock(b: Builder, minute: int) -> None:
    b.before_times(joined=bool(b.join)).clocks.add(minute)
    b.joined_by()


def _weekdays(b: Builder, days: frozenset[str]) -> None:
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


def _rest_of_week(b: Builder, value: object) -> None:
    used: frozenset[str] = frozenset()
    for take in b.step.takes[:-1]:
        if take.weekdays is None:
            raise Problem("other days than which is not told")
        used |= take.weekdays
    if not used or b.take.weekdays is not None:
        raise Problem("other days than which is not told")
    b.take.weekdays = frozenset(WEEK) - used
    b.joined_by()


def _parity(b: Builder, name: str) -> None:
    b.take.parity = name
    b.joined_by()


def _per_day_of(b: Builder, value: tuple[Span, int]) -> None:
    """`3/day` beside an amount is times, alone so many units."""
    span, days = value
    if b.take.amount is None or b.changing or b.join in ("then", "and"):
        _count_anywhere(b, span)
        (b.times if days == 1 else lambda s: _seldom(b, s))(span_of(Fraction(1, days)))
    elif days == 1:
        b.times(span)
    else:
        _seldom(b, Span(span.low / days, span.high / days))


def _count_anywhere(b: Builder, span: Span) -> None:
    b.add(Dose(span, "1"))


def _up_to_times(b: Builder, value: tuple[str, Span]) -> None:
    kind, span = value
    if kind == "times" and b.take.times is not None:
        b.step.max_times = span.high
        return
    b.take.as_needed = True
    if kind == "times":
        b.times(span)
    else:
        _seldom(b, span)


def _up_to_a_day(b: Builder, dose: Dose) -> None:
    if b.take.amount is None:
        b.add(dose._replace(high=True))
        b.take.daily = True
    else:
        b.step.max_per_day = Amount(dose.span, dose.unit)


def _max(b: Builder, value: Maximum) -> None:
    if value.of_other:
        return
    if value.days != 1:
        raise Problem("a maximum, and of what time is not told")
    if value.times is not None:
        b.step.max_times = value.times
    elif value.dose is not None:
        if "/" in value.dose.unit:
            raise Problem("an amount by weight or a rate")
        b.step.max_per_day = Amount(value.dose.span, value.dose.unit)


def _prn(b: Builder, value: object) -> None:
    if b.step.repeated and not b.take.as_needed:
        return  # "may repeat x1 if needed": the repetition is what may be needed
    if b.join == "then" and b.step.closed and not b.amount_ahead():
        b.next_step()
    b.take.as_needed = True
    b.joined_by()


def _single(b: Builder, value: object) -> None:
    b.take.single = True
    b.take.once = value == "once"
    b.joined_by()


def _single_dose(b: Builder, value: object) -> None:
    """Once, unless a frequency is told: `3 tablets as a single dose daily`."""
    b.take.single_dose = True


def _now(b: Builder, value: object) -> None:
    if not b.take.has_times:
        b.take.single = True
        b.step.days = 1


def _length(b: Builder, length: Length) -> None:
    days = length.days
    if days is None or length.cue in ("over", "during") or b.ladder:
        raise Problem("a length that is none of a course")
    if length.span.low != length.span.high or length.cue == "up to":
        b.step.longest = int(days.high)
        if length.cue == "up to":
            b.step.days = int(days.high)
        return
    if b.step.days not in (None, int(days.low)):
        raise Problem("two different lengths")
    b.step.days = int(days.low)


def _days(b: Builder, days: Days) -> None:
    step = b.step
    if step.range is not None or (step.days is not None and not step.empty):
        b.next_step()
    b.step.range = days


def _after(b: Builder, days: Fraction | None) -> None:
    if days is None or days.denominator != 1:
        raise Problem("the length of a step is not told")
    if b.raising or b.step.repeated:
        return
    before = b.stretches[-2] if len(b.stretches) > 1 and b.step.join == "then" else None
    ahead = b.kind(1) in ("change_to", "comma", "dose", "count", "verb", "fill", "then", "may")
    if before is not None and before.days is None:
        before.days = int(days)
    elif b.step.days is None and not b.step.empty and ahead:
        b.step.days, b.join = int(days), "then"
    else:
        raise Problem("the length of a step is not told")


def _change_to(b: Builder, sign: int) -> None:
    if b.step.empty:
        return
    tolerated = b.kind(-1) == "tolerated"
    for fact in b.facts[b.at + 1 :]:
        if fact.kind in ("period", "then"):
            break
        tolerated = tolerated or fact.kind in ("tolerated", "prn")
    if b.may or tolerated:
        if sign < 0:
            raise Problem("a decrease that is only allowed")
        b.raising = True
        if b.step.range is not None or b.step.longest is not None or len(b.stretches) > 1:
            raise Problem("an increase that is only allowed, between steps")
        b.step.days = None  # "for 2 weeks, then may increase": it goes on, at the one or the other
        return
    b.changing = True


def _change_after(b: Builder, days: Fraction) -> None:
    """`increase after 1 week to 2 tablets`."""
    if not b.may:
        b.step.days = int(days)
    _change_to(b, 1)


def _change_by(b: Builder, change: Change) -> None:
    tolerated = any(fact.kind == "tolerated" for fact in b.facts[b.at :])
    titrate(b, change, allowed=b.may or tolerated)
    b.may = False
    b.joined_by()


def _stop(b: Builder, days: Fraction | None) -> None:
    if days is not None and b.step.days is None:
        b.step.days = int(days)
    b.step.stops = True
    b.joined_by()


def _repeat(b: Builder, count: int | None) -> None:
    allowed = b.may or any(fact.kind == "prn" for fact in b.facts[b.at :])
    if not allowed or (count is not None and count < 1):
        raise Problem("how often it may be repeated is not told")
    b.step.repeats = count or 1
    b.step.repeated = True
    b.may = False


def _total(b: Builder, value: object) -> None:
    if b.take.mass is not None and b.kind(-1) in ("dose", "fill"):
        b.take.mass_is_total = True
    else:
        b.total_next = "dose"


def _divided(b: Builder, value: object) -> None:
    take = b.take
    if take.amount is None or (take.times is not None and take.times != ONE):
        raise Problem("a total or the single dose")
    take.divided = True


def _join(word: str) -> Callable[[Builder, Any], None]:
    def join(b: Builder, value: object) -> None:
        if word == "comma" and b.join:
            return
        if word == "and" and b.join == "then":
            return
        b.join = word

    return join


def _strength(b: Builder, value: object) -> None:
    if b.take.amount is None or b.take.amount.unit != "mL":
        raise Problem("a strength beside no volume")


def _set(name: str, value: object = True) -> Callable[[Builder, Any], None]:
    def change(b: Builder, said: object) -> None:
        setattr(b, name, value)

    return change


def _awake(b: Builder, value: object) -> None:
    b.take.awake = True


def _refuse(message: str) -> Callable[[Builder, Any], None]:
    def refuse(b: Builder, value: object) -> None:
        raise Problem(message)

    return refuse


def _advice(b: Builder, clean: bool) -> None:
    if not clean:
        raise Problem("a dose in a piece of advice")
    b.join = ""


def _doses(b: Builder, count: Fraction) -> None:
    b.step.doses = count


def _onward(b: Builder, value: object) -> None:
    if b.step.range is not None:
        b.step.range = b.step.range._replace(last=None)


_DOES: dict[str, Callable[[Builder, Any], None]] = {
    "dose": _dose, "count": _count, "form": _form, "pattern": _pattern, "another": _another,
    "extra": _extra, "each_nostril": _each_nostril, "times": Builder.times, "seldom": _seldom,
    "daily": _daily, "od": _daily, "every_day": _every_day, "part": _part, "meals": _meals,
    "clock": _clock, "weekdays": _weekdays, "rest_of_week": _rest_of_week, "parity": _parity,
    "per_day_of": _per_day_of, "up_to_times": _up_to_times, "up_to_a_day": _up_to_a_day,
    "max": _max, "prn": _prn, "needed": _prn, "single": _single, "single_dose": _single_dose, "now": _now, "length": _length,
    "days": _days, "after": _after, "change_to": _change_to, "change_after": _change_after,
    "change_by": _change_by, "stop": _stop, "repeat": _repeat, "total": _total,
    "day_total": _set("total_next", "day"), "divided": _divided, "and": _join("and"),
    "slash": _join("and"), "then": _join("then"), "comma": _join("comma"),
    "period": _join("period"), "or": _join("or"), "may": _set("may"), "equals": _set("equals"),
    "except": _set("excepting"), "alternating": _set("alternating"), "awake": _awake,
    "strength": _strength, "advice": _advice, "doses": _doses, "onward": _onward,
    "against": _refuse("not to be taken, or on hold"),
    "refers": _refuse("the dose stands elsewhere"),
    "titrate": _refuse("a change whose pace is not told"),
    "sessions": _refuse("a number of sessions"),
    "ambiguous_adverb": _refuse("two times in a week, or once in two weeks"),
}  # fmt: skip
