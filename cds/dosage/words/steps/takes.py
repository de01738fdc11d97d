"""One amount with its times: how many administrations a day the words add up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from cds.dosage.model import BESIDE_A_NAME, Amount, Span, Take
from cds.dosage.words.facts import MASSES, ONE, span_of

MAX_PER_DAY = 24
"""administrations; more is not an instruction that a person follows"""
MAX_COUNT = 40
"""tablets or the like at once"""
MAX_BARE = 10
"""of what is not named: `25 at night` may be milligrams"""
MAX_PATCHES = 6
"""at once; `BuTrans 10 patch` names a strength"""
_MEALS = ("morning", "noon", "evening")
_NEAR = (frozenset({"evening", "night"}), frozenset({"afternoon", "evening"}),
         frozenset({"main meal", "evening"}), frozenset({"main meal", "noon"}))  # fmt: skip
"""different words that may mean one time of day, where nothing joins them"""


_WEEKLY = Fraction(1, 7)
TELLS_OFTEN = frozenset({
    "times", "seldom", "daily", "od", "every_day", "part", "clock", "clocks", "meals", "weekdays",
    "parity", "per_day_of", "up_to_times", "cycle", "single", "prn",
})  # fmt: skip
"""kinds of facts that tell how often"""


class Problem(Exception):
    """The words are known and make no instruction. The message quotes nothing of the text."""


@dataclass(slots=True)
class Draft:
    """A take while it is being read."""

    amount: Amount | None = None
    mass: Amount | None = None
    mass_is_total: bool | None = None
    spelled: bool = False
    times: Span | None = None
    seldom: Span | None = None
    daily: bool = False
    every_day: bool = False
    parts: list[tuple[str, str]] = field(default_factory=list)
    """(part of the day, what joins it to the one before: `and`, `comma` or nothing)"""
    clocks: set[int] = field(default_factory=set)
    weekdays: frozenset[str] | None = None
    parity: str | None = None
    cycle: Span | None = None
    """the share of days in which it is taken at all: 3/4 of `3 weeks on, 1 week off`"""
    meals: bool = False
    snack: bool = False
    """with snacks: not with the meals of another amount"""
    awake: bool = False
    single: bool = False
    single_dose: bool = False
    once: bool = False
    as_needed: bool = False
    divided: bool = False
    extra: bool = False
    join: str = ""
    """what joins it to the take before: and, then, comma, period, or nothing"""
    plus: bool = False
    """joined by `plus`, `+`"""
    needed_itself: bool = False
    """`as needed` stands right behind its own times"""
    for_reason: bool = False
    """what it is for is told"""
    needed_for: bool = False
    """`as needed` tells what for: `1 at bedtime as needed for sleep`"""
    told_anew: bool = False
    """a verb begins it: `… and take 1 tablet at bedtime if needed`"""
    each_one: bool = False
    """`every morning`: said of each day"""
    before_event: bool = False
    """before what comes once"""
    hours_later: bool = False
    """`then 1 one hour later`: once more, of the same occasion"""
    times_first: bool = False
    daily_total: Amount | None = None

    @property
    def has_times(self) -> bool:
        """Whether anything tells how often."""
        return bool(
            self.times or self.seldom or self.daily or self.every_day or self.parts or self.clocks
            or self.weekdays or self.parity or self.meals or self.single
        )  # fmt: skip

    @property
    def empty(self) -> bool:
        return not (self.amount or self.mass or self.has_times or self.as_needed)

    @property
    def is_nothing(self) -> bool:
        """`noon: none`."""
        return self.amount is not None and self.amount.span.high == 0

    def slots(self) -> set[str] | None:
        """The times of day it takes up; None where it is not told by them."""
        if self.times or self.meals or not (self.parts or self.clocks):
            return None
        return {name for name, _ in self.parts} | {str(clock) for clock in self.clocks}

    def copy_times(self, other: Draft) -> None:
        """Take over how often another one is taken."""
        for name in ("times", "seldom", "daily", "every_day", "parts", "clocks", "weekdays",
                     "parity", "meals", "awake", "divided", "cycle"):  # fmt: skip
            setattr(self, name, getattr(other, name))


def finished(draft: Draft) -> Take:
    """The take. Raises Problem where its words contradict each other or make no sense."""
    per_day = administrations(draft)
    amount = draft.amount
    if amount is not None:
        if amount.span.low <= 0:
            raise Problem("an amount of nothing")
        if "/kg" in amount.unit or (
            amount.unit.endswith(("/min", "mL/h", "}")) and "/" in amount.unit
        ):
            raise Problem("an amount by weight or a rate")
        if "/" in amount.unit and amount.unit != "ug/h":
            raise Problem("an amount by weight or a rate")
        most = MAX_PATCHES if amount.unit == "{patch}" else MAX_COUNT
        if amount.unit == "1" and amount.span.high > MAX_BARE:
            raise Problem("a number without a unit")
        uncounted = (*MASSES, "mL", "ug/h", "{drop}", BESIDE_A_NAME)
        if amount.unit not in uncounted and amount.span.high > most:
            raise Problem("more units at once than anybody takes")
    if per_day is not None and per_day.high > MAX_PER_DAY and draft.as_needed:
        per_day = None  # "every 5 minutes as needed": a maximum tells how much a day, or nothing
    if per_day is not None and (per_day.high > MAX_PER_DAY or per_day.low <= 0):
        raise Problem("more often than anybody takes it")
    mass, total = draft.mass, draft.mass_is_total
    if draft.daily_total is not None:
        mass, total = _with_total(draft, per_day)
    return Take(amount, mass, total, per_day, draft.as_needed, draft.spelled)


def _with_total(draft: Draft, per_day: Span | None) -> tuple[Amount | None, bool | None]:
    """`(150 mg/day)` beside a count: the mass of each administration."""
    total = draft.daily_total
    assert total is not None
    if per_day is None or per_day.low != per_day.high:
        return draft.mass, draft.mass_is_total
    share = Span(total.span.low / per_day.low, total.span.high / per_day.low)
    if draft.mass is None:
        if draft.amount is not None and draft.amount.unit == total.unit:
            seldom = per_day.low < 1  # "15 mg once a week, as 6 x 2.5 mg": of the day it is taken
            if draft.amount.span not in (share, total.span if seldom else share):
                raise Problem("the total of a day contradicts the doses")
            return None, None
        return Amount(share, total.unit), True
    masses = [draft.mass.span]
    if draft.mass_is_total is not True and draft.amount is not None:
        masses.append(draft.amount.span * draft.mass.span)
    if draft.mass.unit == total.unit and share not in masses:
        raise Problem("the total of a day contradicts the doses")
    return draft.mass, draft.mass_is_total


def administrations(draft: Draft) -> Span | None:
    """Administrations a day. Raises Problem where the words contradict each other."""
    often = _while_taken(draft)
    return often if often is None or draft.cycle is None else often * draft.cycle


def _while_taken(draft: Draft) -> Span | None:
    if draft.divided:
        if not (draft.daily or draft.every_day or draft.times) or draft.seldom or draft.weekdays:
            raise Problem("a total or the single dose")
        return ONE
    events = _events(draft)
    times = draft.times
    if draft.awake and times is not None:
        low = -(-times.low * 2 // 3)  # 16 of 24 hours, rounded up
        times = Span(Fraction(low), times.high)
    if draft.single and (times or draft.daily or draft.seldom or draft.every_day):
        raise Problem("once, and a frequency")
    if draft.single and draft.once and (events or draft.weekdays):
        raise Problem("once, and a frequency")
    if draft.seldom and (draft.every_day or (draft.daily and not _of_days(draft.seldom))):
        raise Problem("two different frequencies")
    within = _within_day(draft, times, events)
    days = _days(draft)
    if days is None:
        return within
    if within is None:
        return days
    if draft.seldom is not None and within != ONE and not _multiplies(draft.seldom, within):
        raise Problem("two different frequencies")
    if draft.weekdays and len(draft.weekdays) == 1 and (draft.daily or draft.every_day):
        raise Problem("two different frequencies")
    if draft.seldom == Span(_WEEKLY, _WEEKLY) and draft.times == ONE:
        raise Problem("two different frequencies")  # "once daily weekly"
    return within * days


def _of_days(seldom: Span) -> bool:
    """`daily, 3 times a week`; `daily` and `weekly`, or `daily` and `q48h`, contradict."""
    return seldom.high > Fraction(1, 7) and (seldom.low * 7).denominator == 1


def _multiplies(seldom: Span, within: Span) -> bool:
    """`every other day` tells the days, on which it may be taken twice."""
    return seldom == span_of(Fraction(1, 2)) and within == span_of(2)


def _events(draft: Draft) -> int:
    """Times of the day that the words tell: those for one part are one, different parts add."""
    kept = _parts(draft)
    if draft.meals and draft.times == span_of(len(kept)) and set(kept) <= set(_MEALS):
        return len(kept)  # "twice daily with meals (breakfast + supper)"
    if draft.meals and set(kept) & set(_MEALS) not in (set(), set(_MEALS)):
        raise Problem("with each meal or with some")
    if draft.meals:
        return 3 + len([name for name in kept if name not in _MEALS])
    if draft.clocks and kept and len(draft.clocks) != len(kept):
        raise Problem("two different times of the day")
    return len(draft.clocks) or len(kept)


def _parts(draft: Draft) -> list[str]:
    kept: list[str] = []
    for name, join in draft.parts:
        if not kept:
            kept.append(name)
        elif name in kept:
            if join == "and" or name != kept[-1]:
                raise Problem("one time of the day twice")
        elif {name, kept[-1]} in _NEAR:
            if join == "and" or (join and len(draft.parts) > 2):
                kept.append(name)
            elif join:
                raise Problem("two times of the day that may be one")
        elif join:
            kept.append(name)
        else:
            raise Problem("two different times of the day")
    return kept


def _within_day(draft: Draft, times: Span | None, events: int) -> Span | None:
    if times is not None:
        if draft.daily and times != ONE:
            raise Problem("two different frequencies")
        only_how = draft.meals and not [p for p, _ in draft.parts if p not in _MEALS]
        if events and not only_how and span_of(events) != times:
            raise Problem("times of the day and frequency differ")
        return times
    if draft.daily:
        if events > 1 and not draft.divided and (draft.parts or not draft.meals):
            raise Problem("times of the day and frequency differ")
        return ONE
    if events:
        if draft.every_day and draft.meals and not draft.parts:
            raise Problem("every day or with every meal")
        return span_of(events)
    return ONE if draft.every_day or draft.single else None


def _days(draft: Draft) -> Span | None:
    """The share of days, where not every day."""
    share = draft.seldom
    named = span_of(Fraction(len(draft.weekdays), 7)) if draft.weekdays else None
    if draft.parity:
        named = span_of(Fraction(1, 2))
    if share is None or named is None:
        return share or named
    if share != named and not (draft.parity and share == named):
        raise Problem("two different frequencies")
    return share
