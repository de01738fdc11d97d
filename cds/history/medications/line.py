"""From the intakes of one drug to one line of segments.

Days are a union. Orders of the same regimen are renewals and never add up; different orders that
overlap for long are taken together and do; an order that ends as the next begins is replaced by it.
A statement or a loose dispense beside an order is the same intake told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from cds.allowance import check
from cds.history.medications.day_dose import Piece, dose_of_day, is_given
from cds.history.medications.ends import Windows
from cds.history.medications.intake import Intake
from cds.history.medications.regimens import Regimens
from cds.history.model import EndBasis, Evidence, Segment

_STRENGTH_OF_EVIDENCE: tuple[Evidence, ...] = ("ordered", "stated", "dispensed", "administered")
_REPLACED = "an order without a recorded end is taken as replaced by the next one"
_CHANGED = "a new order a few days ago is taken as a change of dose, not as an addition"


@dataclass(frozen=True, slots=True)
class Line:
    """Segments in their order, with what had to be assumed."""

    segments: tuple[Segment, ...]
    notes: tuple[str, ...]


def line_of(intakes: Sequence[Intake], windows: Windows) -> Line:
    """The segments of all dated intakes of one ingredient by one route."""
    notes: dict[str, None] = {}
    dated = [i for i in intakes if i.start is not None and i.end is not None]
    regimens = Regimens(dated)
    for kind in ("request", "statement", "dispense"):
        _replace_followed([i for i in dated if i.kind == kind], regimens, windows, notes)
    pieces = [
        Piece(stretch, intake, regimen)
        for intake, regimen in regimens.numbered(dated)
        for stretch in intake.stretches()
    ]
    long = [p for p in pieces if p.stretch.end > p.stretch.start]
    segments = _joined([s for a, b in _days(long) if (s := _segment(a, b[0], b[1], notes))])
    begun = [p for p in pieces if p.stretch.end == p.stretch.start]
    for piece in begun:
        check()
        if not is_given(piece):
            segments = _with_beginning(segments, piece)
    segments = _withis_given(segments, [p for p in begun if is_given(p)], pieces, notes)
    return Line(tuple(segments), tuple(notes))


def _replace_followed(
    intakes: Sequence[Intake], regimens: Regimens, windows: Windows, notes: dict[str, None]
) -> None:
    """Cut an intake short where another of its kind took its place."""
    if regimens.one(intakes) and not any(intake.replaces for intake in intakes):
        return
    for number, earlier in enumerate(intakes):
        check()
        for later in intakes[number + 1 :]:
            assert earlier.start is not None
            assert earlier.end is not None
            assert later.start is not None
            assert later.end is not None
            named = earlier.ref in later.replaces
            if later.start >= earlier.end and not named:
                break
            if later.start >= earlier.end or regimens.same(earlier, later):
                continue
            tail = (earlier.end - later.start).days
            guessed = earlier.over and earlier.end_basis != "stated" and earlier.kind != "dispense"
            began_later = (later.start - earlier.start).days > windows.adds_up
            if named or (tail <= windows.adds_up and later.start > earlier.start):
                if earlier.current and not named:
                    notes[_CHANGED] = None
                _cut(earlier, later)
            elif guessed and began_later and not (earlier.as_needed or later.as_needed):
                _cut(earlier, later)
                notes[_REPLACED] = None


def _cut(earlier: Intake, later: Intake) -> None:
    assert later.start is not None
    earlier.end = later.start
    earlier.end_basis = "assumed"
    if earlier.current is not False:
        earlier.current = False


def _days(pieces: Sequence[Piece]) -> Iterable[tuple[list[Piece], tuple[date, date]]]:
    """The line cut at every start and end, with the pieces that cover each part."""
    borders = sorted({d for p in pieces for d in (p.stretch.start, p.stretch.end)})
    waiting = sorted(pieces, key=lambda p: (p.stretch.start, p.intake.ref), reverse=True)
    there: list[Piece] = []
    for start, end in pairwise(borders):
        check()
        there = [p for p in there if p.stretch.end > start]
        while waiting and waiting[-1].stretch.start <= start:
            there.append(waiting.pop())
        if there:
            yield there, (start, end)


def _segment(there: list[Piece], start: date, end: date, notes: dict[str, None]) -> Segment:
    dose = dose_of_day(there, notes)
    ending = [p.intake for p in there if p.stretch.end == end == p.intake.end]
    last = max(ending, key=lambda i: (i.end_basis == "ongoing", i.ref), default=None)
    intakes = {id(p.intake): p.intake for p in there}.values()
    return Segment(
        start=start,
        end=end,
        daily_dose=dose.low,
        end_basis=last.end_basis if last is not None else "stated",  # else another begins
        evidence=max((i.evidence for i in intakes), key=_STRENGTH_OF_EVIDENCE.index),
        source=tuple(dict.fromkeys(s for i in intakes for s in i.sources)),
        daily_dose_high=dose.high if dose.high != dose.low else None,
        as_needed_up_to=dose.up_to,
        doubts=dose.doubts,
        as_needed=all(p.stretch.phase.as_needed is True for p in there),
    )


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours at one dose become one segment."""
    line: list[Segment] = []
    for segment in segments:
        last = line[-1] if line else None
        same = last is not None and (last.end == segment.start and _doses(last) == _doses(segment))
        if last is not None and same:
            evidence = max(last.evidence, segment.evidence, key=_STRENGTH_OF_EVIDENCE.index)
            source = tuple(dict.fromkeys((*last.source, *segment.source)))
            doubts = last.doubts | segment.doubts
            line[-1] = replace(
                segment, start=last.start, evidence=evidence, source=source, doubts=doubts
            )
        else:
            line.append(segment)
    return line


