"""Several instructions of one order: which run beside each other, and which follow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct

from cds.dates import When
from cds.dosage.model import DosageRead
from cds.dosage.words import stated_in


class Stage(Struct, frozen=True):
    """A stretch of an order: the instructions that run in it, by their place in the order."""

    members: tuple[int, ...]
    start: When | None = None
    end: When | None = None


def stages(reads: Sequence[DosageRead]) -> tuple[Stage, ...] | None:
    """The instructions in their turn; None where it can't be told whether they follow each other.

    Dates decide first, then different times of one day, then numbers (`sequence`), then lengths:
    `for 7 days` before one without a length comes first.
    """
    if _dated(reads):
        return tuple(_cut_at_bounds(reads))
    if _different_times(reads):
        return (_beside(reads),)
    numbers = {read.sequence for read in reads}
    if len(numbers) > 1:
        ordered = sorted(numbers, key=lambda n: (n is None, n or 0))
        return tuple(
            _of([i for i, r in enumerate(reads) if r.sequence == n], reads) for n in ordered
        )
    return _by_length(reads)


def _dated(reads: Sequence[DosageRead]) -> bool:
    """Every instruction says when it starts, and every one but the last when it ends."""
    timings = sorted(
        (read.fields.timing for read in reads),
        key=lambda t: t.start.earliest if t.start else date.min,
    )
    return all(t.start for t in timings) and all(t.end for t in timings[:-1])


def _cut_at_bounds(reads: Sequence[DosageRead]) -> list[Stage]:
    """The stretches between all starts and ends, with what runs in each."""
    spans = []
    for number, read in enumerate(reads):
        start, end = read.fields.timing.start, read.fields.timing.end
        assert start is not None
        spans.append((start.earliest, end.earliest if end else date.max, number))
    moments = {
        m.earliest: m for r in reads for m in (r.fields.timing.start, r.fields.timing.end) if m
    }
    borders = sorted({day for start, end, _ in spans for day in (start, end)})
    found = []
    for begin, finish in pairwise(borders):
        there = tuple(n for start, end, n in spans if start <= begin and end >= finish)
        if there:
            found.append(Stage(there, moments.get(begin), moments.get(finish)))
    return found or [_beside(reads)]


def _different_times(reads: Sequence[DosageRead]) -> bool:
    """Numbered instructions for different times of one day run beside each other."""
    parts = [read.fields.timing.parts_of_day for read in reads]
    named = [part for group in parts for part in group]
    return all(parts) and len(named) == len(set(named))


def _by_length(reads: Sequence[DosageRead]) -> tuple[Stage, ...] | None:
    """Instructions without numbers and dates: beside each other unless their lengths say else."""
    regular = [i for i, read in enumerate(reads) if not _as_needed(read)]
    lengths = [_days(reads[i]) for i in regular]
    if len(regular) < 2 or not any(lengths) or len(set(lengths)) == 1:
        return (_beside(reads),)
    if all(lengths[:-1]) and lengths[-1] is None and len(regular) == len(reads):
        return tuple(_of([i], reads) for i in regular)
    return None


def _as_needed(read: DosageRead) -> bool:
    takes = [take for step in read.words.steps for take in step.takes]
    said = bool(takes) and all(take.as_needed for take in takes)
    return bool(read.fields.as_needed or said or stated_in(read.text).as_needed)


def _days(read: DosageRead) -> int | None:
    if read.fields.timing.single:
        return 1
    if read.fields.timing.days is not None:
        return int(read.fields.timing.days.low)
    steps = read.words.steps
    return steps[0].days if len(steps) == 1 else None


def _beside(reads: Sequence[DosageRead]) -> Stage:
    return _of(range(len(reads)), reads)


def _of(members: Sequence[int], reads: Sequence[DosageRead]) -> Stage:
    """A stage from the first start on; to the last end, where all its instructions have one."""
    timings = [reads[i].fields.timing for i in members]
    starts, ends = [t.start for t in timings if t.start], [t.end for t in timings if t.end]
    start = min(starts, key=lambda w: w.earliest, default=None)
    end = max(ends, key=lambda w: w.latest) if len(ends) == len(timings) else None
    return Stage(tuple(members), start, end)
