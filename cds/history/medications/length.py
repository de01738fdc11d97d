"""How long one instruction runs, by its fields and its words."""

from __future__ import annotations

from cds.dates import When
from cds.dosage.model import DosageRead, Step, Timing


def start_of(timing: Timing) -> When | None:
    """The written first day, or the first of the moments that are listed."""
    return timing.start or min(_moments(timing), key=lambda w: w.earliest, default=None)


def end_of(timing: Timing, step: Step | None) -> When | None:
    """The written last day."""
    day = step.until if step is not None else None
    return timing.end or (When(day, day, "day") if day is not None else None)


def length_of(read: DosageRead, step: Step | None) -> int | None:
    """Days; of several lengths the shortest."""
    timing = read.fields.timing
    lengths = [int(timing.days.low) if timing.days else None, step.days if step else None]
    takes = step.takes if step is not None else ()
    per_day = timing.per_day or (takes[0].per_day if len(takes) == 1 else None)
    if timing.count is not None and per_day is not None:
        lengths.append(max(1, int(timing.count / per_day.high)))
    if timing.single:
        lengths.append(1)
    elif timing.per_day is None and (listed := _moments(timing)):
        days = [moment.earliest for moment in listed]
        lengths.append((max(days) - min(days)).days + 1)
    return min((days for days in lengths if days), default=None)


def _moments(timing: Timing) -> list[When]:
    """All of them, where every one could be read."""
    moments = [moment for moment in timing.events if moment is not None]
    return moments if len(moments) == len(timing.events) else []
