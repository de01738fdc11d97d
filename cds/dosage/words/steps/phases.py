"""Stretches to steps: what a later one leaves out, its length, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from cds.dosage.model import Amount, Span, Step, Take
from cds.dosage.words.facts import ONE
from cds.dosage.words.readers.calendar import only_day
from cds.dosage.words.steps.builder import Stretch
from cds.dosage.words.steps.joined import check_beside
from cds.dosage.words.steps.takes import MAX_PER_DAY, Draft, Problem, finished
from cds.dosage.words.steps.together import together

_EVERY_OTHER = Span(Fraction(1, 2), Fraction(1, 2))


def in_order(stretches: Sequence[Stretch]) -> tuple[Step, ...]:
    """The steps, one after the other. Raises Problem."""
    stretches = _first_of_many(stretches)
    _fill(stretches)
    _check_ranges(stretches)
    _check_units(stretches)
    return tuple(
        _step(stretch, last=stretch is stretches[-1], single=len(stretches) == 1)
        for stretch in stretches
    )


def _first_of_many(stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """`2 at once, then 1 after each loose stool, max 8 a day`: as needed, an amount between."""
    if len(stretches) != 2 or any(len(stretch.takes) > 1 for stretch in stretches):
        return stretches
    one, other = stretches[0].now, stretches[1].now
    bounded = stretches[0].max_per_day or stretches[1].max_per_day
    once = one.single or not one.has_times
    if not (other.as_needed and not other.has_times and once and bounded):
        return stretches
    if one.amount is None or other.amount is None or one.amount.unit != other.amount.unit:
        return stretches
    spans = (one.amount.span, other.amount.span)
    low, high = min(s.low for s in spans), max(s.high for s in spans)
    needed = Draft(Amount(Span(low, high), one.amount.unit), as_needed=True)
    return [Stretch([needed], max_per_day=bounded)]


def _fill(stretches: Sequence[Stretch]) -> None:
    """`then 2 tablets`, `then twice daily`: what is left out is as before."""
    for stretch in stretches:
        take = stretch.now
        bounded = stretch.max_per_day or stretch.max_times
        if bounded and take.amount and not (take.has_times or take.as_needed or take.single_dose):
            take.as_needed = take.for_reason  # "for systolic BP over 160, max 2 a day"
        if stretch.nightly and len(stretch.takes) == 1 and not stretch.now.has_times:
            stretch.now.every_day = not stretch.now.as_needed  # "for 3 nights only: 1 tablet"
    for before, stretch in pairwise(stretches):
        earlier, take = before.now, stretch.takes[0]
        alone = len(before.takes) == 1 and len(stretch.takes) == 1
        if take.amount is None and alone and earlier.amount is not None:
            take.amount, take.mass = earlier.amount, earlier.mass
            take.mass_is_total = earlier.mass_is_total
        if not take.has_times and alone and not take.as_needed:
            if stretch.range is not None and earlier.has_times and not _once_a_day(earlier):
                raise Problem("how often is not told")
            take.copy_times(earlier)
            take.as_needed = earlier.as_needed
        if earlier.single and not take.has_times and not take.as_needed and stretch.range is None:
            raise Problem("how often is not told")
    for stretch, after in reversed(list(pairwise(stretches))):
        take, later = stretch.now, after.now
        untold = not take.has_times and not take.as_needed and stretch.range is None
        if untold and len(stretch.takes) == 1 and _once_a_day(later):
            take.copy_times(later)
    for take in (take for stretch in stretches for take in stretch.takes):
        if take.amount and take.amount.unit == "ug/h" and not (take.has_times or take.as_needed):
            take.every_day = True  # a rate is of all the time
    ladder = len(stretches) > 1 and all(
        len(s.takes) == 1 and not s.now.has_times and not s.now.as_needed and s.now.amount
        for s in stretches
    )
    timed = sum(stretch.days is not None for stretch in stretches)
    for stretch in stretches:
        if (stretch.range is not None or (ladder and timed >= len(stretches) - 1)) and (
            not stretch.now.has_times
        ):
            stretch.now.daily = True  # "40 mg x 3 days, 30 mg x 3 days": of a day


def _once_a_day(take: Draft) -> bool:
    often = take.times is not None or take.seldom is not None or take.weekdays is not None
    return not often and (take.daily or take.every_day or len(take.parts) == 1)


def _check_units(stretches: Sequence[Stretch]) -> None:
    """Tablets in one step and millilitres in the next are two products."""
    units = {t.amount.unit for s in stretches for t in s.takes if t.amount is not None}
    if len({unit for unit in units if unit == "mL" or unit.startswith("{")}) > 1:
        raise Problem("two forms of the product")


def _check_ranges(stretches: Sequence[Stretch]) -> None:
    """`day 1`, `days 2-5`: from the first day on, without a gap."""
    reached = 0
    if all(stretch.range is None for stretch in stretches):
        return
    first, second = stretches[0], stretches[1] if len(stretches) > 1 else None
    if second is not None and second.range is not None and not first.closed:
        first.days = second.range.first - 1  # "1 daily, from day 8 on 2 daily"
    _go_on(stretches)
    for stretch in stretches:
        if stretch.range is None:
            if reached and stretch.join not in ("then", "period"):
                raise Problem("days of the course are left open")
            reached += stretch.days or 0
            continue
        if stretch.range.first != reached + 1:
            raise Problem("the days of the course do not follow each other")
        last = stretch.range.last
        days = None if last is None else last - stretch.range.first + 1
        if stretch.days is not None and stretch.days != days:
            raise Problem("two different lengths")
        stretch.days = days
        reached = last or reached


def _go_on(stretches: Sequence[Stretch]) -> None:
    """`increase to 50 mg on day 8`: from that day on, up to the day of the next change."""
    changed = False
    for stretch, after in zip(stretches, [*stretches[1:], None], strict=True):
        named, changed = stretch.range, changed or stretch.changed
        if named is None or named.first == 1 or named.last != named.first:
            continue
        if changed and stretch.stops:
            raise Problem("when it stops is not told")
        if not changed:
            if not (stretches[0].range or stretch.range_first or after):
                raise Problem("of that day alone, or from it on")
        elif after is None:
            stretch.range = named._replace(last=None)
        elif after.range is not None:
            stretch.range = named._replace(last=after.range.first - 1)


def _minutely(take: Draft) -> bool:
    return take.as_needed and take.times is not None and take.times.high > MAX_PER_DAY


def _step(stretch: Stretch, *, last: bool, single: bool) -> Step:
    _mark_alternating(stretch.takes)
    stretch.takes = together(stretch.takes, most=stretch.max_per_day)
    single &= len(stretch.takes) == 1
    if stretch.doses is not None and any(_minutely(take) for take in stretch.takes):
        stretch.max_times = stretch.max_times or stretch.doses  # "every 5 min prn for 3 doses"
    check_beside(stretch.takes)
    _alternate(stretch)
    if stretch.now.is_nothing:
        return _pause(stretch)
    for take in stretch.takes:
        take.single |= take.single_dose and not take.has_times
        if take.before_event and (take.parts or take.clocks) and not _every_day(take):
            raise Problem("once before it, or every day")
        event = take.before_event and not (take.has_times or take.as_needed or stretch.repeated)
        take.single |= event and single and take.amount is not None
    if any(take.single for take in stretch.takes) and stretch.days is None:
        stretch.days = 1
    takes = tuple(
        _take(take, stretch, alone=single and len(stretch.takes) == 1) for take in stretch.takes
    )
    _check_maximum(takes, stretch)
    days = stretch.days
    needed = all(take.as_needed for take in takes)
    if days is None and stretch.doses is not None and not needed:
        days = _days_of_doses(stretch.doses, takes)
    if days is None and stretch.longest is not None:
        if not all(take.as_needed for take in takes):
            raise Problem("its length is not told")
        days = stretch.longest
    if days is not None and any(t.per_day and t.per_day.high * days < 1 for t in takes):
        raise Problem("a length shorter than the time between two doses")
    if days is not None and days > 1 and any(take.single for take in stretch.takes):
        raise Problem("once, and a length")
    if not last and days is None:
        raise Problem("the length of a step is not told")
    if stretch.stops and days is None:
        raise Problem("when it stops is not told")
    until = only_day(stretch.until) if stretch.until and days is None else None
    unread = stretch.until is not None and days is None and until is None
    return Step(takes, days, stretch.max_per_day, stretch.max_times, until, unread)


def _check_maximum(takes: Sequence[Take], stretch: Stretch) -> None:
    """`2 tablets as needed, max 1 tablet a day`; `1 tablet three times a day, max 2 a day`."""
    most = stretch.max_per_day
    if most is None:
        return
    for take in takes:
        amount = take.amount
        if amount is None:
            continue
        counted = {most.unit, amount.unit} <= {"1", "{tablet}", "{capsule}"}
        if (most.unit == amount.unit or counted) and most.span.high < amount.span.low:
            raise Problem("the maximum is less than one dose")
        named = len(takes) == 1 and not take.as_needed and take.per_day is not None
        if named and (most.unit == amount.unit or counted) and not stretch.by_hours:
            assert take.per_day is not None
            if most.span.high < amount.span.low * take.per_day.low:
                raise Problem("the maximum is less than the doses of a day")


def _every_day(take: Draft) -> bool:
    """Whether words beside a time of the day tell that it is each day's."""
    return bool(take.daily or take.every_day or take.each_one or take.times or take.seldom)


