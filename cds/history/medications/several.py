"""Several instructions of one order: those told twice count once, the others add up or follow.

An export may write one instruction twice, or its fields in one Dosage and its words in another. Two
that say the same dose are one, unless something tells them apart (`cds.dosage.apart`). Where nobody
can tell, the lower dose counts it once, and the upper twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from cds.dosage.apart import differ
from cds.dosage.model import DosageRead
from cds.dosage.stages import Stage, stages
from cds.history.medications.phase import Phase, doubted, in_turn, together, unknown_phase

Told = tuple[DosageRead, tuple[Phase, ...]]
"""an instruction and its phases"""


def arranged(told: Sequence[Told]) -> Iterator[Phase]:
    """Instructions beside each other add up, one after the other they follow."""
    apart = _without(told, _repeats)
    found = apart[0][1] if len(apart) == 1 else _in_order(apart)
    for phase in found:
        yield phase if len(apart) == len(told) else doubted(phase, "repeated")


def _in_order(told: Sequence[Told]) -> Iterator[Phase]:
    order = stages([read for read, _ in told])
    if any(len(phases) > 1 for _, phases in told):
        why = "steps within one of several instructions: dose unknown"
        yield unknown_phase([phases for _, phases in told], why)
    elif order is None:
        why = "whether instructions follow each other is not written"
        yield unknown_phase([phases for _, phases in told], why)
    else:
        yield from in_turn([_beside([told[i] for i in stage.members], stage) for stage in order])


def _beside(told: Sequence[Told], stage: Stage) -> Phase:
    """Instructions of one stretch: the lower dose without those that may repeat another."""
    added = together([phases[0] for _, phases in told], stage)
    fewest = _without(told, _may_repeat)
    if len(fewest) == len(told):
        return added
    once = together([phases[0] for _, phases in fewest], stage)
    if once.low is None or added.low is None:
        return added
    return doubted(replace(added, low=once.low), "perhaps_twice")


def _without(told: Iterable[Told], repeats: Callable[[Told, Told], bool]) -> list[Told]:
    """The instructions that repeat no earlier one."""
    kept: list[Told] = []
    for one in told:
        if not any(repeats(other, one) for other in kept):
            kept.append(one)
    return kept


def _repeats(one: Told, other: Told) -> bool:
    same = one[0] == other[0] or (
        _doses(one) == _doses(other) != () and _lengths(one) == _lengths(other)
    )
    return same and differ(one[0], other[0]) is False


def _may_repeat(one: Told, other: Told) -> bool:
    return _doses(one) == _doses(other) != () and differ(one[0], other[0]) is not True


def _doses(told: Told) -> tuple[object, ...]:
    """What the phases of an instruction say; nothing where one of them is unknown."""
    phases = told[1]
    if any(phase.low is None and phase.up_to is None for phase in phases):
        return ()
    return tuple((p.low, p.high, p.up_to, p.as_needed is True) for p in phases)


def _lengths(told: Told) -> tuple[object, ...]:
    return tuple((phase.start, phase.end, phase.days) for phase in told[1])
