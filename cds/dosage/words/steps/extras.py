"""What is taken beside the regular dose, when needed: extra doses and repetitions."""

from __future__ import annotations

from copy import copy

from cds.dosage.model import Span
from cds.dosage.words.facts import ONE, Dose
from cds.dosage.words.readers.numbered_days import Days
from cds.dosage.words.readers.repeats import Repeated
from cds.dosage.words.steps.adding import add
from cds.dosage.words.steps.bounds import repeat
from cds.dosage.words.steps.builder import Builder
from cds.dosage.words.steps.takes import Problem


def another(b: Builder, value: object) -> None:
    b.extra = True
    add(b, Dose(ONE, "1"))


def extra(b: Builder, value: object) -> None:
    if b.kind(-1) == "count":
        b.take.extra = True
    else:
        b.extra = True


def reason(b: Builder, value: object) -> None:
    """`an extra tablet for weight gain`: taken when that is there."""
    take = b.take
    take.for_reason = True
    if take.extra and take.amount is not None and not take.has_times:
        take.as_needed = True


def needed_too(b: Builder) -> None:
    """`1 tablet bd and prn`: the regular dose, and the same when needed."""
    regular = b.take
    if regular.amount is None or not regular.has_times or regular.as_needed:
        return
    take = b.next_take("and")
    take.amount, take.mass = regular.amount, regular.mass
    take.mass_is_total, take.extra = regular.mass_is_total, True


def up_to_extra(b: Builder, span: Span) -> None:
    """`up to 6 extra puffs a day`: so often one, on top of the regular dose."""
    regular = b.take.amount is not None and b.take.has_times and not b.take.as_needed
    if regular:
        b.join, b.extra, b.may = b.join or "and", True, True
        add(b, Dose(ONE, "1"))
    one = b.take.amount is not None and b.take.amount.span == ONE
    if not (b.take.as_needed and one):
        raise Problem("an exception or an extra dose that is not told")
    b.step.max_times, b.take.needed_itself, b.take.extra = span.high, True, True
    b.extra = b.may = False
    b.joined_by()


def repeat_dose(b: Builder, value: Repeated) -> None:
    """`2 at bedtime, may repeat 1 tablet if not asleep`: the same again, or another amount."""
    held = b.take.amount
    first_day = b.step.range == Days(1, 1)
    if held is None or (b.step.closed and not first_day) or len(b.step.takes) > 1:
        raise Problem("how often it may be repeated is not told")
    if held.span == value.dose.span and held.unit == value.dose.unit:
        repeat(b, value.repeat)
        return
    if (
        not (b.may or value.repeat.allowed)
        or b.take.as_needed
        or value.repeat.so_often not in (None, 1)
    ):
        raise Problem("how often it may be repeated is not told")
    b.join, b.extra, b.may = "and", True, True
    add(b, value.dose)


def repeat_at(b: Builder, value: object) -> None:
    """`1 in the morning, may repeat at 2 pm if needed`: the same once more, at that time."""
    earlier = b.take
    if earlier.amount is None or not earlier.has_times or earlier.as_needed or b.step.closed:
        raise Problem("how often it may be repeated is not told")
    take = b.next_take("and")
    take.amount, take.mass, take.mass_is_total = (
        copy(earlier.amount),
        earlier.mass,
        earlier.mass_is_total,
    )
    take.as_needed = take.extra = True
    b.may, b.join = False, ""
