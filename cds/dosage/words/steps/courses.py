"""What lengths and dates do to the steps."""

from __future__ import annotations

from fractions import Fraction

from cds.dosage.model import Span
from cds.dosage.words.facts import Length
from cds.dosage.words.readers.calendar import Moment, in_days, length_between
from cds.dosage.words.readers.calendar import Stretch as DatedStretch
from cds.dosage.words.readers.numbered_days import Days
from cds.dosage.words.steps.builder import Builder, Stretch
from cds.dosage.words.steps.takes import Problem, administrations

_HOURLY = 8
"""times a day; what is taken more often than every three hours is not taken for days"""


def length(b: Builder, length: Length) -> None:
    days = length.days
    if length.cue == "over" and days is not None and days.high == 1:
        b.take.every_day = b.take.every_day or not b.take.has_times  # "over 24 hours", by a pump
        return
    if _of_one_administration(b, length):
        return
    if _worn_so_long(b, length):
        b.take.seldom = Span(24 / length.span.low, 24 / length.span.low)
        return
    if days is None or length.cue in ("over", "during") or b.ladder:
        raise Problem("a length that is none of a course")
    if length.span.low != length.span.high or length.cue == "up to":
        b.step.longest = int(days.high)
        if length.cue == "up to":
            b.step.days = int(days.high)
        return
    if b.step.days is not None and not b.step.empty and b.amount_ahead():
        b.next_step()  # "for 2 weeks 1 daily, for the next 2 weeks 2 daily"
    in_all = (b.kind(-2), b.kind(-1)) == ("open", "total")
    if in_all and sum(map(_so_long, b.stretches)) == days.low:
        return  # "200 mg on day 1, then 100 mg for 4 days (total 5 days)"
    b.step.nightly |= length.nightly
    if b.step.days not in (None, int(days.low)):
        raise Problem("two different lengths")
    b.step.days = int(days.low)


def _so_long(stretch: Stretch) -> int:
    """Days of a step; 0 where that is not told."""
    days = stretch.range
    if stretch.days is None and days is not None and days.last is not None:
        return days.last - days.first + 1
    return stretch.days or 0


def _of_one_administration(b: Builder, length: Length) -> bool:
    """`dissolve over 15 minutes`, a patch worn `for 12 hours`: not the length of a course."""
    if length.unit in ("min", "s"):
        return True
    patch = b.take.amount is not None and b.take.amount.unit == "{patch}"
    most = 24 if patch else 4 if length.cue == "over" else 0
    return length.unit == "h" and length.span.high <= most


def _worn_so_long(b: Builder, length: Length) -> bool:
    """`apply 1 patch for 72 hours`: from one to the next."""
    patch = b.take.amount is not None and b.take.amount.unit == "{patch}"
    told = length.unit == "h" and length.cue == "for" and length.span.low == length.span.high
    return patch and told and length.span.low > 24 and not b.take.has_times


def days(b: Builder, days: Days) -> None:
    step = b.step
    if days == Days(1, 1) and step.days == 1 and step.now.single and step.range is None:
        step.range = days  # "2 stat on day 1"
        return
    later = days.first > 1 and b.take.amount is not None and b.take.has_times
    if later and step.range is None and b.amount_ahead():
        b.next_step()  # "1 daily, from day 8 on 2 daily"
    elif _last_begins(b, days):
        before = step.takes.pop()
        step.days = days.first - 1
        b.stretches.append(Stretch([before], join="then", range=days))
        b.step.range_first = False
        return
    elif (
        step.range_first
        and not step.empty
        and not (b.amount_ahead() or "stop" in (b.kind(1), b.kind(2)))
    ):
        raise Problem("of which days the dose is is not told")
    elif step.range is not None or (step.days is not None and not step.empty):
        b.next_step()
    b.step.range, b.step.range_first = days, b.take.amount is None


def _last_begins(b: Builder, days: Days) -> bool:
    """`1 in the morning; 2 in the morning from day 8`."""
    step = b.step
    if days.first < 2 or days.last is not None or step.closed or len(step.takes) != 2:
        return False
    one, other = step.takes
    same = one.slots() is not None and one.slots() == other.slots()
    return same and one.amount is not None and other.amount is not None and not b.amount_ahead()


def dates(b: Builder, stretch: DatedStretch) -> None:
    """`1/6 to 14/6: 1 tablet od`; one date alone is only when it begins."""
    if len(b.calendar) == 1 and stretch.last is None:
        return
    found = in_days(b.calendar)
    if found is None and len(b.calendar) == 1 and stretch.last is not None:
        b.step.until = stretch.last  # 3/1 to 3/10, in March or in January
        return
    if found is None:
        raise Problem("the days of the course do not follow each other")
    days(b, found[b.calendar.index(stretch)])


