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

from cds.chart.medication.entry import Kind
from cds.history.medications.ends import Windows
from cds.history.medications.intake import Intake, Stretch
from cds.history.model import DOUBTS, Doubt, Evidence, Segment
from cds.units import Quantity

_STRENGTH_OF_EVIDENCE: tuple[Evidence, ...] = ("ordered", "stated", "dispensed", "administered")
_ADDED = "doses of orders that ran together are added up"
_REPLACED = "an order without a recorded end is taken as replaced by the next one"
_CHANGED = "a new order a few days ago is taken as a change of dose, not as an addition"
_DISAGREE = DOUBTS["sources_differ"]
_PARTLY = "the dose of one of several orders is not known"


@dataclass(frozen=True, slots=True)
class Line:
    """Segments in their order, with what had to be assumed."""

    segments: tuple[Segment, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of an intake, in the regimen that it belongs to."""

    stretch: Stretch
    intake: Intake
    regimen: int


@dataclass(frozen=True, slots=True)
class _Dose:
    low: Quantity | None = None
    high: Quantity | None = None
    up_to: Quantity | None = None
    doubts: frozenset[Doubt] = frozenset()


def line_of(intakes: Sequence[Intake], windows: Windows) -> Line:
    """The segments of all dated intakes of one ingredient by one route."""
    notes: dict[str, None] = {}
    dated = [i for i in intakes if i.start is not None and i.end is not None]
    for kind in ("request", "statement", "dispense"):
        _replace_followed([i for i in dated if i.kind == kind], windows, notes)
    pieces = [
        _Piece(stretch, intake, regimen)
        for intake, regimen in _regimens(dated)
        for stretch in intake.stretches()
    ]
    long = [p for p in pieces if p.stretch.end > p.stretch.start]
    segments = _joined([s for a, b in _days(long) if (s := _segment(a, b[0], b[1], notes))])
    for piece in pieces:
        if piece.stretch.end == piece.stretch.start:
            segments = _with_beginning(segments, piece)
    return Line(tuple(segments), tuple(notes))


def _replace_followed(intakes: Sequence[Intake], windows: Windows, notes: dict[str, None]) -> None:
    """Cut an intake short where another of its kind took its place."""
    for number, earlier in enumerate(intakes):
        for later in intakes[number + 1 :]:
            assert earlier.start is not None
            assert earlier.end is not None
            assert later.start is not None
            assert later.end is not None
            named = earlier.ref in later.replaces
            if later.start >= earlier.end and not named:
                break
            if later.start >= earlier.end or _same_regimen(earlier, later):
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


def _regimens(intakes: Iterable[Intake]) -> list[tuple[Intake, int]]:
    """Number the regimens: intakes of one number are the same order, renewed or retold."""
    known: list[tuple[Kind, Intake, int]] = []
    found: list[tuple[Intake, int]] = []
    for intake in intakes:
        number = next(
            (n for kind, other, n in known if kind == intake.kind and _same_regimen(other, intake)),
            len(known),
        )
        known.append((intake.kind, intake, number))
        found.append((intake, number))
    return found


def _same_regimen(one: Intake, other: Intake) -> bool:
    """A renewal: the same strength and the same instruction, as far as either is known."""
    if one.ref in other.part_of or other.ref in one.part_of:
        return True
    if (one.as_needed is True) != (other.as_needed is True):
        return False
    strengths = {one.substance.strength, other.substance.strength}
    if len(strengths) > 1 and None not in strengths:
        return False
    doses = [tuple((p.low, p.high, p.up_to) for p in i.phases) for i in (one, other)]
    unknown = [all(part is None for dose in told for part in dose) for told in doses]
    return doses[0] == doses[1] or any(unknown)


def _days(pieces: Sequence[_Piece]) -> Iterable[tuple[list[_Piece], tuple[date, date]]]:
    """The line cut at every start and end, with the pieces that cover each part."""
    borders = sorted({d for p in pieces for d in (p.stretch.start, p.stretch.end)})
    waiting = sorted(pieces, key=lambda p: (p.stretch.start, p.intake.ref), reverse=True)
    there: list[_Piece] = []
    for start, end in pairwise(borders):
        there = [p for p in there if p.stretch.end > start]
        while waiting and waiting[-1].stretch.start <= start:
            there.append(waiting.pop())
        if there:
            yield there, (start, end)


def _segment(there: list[_Piece], start: date, end: date, notes: dict[str, None]) -> Segment:
    by_kind: dict[Kind, list[_Piece]] = {}
    for piece in there:
        by_kind.setdefault(piece.intake.kind, []).append(piece)
    if len(by_kind) > 1:  # what was seen given on single days tells nothing of a running order
        by_kind.pop("administration", None)
    dose = _agreed([_of_one_kind(pieces, notes) for _, pieces in sorted(by_kind.items())], notes)
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
    )


def _of_one_kind(pieces: Sequence[_Piece], notes: dict[str, None]) -> _Dose:
    """What the resources of one kind say together: regimens add up, renewals do not."""
    if pieces[0].intake.kind == "administration":
        return _summed([_dose_of(piece) for piece in pieces], notes)
    newest: dict[int, _Dose] = {}
    for piece in sorted(pieces, key=lambda p: (p.intake.start or date.min, p.intake.ref)):
        dose = _dose_of(piece)
        if dose != _Dose() or piece.regimen not in newest:
            newest[piece.regimen] = dose
    needed = {p.regimen for p in pieces if p.stretch.phase.as_needed}
    regular = _summed([dose for n, dose in newest.items() if n not in needed], notes)
    if len(newest) - len(needed & newest.keys()) > 1 and regular.low is not None:
        notes[_ADDED] = None
    up_to = [dose.up_to for dose in newest.values() if dose.up_to is not None]
    return replace(regular, up_to=_sum(up_to))


def _dose_of(piece: _Piece) -> _Dose:
    phase = piece.stretch.phase
    return _Dose(phase.low, phase.high, phase.up_to, phase.doubts)


def _summed(doses: Sequence[_Dose], notes: dict[str, None]) -> _Dose:
    """Regular doses taken together; one unknown makes the total unknown."""
    lows = [dose.low for dose in doses]
    if any(lows) and None in lows:
        notes[_PARTLY] = None
    return _Dose(_sum(lows), _sum([dose.high for dose in doses]), doubts=_doubts(doses))


def _doubts(doses: Iterable[_Dose]) -> frozenset[Doubt]:
    return frozenset().union(*(dose.doubts for dose in doses))


def _sum(parts: Sequence[Quantity | None]) -> Quantity | None:
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts) or len({part.unit for part in known}) > 1:
        return None
    return Quantity(sum((part.value for part in known[1:]), known[0].value), known[0].unit)


def _agreed(told: Sequence[_Dose], notes: dict[str, None]) -> _Dose:
    """What several kinds of source say of the same days: the lower dose, with the upper kept."""
    lows = [dose.low for dose in told if dose.low is not None]
    highs = [dose.high for dose in told if dose.high is not None]
    needed = [dose.up_to for dose in told if dose.up_to is not None]
    up_to = max(needed, key=lambda q: q.value, default=None)
    if len({q.unit for q in (*lows, *highs)}) > 1:
        notes[_DISAGREE] = None
        return _Dose(up_to=up_to)
    doubts = _doubts(told)
    if len(set(lows)) > 1:
        notes[_DISAGREE] = None
        doubts |= {"sources_differ"}
    return _Dose(
        min(lows, key=lambda q: q.value, default=None),
        max(highs, key=lambda q: q.value, default=None),
        up_to,
        doubts,
    )


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Neighbours at one dose become one segment."""
    line: list[Segment] = []
    for segment in segments:
        last = line[-1] if line else None
        same = last is not None and (
            last.end == segment.start
            and last.daily_dose == segment.daily_dose
            and last.daily_dose_high == segment.daily_dose_high
            and last.as_needed_up_to == segment.as_needed_up_to
        )
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


def _with_beginning(segments: list[Segment], piece: _Piece) -> list[Segment]:
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
    )  # fmt: skip
    for segment in segments:
        if segment.start == segment.end == day and segment.daily_dose == phase.low:
            return _cited(segments, segment, intake)
    return sorted([*segments, beginning], key=lambda s: (s.start, s.end, s.source))


def _cited(segments: list[Segment], told: Segment, intake: Intake) -> list[Segment]:
    """The same segments, one of them resting on a further resource."""
    source = tuple(dict.fromkeys((*told.source, *intake.sources)))
    return [replace(s, source=source) if s is told else s for s in segments]
