"""Totals of a day beside the amounts of its parts."""

from __future__ import annotations

from fractions import Fraction

from cds.dosage.model import Amount
from cds.dosage.words.facts import MASSES, ONE
from cds.dosage.words.steps.builder import Builder
from cds.dosage.words.steps.takes import Problem, administrations


def of_the_day(b: Builder, amount: Amount) -> bool:
    """`1 am, 2 pm, total 3 tablets/day`. Raises Problem where it is another sum."""
    takes = b.step.takes
    if b.total_next != "dose" or len(takes) < 2 or b.kind(1) != "daily":
        return False
    if amount.unit in MASSES or any(t.amount is None or t.amount.unit in MASSES for t in takes):
        return False
    sums = [t.amount.span * (administrations(t) or ONE) for t in takes if t.amount is not None]
    if sum((s.high for s in sums), Fraction(0)) != amount.span.high:
        raise Problem("the total of a day contradicts the doses")
    b.total_said, b.total_next, b.join = True, "", ""
    return True


def total_of_a_day(b: Builder, amount: Amount) -> bool:
    """`total daily dose 150 mg: 1 tab am, 2 tabs hs`, `… (total daily dose 150 mg)`."""
    if b.other_strength and b.total_next and amount.unit in MASSES:
        b.total_next = ""
        return True
    if b.take.amount is None and b.total_next == "dose" and b.amount_anywhere_ahead():
        raise Problem("a total, and of what is not told")
    if b.total_next != "day" or amount.unit not in MASSES or b.changing:
        return False
    b.total_next = ""
    if b.take.amount is not None:
        b.take.daily_total = amount
        return True
    if b.amount_anywhere_ahead():
        b.day_total = amount
        return True
    b.take.daily = True
    return False