def _pause(stretch: Stretch) -> Step:
    """`no tablets for 3 days`: an amount of nothing, so long."""
    if stretch.days is None:
        raise Problem("an amount of nothing")
    return Step((Take(stretch.now.amount, per_day=ONE),), stretch.days)


def _mark_alternating(takes: Sequence[Draft]) -> None:
    """`1 tablet and 2 tablets on alternate days`."""
    if len(takes) == 2 and not takes[0].has_times and takes[1].seldom == _EVERY_OTHER:
        takes[1].join = "alternating" if takes[1].join == "and" else takes[1].join


def _alternate(stretch: Stretch) -> None:
    """`1 tablet alternating with 2 tablets`: each of them every other day."""
    if stretch.now.join != "alternating":
        return
    if len(stretch.takes) != 2 or stretch.now.times:
        raise Problem("how the doses alternate is not told")
    if stretch.takes[0].seldom not in (None, _EVERY_OTHER):
        raise Problem("how the doses alternate is not told")
    for take in stretch.takes:
        take.daily = take.every_day = False
        take.parts = stretch.now.parts
        take.seldom = _EVERY_OTHER


def _take(draft: Draft, stretch: Stretch, *, alone: bool) -> Take:
    if draft.amount is None and not alone:
        raise Problem("an amount is missing")
    if draft.amount is not None and not draft.has_times and not draft.as_needed:
        raise Problem("how often is not told")
    if draft.amount is None and not draft.has_times and not draft.as_needed:
        raise Problem("no amount and no frequency")
    if (
        stretch.repeats
        and draft is stretch.takes[-1]
        and draft.amount is not None
        and draft.has_times
    ):
        span = draft.amount.span
        draft.amount = Amount(Span(span.low, span.high * (1 + stretch.repeats)), draft.amount.unit)
        draft.mass = draft.mass_is_total = None
    return finished(draft)


def _days_of_doses(doses: Fraction, takes: Sequence[Take]) -> int:
    """`every 8 hours for 3 doses`."""
    per_day: Span | None = takes[0].per_day
    if len(takes) > 1 or per_day is None or per_day.low != per_day.high:
        raise Problem("its length is not told")
    days = doses / per_day.low
    return max(1, -int(-days // 1)) if per_day.low >= ONE.low or days.denominator == 1 else _open()


def _open() -> int:
    raise Problem("its length is not told")
