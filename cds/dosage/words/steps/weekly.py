"""What days of the week, and days that are left out, do to the steps."""

from __future__ import annotations

from fractions import Fraction

from cds.dosage.words.facts import span_of
from cds.dosage.words.readers.day_times import WEEK
from cds.dosage.words.steps.builder import Builder
from cds.dosage.words.steps.takes import TELLS_OFTEN, Problem


def weekly_day(b: Builder, value: object) -> None:
    """`on the same day each week`: weekly, where nothing else tells how often."""
    told = [fact.kind for fact in b.facts if fact.kind in TELLS_OFTEN]
    if told in ([], ["part"], ["clock"]):
        b.take.seldom = span_of(Fraction(1, 7))
    b.joined_by()


def turn(b: Builder, which: int) -> None:
    """`2 tablets one day and 1 tablet the next`."""
    b.take.parity = "one day" if which == 1 else "the next"
    b.joined_by()


def weekdays(b: Builder, days: frozenset[str]) -> None:
    take = b.before_times(joined=bool(b.join))
    b.joined_by()
    everyday = frozenset(WEEK)
    if take.join == "except":
        earlier = b.step.takes[-2]
        earlier.weekdays = (earlier.weekdays or everyday) - days
    elif b.excepting and take.seldom in (span_of(Fraction(6, 7)), span_of(Fraction(1, 7))):
        b.excepting = False  # "once weekly, not on methotrexate day"
        return
    elif b.excepting:
        b.excepted = days
        _leave_out_of_all(b, days)
        days = (take.weekdays or everyday) - days
        take.weekdays = None
    b.excepting = False
    if b.excepted is not None and b.kind(-1) == "open" and len(b.excepted) == len(days) == 1:
        take.weekdays, b.excepted = everyday - days, days  # "except on MTX day (Mondays)"
        return
    if take.weekdays is not None and take.weekdays != days:
        raise Problem("two different sets of days")
    if not days:
        raise Problem("no day of the week is left")
    slots = bool(take.parts or take.clocks)
    if slots and take.join == "and" and not take.extra and _days_untold(b):
        raise Problem("of which of the doses the days are is not told")
    take.weekdays = days


def _leave_out_of_all(b: Builder, days: frozenset[str]) -> None:
    """`10 mg at 8 am, 5 mg at 4 pm - not at weekends`: of all; behind the last alone, of which?"""
    earlier = [t for t in b.step.takes[:-1] if t.parts or t.clocks or t.meals]
    if not earlier or b.step.takes[-1].weekdays:
        return
    at = next(n for n in range(-1, -9, -1) if b.kind(n) in ("except", ""))
    if b.kind(at - 1) not in ("dash", "comma", "period", "open", "close"):
        raise Problem("of which of the doses the days are is not told")
    for take in earlier:
        take.weekdays = (take.weekdays or frozenset(WEEK)) - days


def _days_untold(b: Builder) -> bool:
    """`1 in the morning and 2 at night on Sundays`: of both, or of the last."""
    earlier = b.step.takes[-2]
    return bool(earlier.parts or earlier.clocks) and not (
        earlier.weekdays or earlier.daily or earlier.every_day
    )


def rest_of_week(b: Builder, value: object) -> None:
    if b.take.weekdays and b.take.amount and b.take.times_first and b.amount_ahead():
        b.next_take(b.joined_by() or "comma")  # "Mon, Wed 1½ tabs, other days 1 tab"
    used: frozenset[str] = frozenset()
    for take in b.step.takes[:-1]:
        if take.weekdays is None:
            raise Problem("other days than which is not told")
        used |= take.weekdays
    if not used or b.take.weekdays is not None:
        raise Problem("other days than which is not told")
    b.take.weekdays = frozenset(WEEK) - used
    b.joined_by()


def parity(b: Builder, name: str) -> None:
    b.before_times(joined=bool(b.join)).parity = name
    b.joined_by()
