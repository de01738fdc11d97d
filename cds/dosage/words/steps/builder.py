"""Facts to stretches: which amount goes with which times, and where a new step begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from cds.dosage.model import Amount, Span
from cds.dosage.words.facts import Fact, span_of
from cds.dosage.words.readers.calendar import Written
from cds.dosage.words.readers.numbered_days import Days
from cds.dosage.words.steps.takes import Draft, Problem

MAX_STEPS = 60


@dataclass(slots=True)
class Stretch:
    """A step while it is being read."""

    takes: list[Draft] = field(default_factory=lambda: [Draft()])
    join: str = ""
    days: int | None = None
    longest: int | None = None
    """where its length is a range, or only bounded: the upper end"""
    range: Days | None = None
    changed: bool = False
    """begun by `increase to`: it goes on, until a later step begins"""
    range_first: bool = False
    """the days stand before the amount"""
    doses: Fraction | None = None
    max_per_day: Amount | None = None
    max_times: Fraction | None = None
    by_hours: bool = False
    """the maximum bounds what is taken every so many hours"""
    nightly: bool = False
    """its length is told in nights"""
    repeats: int = 0
    repeated: bool = False
    stops: bool = False
    until: Written | None = None
    """its last day, where its first is not told"""

    @property
    def now(self) -> Draft:
        return self.takes[-1]

    @property
    def closed(self) -> bool:
        """Its length is told, so that a further amount begins the next step."""
        told = (self.days, self.range, self.longest, self.doses)
        return any(length is not None for length in told)

    @property
    def empty(self) -> bool:
        return all(take.empty for take in self.takes)


class Builder:
    """The state between two facts."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self.calendar = [fact.value for fact in facts if fact.kind == "dates"]
        weights = {fact.value for fact in facts if fact.kind == "weight"}
        self.weight = weights.pop() if len(weights) == 1 else None
        """of the patient, in kilograms, where one is told"""
        self.at = 0
        self.stretches = [Stretch()]
        self.join = ""
        self.equals = False
        self.total_next = ""
        self.may = False
        self.extra = False
        self.raising = False
        """an increase that is only allowed: the next amount is a high end"""
        self.lowering = False
        """that change is a decrease: the next amount is a low end"""
        self.changing = False
        """`increase to`: the next amount or frequency begins a step"""
        self.all_needed = False
        """`PRN anxiety:` before all amounts"""
        self.told_before: Amount | None = None
        """`50-100 mg`, of which the doses are told behind it"""
        self.rarely_taken = False
        self.scheduled = False
        """not as needed, by its own words"""
        self.verb_at = -9
        """where the last verb stands"""
        self.excepting = False
        self.excepted: frozenset[str] | None = None
        """days that an exception took out: what is taken then may follow"""
        self.alternating = False
        self.total_said = False
        """a total of the day was said: its `daily` is no frequency"""
        self.other_strength = False
        """another strength is taken with it: a total that follows is of both"""
        self.both_nostrils = False
        """the sprays that were just said are of both already"""
        self.refers = False
        """it names a plan or pack that is elsewhere: its steps must be told"""
        self.plus = False
        """`plus`, `+`: what follows comes on top"""
        self.raised = False
        """the amount is a range already: masses beside the high end are not kept"""
        self.strength: Fraction | None = None
        """mg in one mL, said before the volume"""
        self.unit_mass: Amount | None = None
        """what one unit weighs, said before the amounts"""
        self.day_total: Amount | None = None
        """of a whole day, said before its parts"""
        self.formed = False
        """the mass is that of a form: `100 mg lozenge`"""
        self.staying = False
        """`then stay on`: the last dose may be said again"""
        self.ladder = False
        """steps of a titration stand; nothing may follow that changes them"""

    @property
    def step(self) -> Stretch:
        return self.stretches[-1]

    @property
    def take(self) -> Draft:
        return self.step.now

    def kind(self, offset: int) -> str:
        """The kind of a fact near the present one."""
        at = self.at + offset
        return self.facts[at].kind if 0 <= at < len(self.facts) else ""

    def amount_ahead(self) -> bool:
        """Whether the next thing said, before any joining word, is an amount."""
        for fact in self.facts[self.at + 1 :]:
            if fact.kind in ("dose", "count", "pattern", "none"):
                return True
            if fact.kind in ("and", "then", "comma", "period", "length", "days", "prn"):
                return False
        return False

    def amount_anywhere_ahead(self) -> bool:
        return any(f.kind in ("dose", "count", "pattern") for f in self.facts[self.at + 1 :])

    def time_ahead(self) -> bool:
        """Whether a time of the day follows at once."""
        return self.kind(2 if self.kind(1) == "fill" else 1) in ("part", "clock", "meals")

    def end(self) -> None:
        """What the parts of a day add up to, where that was said first."""
        if self.told_before is not None:
            _must_hold(self.told_before, [t for s in self.stretches for t in s.takes])
        if self.day_total is not None:
            if len(self.stretches) > 1 or self.take.daily_total is not None:
                raise Problem("the total of a day contradicts the doses")
            self.take.daily_total = self.day_total

    def next_step(self) -> Draft:
        """A new step begins."""
        self.both_nostrils = False
        if len(self.stretches) >= MAX_STEPS:
            raise Problem("more steps than an instruction has")
        join = "then" if self.changing else self.join
        self.stretches.append(Stretch(join=join, changed=self.changing))
        self.changing = False
        self.join = ""
        return self.take

    def next_take(self, join: str) -> Draft:
        """A further amount within the step."""
        self.both_nostrils = False
        self.step.takes.append(
            Draft(join=join, plus=self.plus and join == "and", as_needed=self.all_needed)
        )
        self.plus = False
        return self.take

    def before_times(self, *, joined: bool) -> Draft:
        """The take that a frequency belongs to."""
        take = self.take
        if self.join == "or":
            raise Problem("one time or another")
        if self.changing and not self.amount_ahead():
            return self.next_step()
        if (
            joined
            and self.step.range is not None
            and (take.amount is not None or take.has_times)
            and (self.join == "then" or self.days_ahead())
        ):
            return self.next_step()  # "at night on day 1, bid on day 2, then tid"
        if not joined or not take.has_times:
            return take
        if self.step.closed and (self.join == "then" or self._length_ahead()):
            return self.next_step()
        if take.amount is not None and take.times_first and self.amount_ahead():
            return self.next_step() if self.step.closed else self.next_take(self.join)
        return take

    def _length_ahead(self) -> bool:
        """Whether the frequency that is being read has a length or a step behind it, of its own."""
        if self.join != "comma" or self.amount_ahead():
            return False
        for fact in self.facts[self.at + 1 :]:
            if fact.kind in ("comma", "then", "period", "and"):
                return fact.kind == "then"
            if fact.kind in ("length", "doses"):
                return True
        return False

    def days_ahead(self) -> bool:
        """Whether the time that is being read is of other days than those before."""
        for fact in self.facts[self.at + 1 :]:
            if fact.kind in ("days", "after", "comma", "then", "period", "and", "dose", "count"):
                return fact.kind == "days"
        return False

    def joined_by(self) -> str:
        """What joins this fact to the one before; it is used up."""
        join, self.join = self.join, ""
        return "and" if join == "then" else join

    def times(self, span: Span) -> None:
        """So many times a day."""
        if self.raising:
            self._raise_times(span)
            return
        take = self.before_times(joined=bool(self.join))
        if self.join == "and" and self.kind(1) == "prn" and take.times and take.amount:
            amount, mass, total = take.amount, take.mass, take.mass_is_total
            take = self.next_take("and")  # "1 tablet TID and TID prn"
            take.amount, take.mass, take.mass_is_total = amount, mass, total
        told = take.times or span
        if self.kind(1) == "awake" and 2 * span.low <= 3 * told.low and told.high < span.high:
            return  # "5 times a day (every 4 hours while awake)"
        if take.times is not None and take.times != span:
            raise Problem("two different frequencies")
        take.times = span
        self.joined_by()

    def _raise_times(self, span: Span) -> None:
        take = self.take
        if take.times is None and (take.daily or take.every_day):
            take.times, take.daily, take.every_day = span_of(1), False, False
        if self.amount_ahead():
            return
        once = take.times in (None, span_of(1))
        if once and len(take.parts) == 1 and not take.clocks:
            take.times, take.parts = span_of(1), []  # "at night, may be increased to tds"
        if self.lowering and take.times is not None and span.low < take.times.low:
            take.times = Span(span.low, take.times.high)  # "750 mg tds, reduce to 750 mg bd if …"
            self.step.repeated = True
            self.raising, self.lowering, self.may, self.join = False, False, False, ""
            return
        if take.times is None or span.high < take.times.high or take.parts or self.lowering:
            raise Problem("an increase that does not fit the dose before it")
        take.times = Span(take.times.low, span.high)
        self.step.repeated = True
        self.raising, self.may, self.join = False, False, ""


def _must_hold(range_: Amount, takes: Sequence[Draft]) -> None:
    """`50-100 mg`, and the amounts are 1 and 2 tablets of 50 mg. Raises Problem."""
    amounts = [take.amount for take in takes if take.amount is not None]
    low = min((amount.span.low for amount in amounts), default=Fraction(0))
    high = max((amount.span.high for amount in amounts), default=Fraction(0))
    same = {amount.unit for amount in amounts} <= {range_.unit, "1"}
    fits = (low, high) == (range_.span.low, range_.span.high)
    if not (fits if same else low and range_.span.low / low == range_.span.high / high):
        raise Problem("a range, and the doses are not in it")