def after(b: Builder, days: Fraction | None) -> None:
    if days is None or days.denominator != 1:
        raise Problem("the length of a step is not told")
    if b.raising or b.step.repeated:
        return
    before = b.stretches[-2] if len(b.stretches) > 1 and b.step.join == "then" else None
    ahead = b.kind(1) in ("change_to", "comma", "dose", "count", "verb", "fill", "then", "may")
    if before is not None and before.days is None:
        before.days = int(days)
    elif _begins_after(b):
        later = b.step.takes.pop()
        b.step.days = int(days)
        b.stretches.append(Stretch([later], join="then"))
    elif b.step.days is None and not b.step.empty and ahead:
        b.step.days, b.join = int(days), "then"
    else:
        raise Problem("the length of a step is not told")


def _begins_after(b: Builder) -> bool:
    """`50 mg at night, 100 mg at night after a week`: the second from then on, and no third."""
    takes = b.step.takes
    if b.step.closed or len(takes) != 2 or any(take.as_needed for take in takes):
        return False
    one, other = takes
    whole = one.amount is not None and other.amount is not None and other.has_times
    return whole and one.has_times and administrations(one) == administrations(other) and (
        one.slots() == other.slots()
    ) and other.join in ("comma", "then", "period", "and")  # fmt: skip


def until_effect(b: Builder, value: object) -> None:
    """`until pain settles`; `every hour until relief` leaves open how often."""
    often = b.take.times is not None and b.take.times.high > _HOURLY
    if often and not b.take.as_needed:
        raise Problem("how often is left to what it does")


def whole_course(b: Builder, days: Fraction) -> None:
    """`to complete a 7 day course`; what is left of it may be told before."""
    if b.step.days is not None or days.denominator != 1:
        return
    before = sum(map(_so_long, b.stretches[:-1]))
    if all(map(_so_long, b.stretches[:-1])):
        if days <= before:
            raise Problem("two different lengths")
        b.step.days = int(days) - before  # "2 on day 1, then 1 daily, 7 days in total"


def today(b: Builder, value: object) -> None:
    """`2 tablets today, then 1 daily`."""
    b.take.once = False  # "once, today at 1400"
    if b.step.days is not None or b.step.range is not None or b.take.single:
        return
    regular = b.take.daily or b.take.every_day or b.take.times or b.take.parts or b.take.seldom
    once = b.take.single_dose or b.amount_anywhere_ahead()
    if regular and b.take.amount is not None and not once:
        if any(fact.value == "former" for fact in b.facts):
            return  # "increased from 15 mg to 30 mg at night today"
        raise Problem("of today alone, or from today on")
    b.step.range = Days(1, 1)


def tomorrow(b: Builder, value: object) -> None:
    """`from tomorrow 2 tablets`: the step after a first day; else only when it all begins."""
    if b.step.closed and b.amount_ahead():
        b.join = "then"


def next_day(b: Builder, value: object) -> None:
    """`4 tablets today, 2 tablets tomorrow`."""
    if len(b.stretches) != 2 or b.stretches[0].range != Days(1, 1) or b.step.range is not None:
        raise Problem("of which days the dose is is not told")
    b.step.range = Days(2, 2)


def until_date(b: Builder, value: Moment | None) -> None:
    """The day that an order ends: its length is told by its first day, or else of its own."""
    if b.step.days is not None or b.take.single:
        return
    begins = next((fact.value for fact in b.facts if fact.kind == "begins"), None)
    if begins is None and len(b.calendar) == 1:
        begins = Moment(b.calendar[0].first, b.calendar[0].minute)
    whole = any(fact.kind == "whole_course" for fact in b.facts)
    if value is not None and len(b.stretches) == 1 and (begins is None or whole):
        b.step.until = value.day
        return
    if value is None or len(b.stretches) > 1:
        raise Problem("its length is not told")
    b.step.days = length_between(begins, value) if begins is not None else None
    if b.step.days is None:
        b.step.until = value.day  # 3/4 to 10/4, in April or in October


def each_length(b: Builder, days: Fraction) -> None:
    """`5 mg tds, 5 mg bd, 5 mg od, 2 days each`: so long each of the doses. Raises Problem."""
    takes = b.step.takes
    before = b.stretches[:-1]
    told = b.step.closed or any(step.days != int(days) for step in before)
    units = {take.amount.unit for take in takes if take.amount is not None}
    joined = {take.join for take in takes[1:]}
    if told or len(takes) < 2 or len(units) != 1 or "and" in joined:
        raise Problem("of which of the doses the length is is not told")
    timed = [take for take in takes if take.has_times]
    if len(timed) not in (0, 1, len(takes)) or any(take.as_needed for take in takes):
        raise Problem("how often is not told")
    for take in takes:
        if timed and not take.has_times:
            take.copy_times(timed[0])
        take.daily |= not take.has_times
    if before and not timed:
        for take in takes:
            take.daily = False  # as before
    b.stretches[:] = before + [Stretch([take], join="then", days=int(days)) for take in takes]
    b.join = ""


def each_interval(b: Builder, days: Fraction) -> None:
    """`25 mg → 50 mg → 75 mg at weekly intervals`: the last goes on."""
    each_length(b, days)
    b.step.days = None
