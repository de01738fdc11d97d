"""A stretch of an order at one dose, and how several become one: in turn, together, or in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from cds.dates import When
from cds.dosage.stages import Stage
from cds.history.medications.strength import NotReadable
from cds.history.model.course import DOUBTS, Doubt
from cds.units import Quantity

TWO_DOSES = "the text and the coded fields differ"


class Phase(Struct, frozen=True):
    """A stretch of an order at one dose."""

    low: Quantity | None = None
    high: Quantity | None = None
    """upper end of a range; equal to `low` without one"""
    up_to: Quantity | None = None
    """most that may be taken as needed"""
    units_per_day: Fraction | None = None
    """tablets, patches or mL used a day, at most"""
    as_needed: bool | None = None
    start: When | None = None
    end: When | None = None
    days: int | None = None
    doubts: frozenset[Doubt] = frozenset()
    """`differs`: `high` counts where a dose speaks against treatment"""
    elsewhere: bool = False
    """words stand there that leave the dose to what is told elsewhere: `as directed`"""
    unread: bool = False
    """an instruction stands there that was not understood: nothing else may be put in its place"""
    notes: tuple[str, ...] = ()


def unknown_phase(phases: Iterable[tuple[Phase, ...]], why: str) -> Phase:
    """One phase of unknown dose in place of several, with their notes and why."""
    told = [phase for steps in phases for phase in steps]
    notes = dict.fromkeys(note for phase in told for note in phase.notes)
    needed = all(phase.as_needed for phase in told)
    return Phase(as_needed=needed, unread=True, notes=(*notes, why))


def in_turn(steps: Sequence[Phase]) -> Iterator[Phase]:
    """Steps of a titration or taper. Without their lengths the dose of any day is unknown."""
    if all(step.days or (step.start and step.end) for step in steps[:-1]):
        yield from steps
    elif len({(step.low, step.high, step.as_needed) for step in steps}) == 1:
        yield steps[0]
    else:
        yield unknown_phase([tuple(steps)], "steps of the dose have no dates: dose unknown")


def together(phases: Sequence[Phase], stage: Stage) -> Phase:
    """Instructions that run beside each other: regular doses add up, as-needed ones do not."""
    if len(phases) == 1:
        return replace(phases[0], start=stage.start, end=stage.end)
    regular = [p for p in phases if not p.as_needed]
    notes = dict.fromkeys(note for p in phases for note in p.notes)
    if regular and len(regular) < len(phases):
        notes["an as-needed instruction stands beside the regular dose"] = None
    used = [p.units_per_day for p in phases if p.units_per_day is not None]
    return Phase(
        low=total([p.low for p in regular]),
        high=total([p.high for p in regular]),
        up_to=total([p.up_to for p in phases if p.as_needed]),
        units_per_day=sum(used, Fraction(0)) if len(used) == len(phases) else None,
        as_needed=not regular,
        start=stage.start,
        end=stage.end,
        days=max((p.days for p in phases if p.days), default=None),
        doubts=frozenset().union(*(p.doubts for p in regular)),
        unread=any(p.unread for p in phases),
        notes=tuple(notes),
    )


def either(found: Sequence[Phase], *, differs: bool = False, doubt: Doubt = "differs") -> Phase:
    """Two readings of one dose: the same, or the lower with the higher beside it."""
    first = found[0]
    lows, highs = [p.low for p in found if p.low], [p.high for p in found if p.high]
    if not lows or len({q.unit for q in (*lows, *highs)}) > 1:
        raise NotReadable(TWO_DOSES)
    low = min(lows, key=lambda q: q.value)
    high = max(highs, key=lambda q: q.value)
    differs = differs or any((p.low, p.high) != (first.low, first.high) for p in found)
    if not differs:
        return first
    notes = dict.fromkeys(note for p in found for note in p.notes)
    used = max((p.units_per_day for p in found if p.units_per_day is not None), default=None)
    return doubted(Phase(low, high, units_per_day=used, notes=tuple(notes)), doubt)


def doubted(phase: Phase, doubt: Doubt) -> Phase:
    """The phase with a doubt, which its notes tell."""
    notes = (*phase.notes, DOUBTS[doubt])
    return replace(phase, doubts=phase.doubts | {doubt}, notes=tuple(dict.fromkeys(notes)))


def capped(phase: Phase, cap: Quantity | None) -> Phase:
    """The phase kept to a stated maximum of a day, in the same unit; else as it is."""
    if cap is None or phase.low is None or phase.high is None or phase.low.unit != cap.unit:
        return phase
    if phase.high.value <= cap.value:
        return phase
    low = min(phase.low, cap, key=lambda q: q.value)
    return replace(phase, low=low, high=cap, notes=(*phase.notes, "kept to the stated maximum"))


def limited(phase: Phase, limit: Quantity | None) -> Phase:
    """The phase within a stated limit of a day. A regular dose above it contradicts it: the limit
    is the lower dose then, and what is ordered the upper one."""
    kept = capped(phase, limit)
    if kept is phase or limit is None or phase.low is None or phase.low.value <= limit.value:
        return kept
    return doubted(replace(phase, low=limit), "above_maximum")


def total(doses: Iterable[Quantity | None]) -> Quantity | None:
    """Their sum; None when one is unknown or the units differ: a sum with a hole is none."""
    found = list(doses)
    known = [dose for dose in found if dose is not None]
    if not known or len(known) < len(found) or len({dose.unit for dose in known}) > 1:
        return None
    return Quantity(sum((dose.value for dose in known[1:]), known[0].value), known[0].unit)
