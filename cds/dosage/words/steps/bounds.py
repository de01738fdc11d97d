"""What repetitions, maxima and numbers of doses do to the steps."""

from __future__ import annotations

from copy import copy
from fractions import Fraction

from cds.dosage.model import Amount, Span
from cds.dosage.words.facts import MASSES, ONE, Dose, span_of
from cds.dosage.words.readers.maxima import Maximum
from cds.dosage.words.readers.numbered_days import Days
from cds.dosage.words.readers.repeats import Repeat
from cds.dosage.words.steps.adding import add
from cds.dosage.words.steps.builder import Builder, Stretch
from cds.dosage.words.steps.takes import MAX_PER_DAY, Problem, administrations

_MOST_A_DAY = 24
"""`every 5 minutes as needed, max 3 tablets`: in all"""


def _again(b: Builder, days: Fraction) -> None:
    """`1 tablet today, repeat in 72 hours`: nothing between, and the same once more."""
    first = b.step
    first.days, first.range = 1, None
    for span, length in ((span_of(0), int(days) - 1), (None, 1)):
        take = copy(first.now)
        if span is not None and take.amount is not None:
            take.amount = Amount(span, take.amount.unit)
            take.mass = take.mass_is_total = None
            take.single, take.daily = False, True
        b.stretches.append(Stretch([take], join="then", days=length))


def repeat(b: Builder, value: Repeat) -> None:
    count = value.so_often
    once = b.take.single or b.step.range == Days(1, 1)
    once |= b.take.single_dose and not b.take.has_times
    whole = value.days is not None and value.days.denominator == 1 and value.days > 1
    if once and whole and not (b.may or b.take.as_needed or value.allowed):
        assert value.days is not None
        _again(b, value.days)
        return
    if count == 0 and any(f.kind == "max" and f.value.days == 1 for f in b.facts):
        b.step.repeated, b.may = True, False  # how often is told by the maximum
        return
    allowed = (
        value.allowed
        or b.may
        or b.take.as_needed
        or any(fact.kind == "prn" for fact in b.facts[b.at :])
    )
    episode = not b.take.has_times and any(fact.kind == "reason" for fact in b.facts[: b.at])
    if episode and b.take.amount is not None and not value.allowed:
        b.take.as_needed = b.step.repeated = True  # "1-2 sprays for chest pain, repeat after 5 min"
        return
    if not allowed or (count is not None and count < 1):
        raise Problem("how often it may be repeated is not told")
    b.step.repeats = count or 1
    b.step.repeated = True
    b.may = False


def maximum(b: Builder, value: Maximum) -> None:
    if value.of_other and any(fact.kind == "product" for fact in b.facts):
        return
    if value.days == 7 and b.take.as_needed:
        return  # "when required, max 3 nights a week": of a day it is the same
    if value.days == 0:
        return  # of one administration, whose amount is told
    needed = b.take.as_needed or any(fact.kind == "prn" for fact in b.facts)
    minutes = b.take.times is not None and b.take.times.high > _MOST_A_DAY
    again = minutes or any(fact.kind == "repeat" for fact in b.facts)
    if value.days != 1 and not (value.days is None and needed and again):
        raise Problem("a maximum, and of what time is not told")
    if value.times is not None:
        b.step.max_times = value.times
    elif value.dose is not None and b.kind(-1) == "prn" and len(b.step.takes) > 1:
        b.step.max_per_day = _beside_the_regular(b, value.dose)
    elif value.dose is not None:
        b.step.by_hours = value.by_hours
        if "/" in value.dose.unit:
            raise Problem("an amount by weight or a rate")
        b.step.max_per_day = Amount(value.dose.span, value.dose.unit)


def _beside_the_regular(b: Builder, most: Dose) -> Amount:
    """`100 mg bd, also 25 mg prn, prn max 100 mg a day`: the maximum of both together."""
    whole = Span(most.span.low, most.span.high)
    for take in b.step.takes[:-1]:
        often = administrations(take)
        if take.amount is None or often is None or take.amount.unit != most.unit:
            raise Problem("a maximum, and of what is not told")
        whole += take.amount.span * often
    return Amount(whole, most.unit)


def doses(b: Builder, count: Fraction) -> None:
    b.step.doses = count
    episode = b.take.times is not None and b.take.times.high > _MOST_A_DAY
    if episode and any(fact.kind == "reason" for fact in b.facts):
        b.take.as_needed = True  # "every 5 minutes up to 3 doses for chest pain"


def up_to_a_day(b: Builder, dose: Dose) -> None:
    if b.take.amount is None:
        add(b, dose._replace(high=True))
        b.take.daily = True
    elif not _raised_daily(b, dose):
        b.step.max_per_day = Amount(dose.span, dose.unit)
        minutely = b.take.times is not None and b.take.times.low > MAX_PER_DAY
        b.take.as_needed |= minutely or not b.take.has_times  # "one, up to 3 a day"


def _raised_daily(b: Builder, dose: Dose) -> bool:
    """`25 mg daily up to 100 mg daily`, `1 bd up to 3 a day`: a range."""
    take, held = b.take, b.take.amount
    often = ONE if take.daily else take.times
    if held is None or often is None or take.as_needed or take.mass or len(b.step.takes) > 1:
        return False
    same = dose.unit == held.unit or (dose.unit == "1" and held.unit not in MASSES)
    plain = held.span.low == held.span.high and often.low == often.high
    if not (same and plain) or dose.span.high <= held.span.high * often.high:
        return False
    if often == ONE:
        take.amount = Amount(Span(held.span.low, dose.span.high), held.unit)
    else:
        take.times = Span(often.low, dose.span.high / held.span.high)
    return True
