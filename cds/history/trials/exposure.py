"""How long a drug was taken at what dose: the courses of one drug on one line of time.

Days are a union: two courses that overlap never make a day count twice, nor add their doses (the
medication history has already added orders that were meant to add up). Where an end or a dose is
not known, the answer is a span: what is certain, and what it could be at most.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from cds.history.model.course import DOUBTS, Doubt, MedicationCourse
from cds.history.model.trial import TrialPhase
from cds.units import Quantity, UnitError, plain
from cds.units import weeks as written_weeks

_WEEK = Decimal(7)


class Span(Struct, frozen=True):
    """A number of days: certainly `known`, and `most` at the utmost (None: no upper end)."""

    known: int
    most: int | None

    def reaches(self, days: int) -> bool | None:
        """At least `days`? None when that cannot be told."""
        if self.known >= days:
            return True
        return None if self.most is None or self.most >= days else False


class Step(Struct, frozen=True):
    """A stretch at one dose. `dose` None: not computable in the unit asked for."""

    start: date
    end: date
    dose: Decimal | None
    latest_end: date
    """later than `end` where the chart does not say when it ended"""
    high: Decimal | None = None
    """upper end of a dose that is a range; None where it is not"""

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def end_known(self) -> bool:
        return self.latest_end == self.end

    def reaches(self, bar: Decimal) -> bool | None:
        """At or above the bar; None when the dose is unknown, or a range with the bar inside."""
        if self.dose is None:
            return None
        if self.dose >= bar:
            return True
        return None if self.high is not None and self.high >= bar else False


@dataclass(frozen=True)
class Exposure:
    """One uninterrupted use of a drug. Without steps: it was taken, but nobody knows when.

    What several rules ask of it is found once.
    """

    steps: tuple[Step, ...]
    courses: tuple[MedicationCourse, ...]
    unit: str
    as_of: date

    @cached_property
    def start(self) -> date | None:
        return self.steps[0].start if self.steps else None

    @cached_property
    def last_day(self) -> date | None:
        """The first day no longer covered, as far as is known."""
        return self.steps[-1].end if self.steps else None

    @property
    def end_known(self) -> bool:
        return bool(self.steps) and self.steps[-1].end_known

    @property
    def end(self) -> date | None:
        """When it ended; None while it goes on, and when the end is not known."""
        if self.ongoing or not self.end_known:
            return None
        return self.last_day

    @cached_property
    def ongoing(self) -> bool | None:
        """Still taken; None when that cannot be told."""
        last = self.last_course_end
        states = {c.current for c in self.courses if (end := c.end) is None or end == last}
        if True in states:
            return True
        return None if None in states or not states else False

    @cached_property
    def last_course_end(self) -> date | None:
        ends = [end for course in self.courses if (end := course.end) is not None]
        return max(ends, default=None)

    @cached_property
    def highest_dose(self) -> Decimal | None:
        """Of the doses that are known, ranges by their lower end."""
        return max((step.dose for step in self.steps if step.dose is not None), default=None)

    @cached_property
    def at_most(self) -> Decimal | None:
        """No dose was above it; None where a dose is not known."""
        tops = [max(s.dose, s.high or s.dose) for s in self.steps if s.dose is not None]
        return max(tops, default=None) if len(tops) == len(self.steps) else None

    @property
    def dose_known_throughout(self) -> bool:
        return bool(self.steps) and all(step.dose is not None for step in self.steps)

    @property
    def source(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(ref for course in self.courses for ref in course.source))

    @property
    def assumed_end(self) -> bool:
        """The end is an assumption of the medication history, not a statement of the chart."""
        return any(c.segments and c.segments[-1].end_basis == "assumed" for c in self.courses)

    @property
    def phases(self) -> tuple[TrialPhase, ...]:
        """The stretches at one dose each, where there are several; in the unit asked for."""
        steps = [step for step in self.steps if step.days]
        if len(steps) < 2:
            return ()
        return tuple(TrialPhase(step.start, step.end, step.dose) for step in steps)

    @cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """What makes its doses less than certain."""
        found = frozenset().union(*(course.doubts for course in self.courses))
        return tuple(doubt for doubt in DOUBTS if doubt in found)

    def time(self) -> Span:
        """Days on the drug, at whatever dose."""
        return self._sum(lambda step: True)

    def time_at(self, bar: Decimal | None) -> Span:
        """Days at or above the bar; without a bar, days at any dose."""
        if bar is None:
            return self.time()
        return self._sum(lambda step: step.reaches(bar))

    def reached(self, bar: Decimal | None) -> bool:
        """Once at or above the bar for certain, for however long."""
        return any(bar is None or step.reaches(bar) for step in self.steps)

    def covered_by_dispenses(self) -> Decimal | None:
        """The share of days that dispenses cover; None without dispenses or days."""
        days = sum(step.days for step in self.steps)
        covered = [c.covered_days for c in self.courses if c.covered_days is not None]
        return Decimal(min(sum(covered), days)) / days if covered and days else None

    def administered(self) -> bool:
        """Every dose was seen given."""
        evidence = {s.evidence for course in self.courses for s in course.segments}
        return evidence == {"administered"}

    def _sum(self, counts: Callable[[Step], bool | None]) -> Span:
        """Days of the steps that count; None from `counts` is a perhaps."""
        if self.start is None:
            return Span(0, None)
        known = most = 0
        for step in self.steps:
            state = counts(step)
            if state is False:
                continue
            if state and step.end_known:
                known += step.days
            most += (step.latest_end - step.start).days
        return Span(known, min(most, (self.as_of - self.start).days))


def exposures(
    courses: Sequence[MedicationCourse],
    unit: str,
    gap_days: int,
    as_of: date,
    *,
    lasts_days: int = 0,
    unit_names: Sequence[str] = (),
) -> list[Exposure]:
    """The uninterrupted uses that the courses make up, oldest first; those without a date last.

    A gap of more than `gap_days` ends one. `lasts_days`: every dose acts at least that long.
    """
    pieces = [
        (piece, course)
        for course in courses
        for piece in _pieces(course, unit, as_of, lasts_days, unit_names)
    ]
    runs = list(_runs(_overlay([piece for piece, _ in pieces]), gap_days))
    inside: list[dict[int, MedicationCourse]] = [{} for _ in runs]
    for piece, course in pieces:  # runs lie apart: it begins in one of them at most
        place = bisect_right(runs, piece.start, key=_first_day) - 1
        if place >= 0 and piece.start <= runs[place][-1].end:
            inside[place][id(course)] = course
    found = [
        Exposure(run, tuple(within.values()), unit, as_of)
        for run, within in zip(runs, inside, strict=True)
    ]
    undated = tuple(course for course in courses if not course.segments)
    return [*found, *([Exposure((), undated, unit, as_of)] if undated else [])]


def _first_day(run: Sequence[Step]) -> date:
    return run[0].start


def _runs(line: Sequence[Step], gap_days: int) -> Iterator[tuple[Step, ...]]:
    run: list[Step] = []
    for step in line:
        if run and (step.start - run[-1].end).days > gap_days:
            yield tuple(run)
            run = []
        run.append(step)
    if run:
        yield tuple(run)


def dose_in(quantity: Quantity | None, unit: str, unit_names: Sequence[str] = ()) -> Decimal | None:
    """The amount in `unit` (`mg/d`), or None when it is unknown or measures something else."""
    if quantity is None:
        return None
    if quantity.unit.removesuffix("/d") in unit_names:
        return quantity.value
    try:
        return Decimal(plain(quantity.to(unit).value))  # 6E+1 would show as such
    except UnitError:
        return None


def weeks(days: int) -> Decimal:
    """Days as weeks, to one decimal."""
    return (Decimal(days) / _WEEK).quantize(Decimal("0.1"))


def in_weeks(days: int) -> str:
    """Days as the reader counts them: `1 week`, `5.9 weeks`, `21 weeks`."""
    number = written_weeks(weeks(days))
    return f"{number} {'week' if number == '1' else 'weeks'}"


def per_day(dose: Decimal, unit: str) -> str:
    """A dose as the reader sees it: `50 mg/d`."""
    return f"{plain(dose)} {unit}"


def _pieces(
    course: MedicationCourse, unit: str, as_of: date, lasts_days: int, unit_names: Sequence[str]
) -> Iterator[Step]:
    for segment in course.segments:
        if segment.start > as_of:
            continue
        end = min(max(segment.end, segment.start + timedelta(days=lasts_days)), as_of)
        # an end that equals the start says that it was begun, not for how long
        unsure = segment.end_basis == "unknown" or segment.end == segment.start
        latest = as_of if unsure and not lasts_days else end
        low = dose_in(segment.daily_dose, unit, unit_names)
        high = dose_in(segment.daily_dose_high, unit, unit_names)
        yield Step(segment.start, end, low, latest, high)


def _overlay(pieces: list[Step]) -> list[Step]:
    """Overlapping pieces as one line: the highest known dose of each day, neighbours joined."""
    long = [piece for piece in pieces if piece.days]
    borders = sorted({day for piece in long for day in (piece.start, piece.end)})
    waiting = sorted(long, key=lambda p: p.start, reverse=True)
    there: list[Step] = []
    parts: list[Step] = []
    for start, end in pairwise(borders):
        there = [p for p in there if p.end > start]
        while waiting and waiting[-1].start <= start:
            there.append(waiting.pop())
        if there:
            parts.append(_together(there, start, end))
    # no day yet: begun on the day in question, or begun and never heard of again
    for piece in dict.fromkeys(p for p in pieces if not p.days):
        if not piece.end_known or not any(p.start <= piece.start <= p.end for p in long):
            parts.append(piece)
    line: list[Step] = []
    for part in sorted(parts, key=lambda p: (p.start, p.end)):
        last = line[-1] if line else None
        if last and last.end == part.start and _alike(last, part):
            line[-1] = replace(part, start=last.start)
        else:
            line.append(part)
    return line


def _together(there: Sequence[Step], start: date, end: date) -> Step:
    if len(there) == 1 and there[0].start == start and there[0].end == end:
        return there[0]  # as nearly every one stands by itself
    dose = max((p.dose for p in there if p.dose is not None), default=None)
    high = max((p.high for p in there if p.high is not None), default=None)
    sure = any(p.end_known for p in there)
    return Step(start, end, dose, end if sure else max(p.latest_end for p in there), high)


def _alike(one: Step, other: Step) -> bool:
    return one.end_known and other.end_known and (one.dose, one.high) == (other.dose, other.high)
