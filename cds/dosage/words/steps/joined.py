"""Whether the takes of one step may be added: `1 in the morning and 2 at bedtime`."""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import ONE
from cds.dosage.words.steps.takes import Draft, Problem

_ALL_BUT_ONE = 6
_KNOWN = ("pattern", "alternating", "except", "times")


def check_beside(takes: Sequence[Draft]) -> None:
    """Raise Problem where takes contradict each other instead of adding up."""
    days = [take.weekdays for take in takes if take.weekdays]
    if len(days) > 1 and len(frozenset().union(*days)) == _ALL_BUT_ONE:
        raise Problem("a day of the week is left open")
    for place, take in enumerate(takes[1:], start=1):
        if take.join in _KNOWN:
            continue
        for earlier in takes[:place]:
            _check(earlier, take)


def _check(one: Draft, other: Draft) -> None:
    if other.as_needed and not one.as_needed:
        if (
            other.join in ("and", "then") and not other.extra and other.has_times
            and not (_on_top(one, other) or _varies(one, other) or _told_apart(one, other))
        ):  # fmt: skip
            raise Problem("as needed, and of which amount is not told")
        return
    if one.as_needed and not other.as_needed:
        if other.join not in ("and", "period"):
            raise Problem("as needed, and of which amount is not told")
        return
    if one.as_needed:
        if _apart(one, other):
            return  # "prn: 1 in the morning, 1 at noon, 2 at bedtime"
        raise Problem("two amounts as needed")
    if other.extra and other.weekdays is not None and one.has_times:
        return  # "1 daily plus an extra half on Sundays"
    if one.single or other.single:
        raise Problem("two amounts, of which one is taken once")
    apart = _apart(one, other)
    if apart is False:
        raise Problem("two amounts for one time")
    joined = other.join == "and" or (other.join == "period" and one.meals)
    if apart is None and not (joined and (_adds(one, other) or _week(one, other))):
        raise Problem("two different amounts")


def _apart(one: Draft, other: Draft) -> bool | None:
    """Whether they are at different times; None where that is not told."""
    if one.snack != other.snack and (one.meals or other.meals):
        return True
    if one.parity and other.parity:
        return one.parity != other.parity
    if one.weekdays and other.weekdays:
        return not one.weekdays & other.weekdays or _slots_apart(one, other)
    return _slots_apart(one, other)


def _slots_apart(one: Draft, other: Draft) -> bool | None:
    mine, theirs = one.slots(), other.slots()
    return None if mine is None or theirs is None else not mine & theirs


def _adds(one: Draft, other: Draft) -> bool:
    """`1 tablet twice daily and 2 tablets at bedtime`."""
    return (one.slots() is None) != (other.slots() is None)


def _on_top(one: Draft, other: Draft) -> bool:
    """`50 mg q8h and 50 mg q6h prn`: each with its own times, and the one when needed."""
    own = other.slots() is None and other.has_times and other.amount is not None
    return own and other.needed_itself and one.has_times


def _varies(one: Draft, other: Draft) -> bool:
    """`1 in the morning and 1-2 at bedtime as needed`: only what varies is taken when needed."""
    if one.amount is None or other.amount is None or not one.has_times:
        return False
    fixed = one.amount.span.low == one.amount.span.high
    return fixed and other.amount.span.low < other.amount.span.high


def _told_apart(one: Draft, other: Draft) -> bool:
    """`1 twice daily and 1 at bedtime as needed for sleep`, `1 bd and take 1 at bedtime if needed`:
    the one of every day, and the other when needed. `1 in the morning and 1 at bedtime as needed`
    may be meant of both."""
    regular = one.times is not None or one.daily or one.every_day or one.each_one
    alone = other.slots() is not None and len(other.slots() or ()) == 1
    on_top = other.plus and one.times is not None
    return alone and (other.told_anew or on_top or (regular and other.needed_for))


def _week(one: Draft, other: Draft) -> bool:
    """`1 tablet 5 days a week and 2 tablets 2 days a week`: together the seven days."""
    if one.seldom is None or other.seldom is None or one.times or other.times:
        return False
    whole = one.seldom + other.seldom
    return whole == ONE and all(7 % d.seldom.low.denominator == 0 for d in (one, other) if d.seldom)
