"""What times do to the steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction

from cds.dosage.model import Span
from cds.dosage.words.facts import ONE, span_of
from cds.dosage.words.steps.builder import Builder
from cds.dosage.words.steps.extras import needed_too, up_to_extra
from cds.dosage.words.steps.takes import TELLS_OFTEN, Draft, Problem

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
    if take.parts or take.clocks:
        _of_all(b, span)


def _of_all(b: Builder, span: Span) -> None:
    """`4 in the morning and 4 in the evening one day a week`: the days are of both."""
    for earlier in b.step.takes[:-1]:
        if earlier.parts or earlier.clocks:
            if earlier.daily or earlier.every_day or earlier.seldom not in (None, span):
                raise Problem("of which of the doses the days are is not told")
            earlier.seldom = span


def interval_again(b: Builder, span: Span) -> None:
    """The same interval in another unit."""
    take = b.take
    of_days = take.daily or (take.times is not None and take.times.low > 1)
    if of_days and take.seldom is None and span.low < 1 and b.step.days is None:
        b.step.days = int(1 / span.low)  # "1 bd (2 weeks)": so long
        return
    if span not in (b.take.seldom, b.take.times) and not (b.take.daily and span == ONE):
        raise Problem("two different frequencies")


def daily(b: Builder, value: object) -> None:
    if b.total_said:
        b.total_said = False
        return
    if (b.kind(-2), b.kind(-1)) == ("open", "meals"):
        return  # "before each meal (3 meals/day)"
    if b.raising:
        b.times(ONE)
        return
    b.before_times(joined=bool(b.join)).daily = True
    b.joined_by()


def every_day(b: Builder, value: object) -> None:
    anew = b.join == "period" or b.verb_at == b.at - 1
    if b.take.as_needed and anew and not b.amount_ahead():
        raise Problem("as needed, and not as needed")  # "daily as needed; take every day"
    b.before_times(joined=bool(b.join)).every_day = True
    b.joined_by()


def daily_hour(b: Builder, value: object) -> None:
    """`at the same time each day`: daily, where nothing else tells how often."""
    if not any(fact.kind in TELLS_OFTEN for fact in b.facts):
        b.take.every_day = True
    b.joined_by()


def part(b: Builder, name: str) -> None:
    if b.join == "or":
        b.join = ""
        if not b.take.parts:
            raise Problem("one time or another")
        return
    labelled = b.kind(1) == "colon" and b.take.times_first and b.take.amount is not None
    if labelled and not b.join:
        b.next_take("comma")  # "AM: 2 NOON: 1 BED: 0"
    take = b.before_times(joined=bool(b.join))
    join = b.joined_by()
    if join == "and" and take.times is not None and take.times.low > 1 and _unplaced(take):
        amount, mass, total = take.amount, take.mass, take.mass_is_total
        take = b.next_take("times")
        take.amount, take.mass, take.mass_is_total = amount, mass, total
        join = ""
    if take.clocks and not take.parts and _apart([name], take.clocks):
        take.parts = [(str(minute), "comma") for minute in sorted(take.clocks)]
        take.clocks, join = set(), _joined(join)  # "at 8 am and noon"
    take.parts.append((name, join))
    take.each_one |= b.facts[b.at - 1].value in ("every", "each") and b.at > 0


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
    take = b.before_times(joined=bool(b.join))
    join = b.joined_by()
    if take.parts and not take.clocks and _apart([name for name, _ in take.parts], [minute]):
        take.parts.append((str(minute), _joined(join)))  # "in the morning and at 2 pm"
    else:
        take.clocks.add(minute)


_HOURS = {
    "morning": (4, 11), "midmorning": (8, 12), "noon": (10, 14), "afternoon": (12, 18),
    "evening": (15, 22), "night": (18, 27),
}  # fmt: skip
"""from and to which hour a part of the day may be meant"""


def _apart(parts: Sequence[str], minutes: Collection[int]) -> bool:
    """Whether none of the clock times may be one of the parts."""
    hours = [h for minute in minutes for h in (minute // 60, minute // 60 + 24)]
    named = [_HOURS.get(name, (int(name) // 60,) * 2 if name.isdigit() else None) for name in parts]
    return all(n is not None and not any(n[0] <= h <= n[1] for h in hours) for n in named)


def _joined(join: str) -> str:
    if join not in ("and", "comma"):
        raise Problem("two different times of the day")
    return join


def clocks(b: Builder, minutes: tuple[int, ...]) -> None:
    b.before_times(joined=bool(b.join)).clocks.update(minutes)
    b.joined_by()


def clock_limit(b: Builder, minute: int) -> None:
    """`before 3 pm`: when, unless the parts of the day are told."""
    if not (b.take.parts or b.take.times or b.take.clocks):
        clock(b, minute)


def worn(b: Builder, value: object) -> None:
    """`12 hours on, 12 hours off`: put on once a day."""
    take = b.take
    if not (take.daily or take.every_day or take.seldom or take.parts or take.weekdays):
        take.every_day = True
    elif take.seldom is not None:
        raise Problem("two different frequencies")
    b.joined_by()


def cycle(b: Builder, share: Span) -> None:
    """`3 weeks on, 1 week off`: of the days that are told otherwise."""
    if b.take.cycle is not None or b.step.closed:
        raise Problem("two different frequencies")
    if not b.take.has_times:
        b.take.every_day = True
    b.take.cycle = share
    b.joined_by()


def gap(b: Builder, hours: Fraction) -> None:
    """`at least 6 hours between doses`: the most of a day, where nothing else tells how often."""
    take = b.take
    if hours <= 0:
        raise Problem("two different frequencies")
    if take.has_times:
        if take.times is not None and take.times.low > 1 and hours * take.times.low > 24:
            raise Problem("two different frequencies")
    elif take.as_needed or any(fact.kind == "prn" for fact in b.facts[b.at :]):
        if hours <= 24:
            most = Fraction(24 // hours)
            b.step.max_times = min(most, b.step.max_times or most)
    else:
        raise Problem("how often is not told")
    b.joined_by()


def rarely(b: Builder, hours: Fraction) -> None:
    """`not more often than every 6 hours`: as needed, where nothing else tells how often."""
    if not b.take.has_times:
        b.take.as_needed = True
    gap(b, hours)


def spread(b: Builder, value: object) -> None:
    """`3 tablets spread through the day`: a total, where no frequency is told."""
    take = b.take
    if not (take.times or take.parts or take.clocks or take.meals):
        take.divided = take.every_day = True
    b.joined_by()


def times_alone(b: Builder, span: Span) -> None:
    """`day 2: 300 mg twice`."""
    if b.step.range is None:
        raise Problem("how often is not told")
    b.times(span)


def awake(b: Builder, value: object) -> None:
    if b.kind(-1) == "times" and b.facts[b.at - 1].value != b.take.times:
        return  # "5 times a day (every 4 hours while awake)"
    b.take.awake = True


def up_to_times(b: Builder, value: tuple[str, Span]) -> None:
    kind, span = value
    if kind == "extra":
        up_to_extra(b, span)
        return
    if kind == "times" and b.take.times is not None:
        b.step.max_times = span.high
        return
    b.take.as_needed = b.take.needed_itself = True
    if kind == "times":
        b.times(span)
    else:
        seldom(b, span)


def prn(b: Builder, value: object) -> None:
    bare = b.kind(-1) == "repeat" and b.kind(-2) != "may" and not b.facts[b.at - 1].value.allowed
    if b.step.repeated and not b.take.as_needed and not bare:
        return  # "may repeat x1 if needed": the repetition is what may be needed
    if b.join == "then" and b.step.closed and not b.amount_ahead():
        b.next_step()
    if b.join == "and" and not b.amount_anywhere_ahead():
        needed_too(b)
    b.take.as_needed = True
    b.take.needed_for = value == "for"
    b.all_needed |= b.kind(1) == "colon" and b.step.takes[0].amount is None
    if b.join == "comma" and b.kind(1) in ("", "period"):
        for take in b.step.takes:  # "1 tab q4h moderate pain, 2 tabs q4h severe pain, PRN"
            take.as_needed = True
    behind = b.kind(-1) in (
        "times", "daily", "every_day", "up_to_times", "dose", "count", "form",
    )  # fmt: skip
    b.take.needed_itself = not b.join and behind
    b.joined_by()


def single(b: Builder, value: object) -> None:
    if b.take.extra and any(fact.kind in ("reason", "prn") for fact in b.facts[b.at :]):
        b.take.as_needed = True  # "give an extra 20 mg x1 for weight gain"
        return
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


def event(b: Builder, value: int | str) -> None:
    """`1 hour before the scan`; the number of times where several are told."""
    b.take.before_event = True
    if isinstance(value, int) and not b.take.has_times:
        b.take.times, b.step.days = span_of(value), 1
    b.joined_by()
