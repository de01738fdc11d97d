"""What changes of the dose do to the steps."""

from __future__ import annotations

from fractions import Fraction

from cds.dosage.words.readers.change_steps import Change
from cds.dosage.words.steps.builder import Builder, Stretch
from cds.dosage.words.steps.takes import Problem
from cds.dosage.words.steps.titration import titrate


def stays(b: Builder, value: object) -> None:
    """`then stay on 5 mg`: the last dose said again."""
    b.staying = True
    b.join = ""


def goes_on(b: Builder, value: object) -> None:
    """`… 3 mg in week 3 and stay there`."""
    if len(b.stretches) < 2 or b.kind(1) not in ("", "period", "close", "open", "comma"):
        return
    if b.step.range is not None:
        b.step.range = b.step.range._replace(last=None)
    elif not b.ladder:
        b.step.days = None


def change_to(b: Builder, sign: int) -> None:
    if b.step.empty:
        if _conditional(b):
            raise Problem("an increase of a dose that is not told")
        b.step.changed = len(b.stretches) > 1 and b.step.range is not None  # "on day 8 increase to"
        return
    tolerated = _conditional(b)
    for fact in b.facts[b.at + 1 :]:
        if fact.kind in ("period", "then"):
            break
        tolerated = tolerated or fact.kind in ("tolerated", "prn")
    if b.may or tolerated:
        b.raising, b.lowering = True, sign < 0
        if b.step.range is not None or b.step.longest is not None or len(b.stretches) > 1:
            raise Problem("an increase that is only allowed, between steps")
        b.step.days = None  # "for 2 weeks, then may increase": it goes on, at the one or the other
        return
    b.changing = True


def changed_to(b: Builder, sign: int) -> None:
    """`citalopram 40 mg reduced to 20 mg`: the first is taken no more."""
    only = len(b.stretches) == len(b.step.takes) == 1
    if only and b.take.amount is not None and not (b.take.has_times or b.take.as_needed or b.may):
        b.stretches[0] = Stretch()
        return
    change_to(b, sign)


def change_if(b: Builder, sign: int) -> None:
    """`increase if tolerated to`."""
    if b.step.empty:
        raise Problem("an increase of a dose that is not told")
    b.may = True
    change_to(b, sign)


def _conditional(b: Builder) -> bool:
    """`if tolerated, after 2 weeks increase to`."""
    back = -1
    while b.kind(back) in ("after", "comma", "fill", "length"):
        back -= 1
    return b.kind(back) == "tolerated"


def change_after(b: Builder, days: Fraction) -> None:
    """`increase after 1 week to 2 tablets`."""
    if not b.may:
        b.step.days = int(days)
    change_to(b, 1)


def change_by(b: Builder, change: Change) -> None:
    tolerated = change.tolerated or any(fact.kind == "tolerated" for fact in b.facts[b.at :])
    titrate(b, change, allowed=b.may or tolerated)
    b.may = False
    b.joined_by()


def stop(b: Builder, days: Fraction | None) -> None:
    step = b.step
    if step.empty and step.range is not None and len(b.stretches) > 1:
        before = b.stretches[-2]  # "day 8: stop"
        last = before.range.last if before.range is not None else before.days
        if last is not None and last + 1 != step.range.first:
            raise Problem("the days of the course do not follow each other")
        if last is None:
            before.days = step.range.first - 1
        b.stretches.pop()
    elif days is not None and step.days is None:
        step.days = int(days)
    b.step.stops = True
    b.joined_by()


def onward(b: Builder, value: object) -> None:
    if b.step.range is not None:
        b.step.range = b.step.range._replace(last=None)


def condition(b: Builder, value: object) -> None:
    """`if no response 2 tablets daily`: of the whole dose."""
    if b.at == 0 and b.kind(2 if b.kind(1) == "comma" else 1) in ("dose", "count", "fill"):
        raise Problem("only under a condition")
    changed = any(fact.kind.startswith("change") for fact in b.facts)
    if b.kind(1) == "after" and not changed:
        raise Problem("only under a condition")  # "1 daily, if no better in 1 week 2 daily"
