"""Takes of one step that say one thing together: a whole and its parts, one and a half tablets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from cds.dosage.model import Amount, Span
from cds.dosage.words.facts import MASSES, ONE
from cds.dosage.words.readers.day_times import WEEK
from cds.dosage.words.steps.takes import Draft, Problem, administrations


def together(takes: Sequence[Draft], *, most: Amount | None) -> list[Draft]:
    """The takes that are left: each of them is taken."""
    found = _hours_later(_weighed_first(takes))
    found = _with_halves(_but_on_some_days(_without_nothing(found)))
    found = _parts_of_a_whole(found)
    found = _of_a_day(found)
    return _as_needed(_at_most(found, most))


def _weighed_first(takes: Sequence[Draft]) -> Sequence[Draft]:
    """`50 mg twice daily. 1 tablet in the morning and 1 at noon`: the same, weighed and counted."""
    whole, parts = takes[0], takes[1:]
    if not parts or parts[0].join != "period" or any(take.as_needed for take in takes):
        return takes
    amounts = {take.amount for take in parts}
    often, several = administrations(whole), [administrations(take) for take in parts]
    mass = whole.amount
    if mass is None or mass.unit not in MASSES or whole.mass or None in (often, *amounts, *several):
        return takes
    counted = [take.amount for take in parts if take.amount and take.amount.unit not in MASSES]
    added = sum((span for span in several if span), Span(Fraction(0), Fraction(0)))
    if len(amounts) > 1 or len(counted) < len(parts) or added != often:
        return takes
    if any(take.mass is not None or take.slots() is None for take in parts):
        return takes
    for take in parts:
        take.mass, take.mass_is_total = mass, True
    parts[0].join = ""
    return parts


def _hours_later(takes: Sequence[Draft]) -> Sequence[Draft]:
    """`2 at the first sign of gout, then 1 one hour later`: so many of one occasion."""
    if len(takes) != 2 or not takes[1].hours_later:
        return takes
    one, other = takes[0].amount, takes[1].amount
    if not takes[0].as_needed or takes[0].has_times or takes[1].has_times:
        return takes
    if one is None or other is None or one.unit != other.unit:
        return takes
    return [Draft(Amount(one.span + other.span, one.unit), as_needed=True, times=ONE)]


def _without_nothing(takes: Sequence[Draft]) -> list[Draft]:
    """`noon: none`, `nothing at weekends`: the days and times at which the others are not taken."""
    taken = [take for take in takes if not take.is_nothing]
    if not taken or len(taken) == len(takes):
        return list(takes)
    for pause in (take for take in takes if take.is_nothing):
        for take in taken:
            _leave_out(take, pause)
    return taken


def _but_on_some_days(takes: list[Draft]) -> list[Draft]:
    """`1 daily, 2 on Sundays`: on those days the other amount instead; `1 daily and 2 on Sundays`
    may mean both."""
    if len(takes) != 2 or takes[1].join != "comma":
        return takes
    most, some = takes
    other = some.seldom or some.times or some.parts or some.clocks or some.daily or some.every_day
    if most.weekdays or most.parity or most.seldom or not most.has_times or other:
        return takes
    plain = not (some.extra or some.as_needed or most.as_needed or some.plus)
    if some.weekdays and plain and administrations(most) == ONE:
        most.weekdays = frozenset(WEEK) - some.weekdays
    return takes


def _leave_out(take: Draft, pause: Draft) -> None:
    mine, paused = take.slots(), pause.slots()
    if pause.weekdays and not paused:
        left = (take.weekdays or frozenset(WEEK)) - pause.weekdays
        if take.seldom or take.parity or not left:
            raise Problem("two different sets of days")
        take.weekdays = left
    elif not paused or mine is None or mine & paused or pause.weekdays:
        raise Problem("when nothing is taken is not told")


def _with_halves(takes: Sequence[Draft]) -> list[Draft]:
    """`one 50 mg tablet plus half a tablet (total 75 mg) daily`."""
    found = [takes[0]]
    for take in takes[1:]:
        before = found[-1]
        one, half = before.amount, take.amount
        if (
            one is None or half is None or before.has_times or before.as_needed or take.extra
            or take.join != "and" or one.unit != half.unit or one.unit in (*MASSES, "mL")
            or half.span.high >= 1 or half.span.low != half.span.high or one.span.low < 1
            or take.seldom or take.weekdays
        ):  # fmt: skip
            found.append(take)
            continue
        take.amount = Amount(one.span + half.span, one.unit)
        if before.mass is not None and before.mass_is_total is False:
            each = before.mass
            if take.mass_is_total and take.mass is not None:
                _must_agree(take.mass.span == take.amount.span * each.span)
            take.mass, take.mass_is_total = each, False
        take.join = before.join
        found[-1] = take
    return found


def _parts_of_a_whole(takes: Sequence[Draft]) -> list[Draft]:
    """`3 tablets daily (1 in the morning and 2 at night)`: the parts are taken, and add up."""
    whole, parts = takes[0], takes[1:]
    if parts and parts[0].join == "as":  # "200 mg daily, given as 100 mg bid"
        for part in parts:
            if not part.has_times:
                part.copy_times(whole)
        all_of_it = _per_day([whole])
        _must_agree(all_of_it is not None and all_of_it in (_per_day(parts), _weighed(parts)))
        return list(parts)
    if len(parts) == 1 and parts[0].meals and whole.daily and not whole.slots():
        return _parts(whole, parts, slots=False) or list(takes)  # "3 daily (1 with each meal)"
    if len(parts) > 1 and takes[-1].slots() is None and takes[-1].join != "and":
        whole, parts = takes[-1], takes[:-1]  # "2 in the morning, 2 at night (4 tablets daily)"
        return _parts(whole, parts) or list(takes)
    if len(parts) < 2 or whole.parts or whole.clocks or whole.as_needed:
        return list(takes)
    if parts[0].join == "and" or any(part.slots() is None or part.extra for part in parts):
        return list(takes)
    return _parts(whole, parts) or list(takes)


def _parts(whole: Draft, parts: Sequence[Draft], *, slots: bool = True) -> list[Draft] | None:
    if not whole.has_times or any((slots and p.slots() is None) or p.extra for p in parts):
        return None
    all_of_it, of_parts = _per_day([whole]), _per_day(parts)
    if all_of_it is None or all_of_it != of_parts:
        return None
    parts[0].daily_total = parts[0].daily_total or whole.daily_total
    return list(parts)


def _per_day(takes: Sequence[Draft]) -> tuple[str, Span] | None:
    """What they add up to, in one unit."""
    total, units = Span(Fraction(0), Fraction(0)), set()
    for take in takes:
        often = administrations(take)
        if take.amount is None or often is None:
            return None
        units.add(take.amount.unit)
        total += take.amount.span * often
    named = units - {"1"} or {"1"}
    return (named.pop(), total) if len(named) == 1 else None


def _weighed(takes: Sequence[Draft]) -> tuple[str, Span] | None:
    """What they weigh together: `400 mg weekly, given as 2 x 200 mg amps`."""
    masses = [
        replace(
            take,
            amount=Amount(take.amount.span * take.mass.span, take.mass.unit),
            mass=None,
        )
        for take in takes
        if take.amount and take.mass and take.mass_is_total is False
    ]
    return _per_day(masses) if len(masses) == len(takes) else None


def _of_a_day(takes: Sequence[Draft]) -> list[Draft]:
    """`one each morning, two each night (total 150 mg/day)`: what each of them weighs."""
    totals = [take.daily_total for take in takes if take.daily_total is not None]
    if len(takes) < 2 or not totals:
        return list(takes)
    _must_agree(len(totals) == 1)
    for take in takes:
        take.daily_total = None
    regular = [take for take in takes if not take.as_needed and not take.is_nothing]
    added = _per_day(regular)
    _must_agree(added is not None and 0 < added[1].low == added[1].high)
    assert added is not None
    unit, total = totals[0].unit, totals[0].span
    if added[0] in MASSES:
        _must_agree((added[0], added[1]) == (unit, total))
        return list(takes)
    each = Span(total.low / added[1].low, total.high / added[1].low)
    for take in regular:
        _agree_on_one(take, Amount(each, unit))
    return list(takes)


def _agree_on_one(take: Draft, each: Amount) -> None:
    """Give the take what one unit weighs, or check it against the mass that is written."""
    if take.mass is None:
        take.mass, take.mass_is_total = each, False
        return
    assert take.amount is not None
    whole = take.amount.span * each.span
    _must_agree(take.mass.unit == each.unit and take.mass.span in (whole, each.span))


def _must_agree(agree: bool) -> None:
    if not agree:
        raise Problem("the total of a day contradicts the doses")


def _as_needed(takes: list[Draft]) -> list[Draft]:
    """`Pain 4-6: 1 tab q6h prn. Pain 7-10: 2 tabs q6h prn`: an amount between, as often."""
    first = takes[0]
    led = first.as_needed and first.times_first  # "q6h prn: 25 mg for mild pain, 50 mg for severe"
    led |= first.as_needed and all(_within(take, first) for take in takes[1:])
    if len(takes) < 2 or not all(take.amount for take in takes):
        return takes
    if not all(take.as_needed or (led and not take.has_times) for take in takes):
        return takes
    if any(take.slots() or take.extra or take.plus for take in takes):
        return takes
    units = {take.amount.unit for take in takes if take.amount}
    often = {administrations(take) for take in takes if take.has_times}
    if len(units) > 1 or len(often) > 1:
        return takes
    spans = [take.amount.span for take in takes if take.amount]
    whole = Span(min(span.low for span in spans), max(span.high for span in spans))
    timed = next((take for take in takes if take.has_times), takes[0])
    timed.amount, timed.mass, timed.mass_is_total = Amount(whole, units.pop()), None, None
    timed.join = takes[0].join
    return [timed]


def _within(part: Draft, whole: Draft) -> bool:
    """The `1 for mild pain, 2 for severe` of `1-2 tablets q6h prn`."""
    if part.amount is None or whole.amount is None or part.has_times:
        return False
    mine, theirs = part.amount.span, whole.amount.span
    return theirs.low <= mine.low and mine.high <= theirs.high


def _at_most(takes: list[Draft], most: Amount | None) -> list[Draft]:
    """`2 at first loose stool, then 1 after each, max 8 a day`: an amount between, when needed."""
    if most is None or len(takes) != 2 or not (takes[0].as_needed or takes[1].as_needed):
        return takes
    if not takes[1].as_needed and (takes[1].has_times or takes[1].join != "then"):
        return takes
    if not takes[0].as_needed and (takes[0].has_times or takes[1].join != "then"):
        return takes
    one, other = takes[0].amount, takes[1].amount
    if one is None or other is None or one.unit != other.unit or takes[0].has_times:
        return takes
    if takes[1].has_times and administrations(takes[1]) != ONE:
        return takes
    span = Span(min(one.span.low, other.span.low), max(one.span.high, other.span.high))
    return [Draft(Amount(span, one.unit), as_needed=True)]
