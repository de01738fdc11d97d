"""From dosage instructions to a daily dose.

Instructions that run beside each other add up, those in turn become phases. What is taken as
needed never adds to the regular dose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from cds.fhir_json import as_objects
from cds.history.dose_amount import Product
from cds.history.instruction import Instruction, Phase, read_instruction
from cds.units import Quantity
from cds.wire import decode, encode

__all__ = ["Phase", "Product", "read_dosages"]


def read_dosages(dosages: object, product: Product) -> tuple[Phase, ...]:
    """The phases of an order, in time; without any dosage, one phase of which nothing is known."""
    return _phases(encode(dosages), product)


@lru_cache(maxsize=4096)
def _phases(dosages: bytes, product: Product) -> tuple[Phase, ...]:
    """Charts repeat a few instructions many times, so what was read is kept, by its JSON."""
    read = [read_instruction(d, product) for d in as_objects(decode(dosages))]
    read = [i for i in read if not i.empty] or read[:1]
    if not read:
        return (Phase(notes=("no dosage written",)),)
    steps: dict[int | None, list[Instruction]] = {}
    for instruction in read:
        steps.setdefault(instruction.sequence, []).append(instruction)
    if len(steps) == 1 or _at_once(read):
        return (_together([i.phase for i in read]),)
    ordered = sorted(steps, key=lambda s: (s is None, s or 0))
    return _in_turn([_together([i.phase for i in steps[s]]) for s in ordered])


def _at_once(read: Sequence[Instruction]) -> bool:
    """Numbered instructions for different times of one day run beside each other."""
    times = [i.times for i in read]
    named = [time for group in times for time in group]
    if all(times) and len(named) == len(set(named)):
        return True
    bounds = {(i.phase.start, i.phase.end) for i in read}
    return len(bounds) == 1 and (None, None) not in bounds


def _in_turn(steps: list[Phase]) -> tuple[Phase, ...]:
    """Steps of a titration or taper. Without their lengths the dose of any day is unknown."""
    if all(step.days or (step.start and step.end) for step in steps[:-1]):
        return tuple(steps)
    if len({(step.low, step.high, step.as_needed) for step in steps}) == 1:
        return (steps[0],)
    notes = tuple(note for step in steps for note in step.notes)
    return (Phase(notes=(*notes, "steps of the dose have no dates: dose unknown")),)


def _together(phases: list[Phase]) -> Phase:
    """Instructions that run beside each other: regular doses add up, as-needed ones do not."""
    if len(phases) == 1:
        return phases[0]
    regular = [p for p in phases if not p.as_needed]
    notes = dict.fromkeys(note for p in phases for note in p.notes)
    if regular and len(regular) < len(phases):
        notes["an as-needed instruction stands beside the regular dose"] = None
    base = replace(regular[0] if regular else phases[0], notes=tuple(notes))
    base = replace(
        base,
        low=_total([p.low for p in regular]),
        high=_total([p.high for p in regular]),
        up_to=_total([p.up_to for p in phases if p.as_needed]),
        as_needed=not regular,
        end=None if any(p.end is None for p in phases) else base.end,
        days=max((p.days for p in phases if p.days), default=None),
    )
    used = [p.units_per_day for p in phases if p.units_per_day is not None]
    return replace(base, units_per_day=sum(used, Fraction(0)) if len(used) == len(phases) else None)


def _total(doses: Iterable[Quantity | None]) -> Quantity | None:
    found = list(doses)
    known = [dose for dose in found if dose is not None]
    if not known or len(known) < len(found) or len({dose.unit for dose in known}) > 1:
        return None
    return Quantity(sum((dose.value for dose in known[1:]), known[0].value), known[0].unit)
