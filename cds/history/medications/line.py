"""From the intakes of one drug to one line of segments.

Days are a union. Orders of the same regimen are renewals and never add up; different orders that
overlap for long are taken together and do; an order that ends as the next begins is replaced by it.
A statement or a loose dispense beside an order is the same intake told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import date
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from cds.allowance import check
from cds.history.medications.day_dose import Doses, Piece, is_given
from cds.history.medications.ends import Windows
from cds.history.medications.intake import Intake
from cds.history.medications.regimens import Regimens
from cds.history.model.course import EndBasis, Evidence, Segment

_STRENGTH_OF_EVIDENCE: tuple[Evidence, ...] = ("ordered", "stated", "dispensed", "administered")
_REPLACED = "an order without a recorded end is taken as replaced by the next one"
_CHANGED = "a new order a few days ago is taken as a change of dose, not as an addition"


class Line(Struct, frozen=True):
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
    doses = Doses(notes)
    long = [p for p in pieces if p.stretch.end > p.stretch.start]
    segments = _joined([_segment(there, start, end, doses) for there, start, end in _days(long)])
    for piece in pieces:
        if piece.stretch.end == piece.stretch.start and not is_given(piece):
            check()
            segments = _with_beginning(segments, piece)
    given = [p for p in pieces if is_given(p)]
    segments = _with_given(segments, given, pieces, doses) if given else segments
    return Line(tuple(segments), tuple(notes))


def _replace_followed(
    intakes: Sequence[Intake], regimens: Regimens, windows: Windows, notes: dict[str, None]
) -> None:
    """Cut an intake short where another of its kind took its place."""
    if regimens.one(intakes) and not any(intake.replaces for intake in intakes):
        return
    for number, earlier in enumerate(intakes):
        check()
        for place in range(number + 1, len(intakes)):
            later = intakes[place]
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


def _days(pieces: Sequence[Piece]) -> Iterable[tuple[list[Piece], date, date]]:
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
            yield there, start, end


def _segment(there: Sequence[Piece], start: date, end: date, doses: Doses) -> Segment:
    dose = doses.of_day(there)
    ending = [p.intake for p in there if p.stretch.end == end == p.intake.end]
    last = max(ending, key=lambda i: (i.end_basis == "ongoing", i.ref)) if ending else None
    sources: dict[str, None] = {}
    for piece in there:
        sources |= dict.fromkeys(piece.intake.sources)
    return Segment(
        start=start,
        end=end,
        daily_dose=dose.low,
        end_basis=last.end_basis if last is not None else "stated",  # else another begins
        evidence=_strongest({p.intake.evidence for p in there}),
        source=tuple(sources),
        daily_dose_high=dose.high if dose.high != dose.low else None,
        as_needed_up_to=dose.up_to,
        doubts=dose.doubts,
        as_needed={p.stretch.phase.as_needed for p in there} == {True},
    )


def _strongest(evidence: Set[Evidence]) -> Evidence:
    return max(evidence, key=_STRENGTH_OF_EVIDENCE.index)


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours at one dose become one segment."""
    runs: list[list[Segment]] = []
    doses: tuple[object, ...] = ()
    for segment in segments:
        before, doses = doses, _doses(segment)
        if runs and runs[-1][-1].end == segment.start and before == doses:
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return [run[0] if len(run) == 1 else _one(run) for run in runs]


def _one(run: Sequence[Segment]) -> Segment:
    """A run of neighbours: it ends as the last of them does."""
    return replace(
        run[-1],
        start=run[0].start,
        evidence=_strongest({segment.evidence for segment in run}),
        source=tuple(dict.fromkeys(ref for segment in run for ref in segment.source)),
        doubts=frozenset().union(*(segment.doubts for segment in run)),
    )


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


def _with_given(
    segments: list[Segment], given: Sequence[Piece], pieces: Sequence[Piece], doses: Doses
) -> list[Segment]:
    """With `given` doses of the day that the line reaches, or perhaps of an earlier one.

    Such a day has no length yet. What was given on the day before it does not go on without an
    order.
    """
    ongoing = [
        p
        for p in pieces
        if not is_given(p) and p.intake.end_basis == "ongoing" and p.stretch.end == p.intake.end
    ]
    by_day: dict[tuple[date, EndBasis], list[Piece]] = {}
    for day in {p.stretch.end for p in given} & {p.stretch.end for p in ongoing}:
        by_day[day, "ongoing"] = []
    for piece in given:
        if piece.stretch.end == piece.stretch.start:
            by_day.setdefault((piece.stretch.start, piece.intake.end_basis), []).append(piece)
    for (day, _), charted in sorted(by_day.items()):
        check()
        running = [p for p in ongoing if p.stretch.end == day]
        of_day = _segment([*running, *charted], day, day, doses)
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