def _with_beginning(segments: list[Segment], piece: Piece) -> list[Segment]:
    """A drug that was begun, for how long is not known.

    Where days cover its beginning, what is not known is whether it went on after them.
    """
    intake, day, phase = piece.intake, piece.stretch.start, piece.stretch.phase
    for segment in segments:
        if segment.start <= day < segment.end:
            day = segment.end
            if segment.end_basis == "ongoing":
                return _cited(segments, segment, intake)
    beginning = Segment(
        day, day, phase.low, intake.end_basis, intake.evidence, intake.sources,
        phase.high if phase.high != phase.low else None, phase.up_to, phase.doubts,
        phase.as_needed is True,
    )  # fmt: skip
    for segment in segments:
        if segment.start == segment.end == day and segment.daily_dose == phase.low:
            return _cited(segments, segment, intake)
    return sorted([*segments, beginning], key=lambda s: (s.start, s.end, s.source))


def _withis_given(
    segments: list[Segment],
    given: Sequence[Piece],
    pieces: Sequence[Piece],
    notes: dict[str, None],
) -> list[Segment]:
    """With doses of the day that the line reaches, or that were perhaps given on an earlier one.

    Such a day has no length yet. What was given on the day before it does not go on without an
    order.
    """
    ongoing = [
        p
        for p in pieces
        if not is_given(p) and p.intake.end_basis == "ongoing" and p.stretch.end == p.intake.end
    ]
    by_day: dict[tuple[date, EndBasis], list[Piece]] = {}
    for day in {p.stretch.end for p in pieces if is_given(p)} & {p.stretch.end for p in ongoing}:
        by_day[day, "ongoing"] = []
    for piece in given:
        by_day.setdefault((piece.stretch.start, piece.intake.end_basis), []).append(piece)
    for (day, _), charted in sorted(by_day.items()):
        check()
        running = [p for p in ongoing if p.stretch.end == day]
        of_day = _segment([*running, *charted], day, day, notes)
        segments = _with_day(segments, of_day, charted, replaces=bool(running))
    return segments


def _with_day(
    segments: list[Segment], of_day: Segment, charted: Sequence[Piece], *, replaces: bool
) -> list[Segment]:
    """With a day that has no length yet, which may only say what the line says already."""
    day = of_day.start
    for number, segment in enumerate(segments):
        goes_on = replaces and segment.end == day and _doses(segment) == _doses(of_day)
        if goes_on or (segment.start <= day < segment.end):
            sources = dict.fromkeys(
                (*segment.source, *(s for p in charted for s in p.intake.sources))
            )
            segments[number] = replace(segment, source=tuple(sources))
            return segments
    others = [s for s in segments if not (replaces and s.start == s.end == day)]
    return sorted([*others, of_day], key=lambda s: (s.start, s.end, s.source))


def _doses(segment: Segment) -> tuple[object, ...]:
    """How much of it is taken, and in which way."""
    high, up_to = segment.daily_dose_high, segment.as_needed_up_to
    return segment.daily_dose, high, up_to, segment.as_needed


def _cited(segments: list[Segment], told: Segment, intake: Intake) -> list[Segment]:
    """The same segments, one of them resting on a further resource."""
    source = tuple(dict.fromkeys((*told.source, *intake.sources)))
    return [replace(s, source=source) if s is told else s for s in segments]
