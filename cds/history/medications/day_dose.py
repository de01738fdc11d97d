"""What several resources say together of the dose of one day.

Orders of different regimens add up, renewals and retellings do not. Doses that were charted as
given add up too: they are the intake itself, as far as it is charted. A running order covers the
rest of the day, so it says more than they do, unless they exceed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from cds.chart.medication.entry import Kind
from cds.history.medications.intake import Intake, Stretch
from cds.history.model.course import DOUBTS, Doubt
from cds.units import Quantity

_ADDED = "doses of orders that ran together are added up"
_DISAGREE = DOUBTS["sources_differ"]
_MORE_GIVEN = "more was given on a day than was ordered: what was given is the upper dose"
_PARTLY = "the dose of one of several orders is not known"


class Piece(Struct, frozen=True):
    """A stretch of an intake, in the regimen that it belongs to."""

    stretch: Stretch
    intake: Intake
    regimen: int


class Dose(Struct, frozen=True):
    low: Quantity | None = None
    high: Quantity | None = None
    up_to: Quantity | None = None
    doubts: frozenset[Doubt] = frozenset()


def is_given(piece: Piece) -> bool:
    """A dose that was charted, not ordered or told."""
    return piece.intake.kind == "administration"


class Doses:
    """The doses of the days of one line. `notes` takes what had to be assumed.

    Nearly always all that covers a day is one order and its renewals: what they say is found once.
    """

    def __init__(self, notes: dict[str, None]) -> None:
        self._notes = notes
        self._known: dict[tuple[Kind, int, int], Dose] = {}

    def of_day(self, there: Sequence[Piece]) -> Dose:
        """The dose of a day that all these pieces cover."""
        alike = {(p.intake.kind, p.regimen, id(p.stretch.phase)) for p in there}
        if len(alike) > 1 or is_given(there[0]):  # doses that were given add up
            return _dose_of_day(there, self._notes)
        (said,) = alike
        dose = self._known.get(said)
        if dose is None:
            dose = self._known[said] = _dose_of_day(there[:1], self._notes)
        return dose


def _dose_of_day(there: Sequence[Piece], notes: dict[str, None]) -> Dose:
    by_kind: dict[Kind, list[Piece]] = {}
    for piece in there:
        by_kind.setdefault(piece.intake.kind, []).append(piece)
    given = by_kind.pop("administration", [])
    if not by_kind:
        return _summed([_dose_of(piece) for piece in given], notes)
    told = [_of_one_kind(pieces, notes) for _, pieces in sorted(by_kind.items())]
    dose = _agreed(told, notes)
    orders = [piece for piece in there if not is_given(piece)]
    return _with_charted(dose, orders, given, notes) if given else dose


def _of_one_kind(pieces: Sequence[Piece], notes: dict[str, None]) -> Dose:
    """What the resources of one kind say together: regimens add up, renewals do not."""
    newest: dict[int, Dose] = {}
    for piece in sorted(pieces, key=lambda p: (p.intake.start or date.min, p.intake.ref)):
        newest[piece.regimen] = _renewed(newest.get(piece.regimen), _dose_of(piece))
    needed = {p.regimen for p in pieces if p.stretch.phase.as_needed}
    regular = _summed([dose for n, dose in newest.items() if n not in needed], notes)
    if len(newest) - len(needed & newest.keys()) > 1 and regular.low is not None:
        notes[_ADDED] = None
    up_to = [dose.up_to for dose in newest.values() if dose.up_to is not None]
    return replace(regular, up_to=_sum(up_to))


def _renewed(before: Dose | None, dose: Dose) -> Dose:
    """The newest dose of a regimen; one that is only handed out stands beside the written one."""
    if before is None or dose.low is not None or dose.up_to is not None:
        return dose
    highs = [high for high in (before.high, dose.high) if high is not None]
    if dose.high is None or len({high.unit for high in highs}) > 1:
        return before
    high = max(highs, key=lambda q: q.value)
    return replace(before, high=high, doubts=before.doubts | dose.doubts)


def _dose_of(piece: Piece) -> Dose:
    phase = piece.stretch.phase
    return Dose(phase.low, phase.high, phase.up_to, phase.doubts)


def _summed(doses: Sequence[Dose], notes: dict[str, None]) -> Dose:
    """Regular doses taken together; one unknown makes the total unknown."""
    lows = [dose.low for dose in doses]
    if any(lows) and None in lows:
        notes[_PARTLY] = None
    return Dose(_sum(lows), _sum([dose.high for dose in doses]), doubts=_doubts(doses))


def _doubts(doses: Iterable[Dose]) -> frozenset[Doubt]:
    return frozenset().union(*(dose.doubts for dose in doses))


def _sum(parts: Sequence[Quantity | None]) -> Quantity | None:
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts) or len({part.unit for part in known}) > 1:
        return None
    return Quantity(sum((part.value for part in known[1:]), known[0].value), known[0].unit)


def _agreed(told: Sequence[Dose], notes: dict[str, None]) -> Dose:
    """What several kinds of source say of the same days: the lower dose, with the upper kept."""
    lows = [dose.low for dose in told if dose.low is not None]
    highs = [dose.high for dose in told if dose.high is not None]
    needed = [dose.up_to for dose in told if dose.up_to is not None]
    up_to = max(needed, key=lambda q: q.value, default=None)
    if len({q.unit for q in (*lows, *highs)}) > 1:
        notes[_DISAGREE] = None
        return Dose(up_to=up_to)
    doubts = _doubts(told)
    if len(set(lows)) > 1:
        notes[_DISAGREE] = None
        doubts |= {"sources_differ"}
    return Dose(
        min(lows, key=lambda q: q.value, default=None),
        max(highs, key=lambda q: q.value, default=None),
        up_to,
        doubts,
    )


def _with_charted(
    ordered: Dose, orders: Sequence[Piece], given: Sequence[Piece], notes: dict[str, None]
) -> Dose:
    """The dose of a day on which orders ran and doses were charted.

    The orders stand, charted in full or not; what was given beyond them is the upper dose. What was
    given of an order as needed was taken, beside the regular one.
    """
    needed = [p for p in orders if p.stretch.phase.as_needed]
    if len(needed) == len(orders):
        return replace(_summed([_dose_of(p) for p in given], notes), up_to=ordered.up_to)
    refs = {p.intake.ref for p in needed}
    extra = [_dose_of(p) for p in given if p.intake.part_of & refs]
    scheduled = _summed([_dose_of(p) for p in given if not p.intake.part_of & refs], {})
    dose = ordered
    if _exceeds(scheduled.low, ordered.high or ordered.low):
        notes[_MORE_GIVEN] = None
        dose = replace(ordered, high=scheduled.low, doubts=ordered.doubts | {"sources_differ"})
    return replace(_summed([dose, *extra], notes), up_to=ordered.up_to) if extra else dose


def _exceeds(given: Quantity | None, ordered: Quantity | None) -> bool:
    if given is None or ordered is None or given.unit != ordered.unit:
        return False
    return given.value > ordered.value
