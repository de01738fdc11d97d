"""From dosage instructions to a daily dose, or why it is unknown.

The result is exact, in `mg/d`; a transdermal opioid keeps its rate in `ug/h`. Where an order gives
a range, the lower end is the dose and the upper end stands beside it: a trial is judged by what was
surely taken. What is taken as needed is no regular dose; only its upper bound is known. Where the
fields and the words say two doses, both are kept and it is said. Whatever does not fit is an
unknown dose with a reason, never a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from cds.dates import When
from cds.dosage.model import Amount, DosageRead, Span, Step, Take, Timing
from cds.dosage.stages import stages
from cds.dosage.words import read_words, stated_in
from cds.history.medications.amount import field_amount, lower, take_amount
from cds.history.medications.bare_number import as_coded, must_count
from cds.history.medications.maximum import stated_maximum
from cds.history.medications.per_day import daily_phase, stated_rate
from cds.history.medications.phase import (
    TWO_DOSES,
    Phase,
    capped,
    doubted,
    either,
    in_turn,
    together,
    total,
    unknown_phase,
)
from cds.history.medications.strength import ONE, NotKnown, NotReadable, NotWritten, Product
from cds.units import Quantity

_END_UNREAD = "its last day is written in figures that can be read in two ways, and is not used"
_BESIDE = "beside the instruction stands what was not understood"
MAX_PER_DAY = 24
"""administrations; more is not an instruction that a person follows"""


@lru_cache(maxsize=4096)
def phases_of(dosages: tuple[DosageRead, ...], product: Product) -> tuple[Phase, ...]:
    """The phases of an order, in time; without any dosage, one phase of which nothing is known."""
    reads = [_named(read, product) for read in dosages]
    told = [read for read in reads if not read.empty]
    if not told:
        needed = any(read.fields.as_needed for read in reads) or None
        return (Phase(as_needed=needed, notes=("no dosage written",)),)
    if len(told) == 1:
        return tuple(_instruction(told[0], product))
    return tuple(_arranged(told, product))


def _named(read: DosageRead, product: Product) -> DosageRead:
    """Words may name the product: then they are read again with its names."""
    written = read.text.lower()
    named = any(name in written for name in product.names)
    if not product.names or (read.words.complete and not named):
        return read
    words = read_words(read.text, product.names)
    return replace(read, words=words) if words.complete else read


def _arranged(reads: Sequence[DosageRead], product: Product) -> Iterator[Phase]:
    """Several instructions: beside each other they add up, one after the other they follow."""
    phases = [tuple(_instruction(read, product)) for read in reads]
    order = stages(reads)
    if any(len(steps) > 1 for steps in phases):
        yield unknown_phase(phases, "steps within one of several instructions: dose unknown")
    elif order is None:
        yield unknown_phase(phases, "whether instructions follow each other is not written")
    else:
        parts = [together([phases[i][0] for i in stage.members], stage) for stage in order]
        yield from in_turn(parts)


def _instruction(read: DosageRead, product: Product) -> Iterator[Phase]:
    """The phases of one Dosage: one, or the steps that its words tell. Never raises."""
    steps = read.words.steps
    if len(steps) > 1:
        yield from _steps(read, product)
        return
    step = steps[0] if steps else None
    timing = read.fields.timing
    phase = _phase(read, step, product)
    notes = [*phase.notes]
    if step is not None and step.until_unread:
        notes.append(_END_UNREAD)
    notes += _beside(read)
    if timing.why_not or (timing.per_day and timing.per_day.high > MAX_PER_DAY):
        notes.insert(0, "frequency makes no sense")
    yield replace(
        phase,
        start=timing.start,
        end=timing.end or _until(step),
        days=_length(read, step),
        unread=phase.unread or _unread(read),
        notes=tuple(notes),
    )


def _until(step: Step | None) -> When | None:
    """The written last day."""
    day = step.until if step is not None else None
    return When(day, day, "day") if day is not None else None


def _steps(read: DosageRead, product: Product) -> Iterator[Phase]:
    """Words that tell of several steps. Fields can hold one dose only: it must be one of them."""
    bare = replace(read, fields=replace(read.fields, doses=(), rates=(), timing=Timing()))
    phases = [_phase(bare, step, product) for step in read.words.steps]
    coded = _from_fields(read, product)
    if coded is not None and all((p.low, p.high) != (coded.low, coded.high) for p in phases):
        yield Phase(unread=True, notes=(f"dose unknown: {TWO_DOSES}",))
        return
    timing = read.fields.timing
    for number, (step, phase) in enumerate(zip(read.words.steps, phases, strict=True)):
        last = number == len(phases) - 1
        yield replace(
            phase,
            start=timing.start if number == 0 else None,
            end=timing.end if last else None,
            days=step.days,
            notes=phase.notes if number else (*phase.notes, *_beside(read)),
        )


def _beside(read: DosageRead) -> tuple[str, ...]:
    return tuple(f'{_BESIDE}: "{remark}"' for remark in read.words.beside)


def _from_fields(read: DosageRead, product: Product) -> Phase | None:
    """What the fields alone say; None where they name no dose of a day."""
    try:
        amount, per_day = field_amount(read.fields, product), read.fields.timing.per_day
        return None if amount is None or per_day is None else daily_phase(amount, per_day, product)
    except NotReadable:
        return None


def _phase(read: DosageRead, step: Step | None, product: Product) -> Phase:
    """The dose of one instruction or of one step of it."""
    takes = step.takes if step is not None else ()
    needed = _as_needed(read, takes)
    extra = [take for take in takes if take.as_needed] if needed is not True else []
    regular = [take for take in takes if take not in extra]
    try:
        phase = _dose(read, regular, product, needed)
    except NotReadable as error:
        misread = not isinstance(error, NotWritten)
        phase = Phase(unread=misread, notes=(f"dose unknown: {error}",))
    cap = stated_maximum(read, step, product)
    if needed:
        up_to = lower([phase.high, cap])
        return replace(phase, low=None, high=None, up_to=up_to, as_needed=True)
    phase = capped(phase, cap)
    if extra:
        phase = replace(phase, up_to=_on_top(phase, extra, step, cap, product))
    return replace(phase, as_needed=needed)


def _on_top(
    phase: Phase, extra: Sequence[Take], step: Step | None, cap: Quantity | None, product: Product
) -> Quantity | None:
    """The most that is taken as needed beside the regular dose, within a stated maximum."""
    times = step.max_times_per_day if step is not None else None
    if times is not None:  # "25 mg prn, max twice daily": of what is taken as needed
        extra = [replace(take, per_day=Span(times, times)) for take in extra]
    bounded = cap is not None and phase.high is not None and phase.high.unit == cap.unit
    most = total([_most(take, product, once=not bounded) for take in extra])
    if cap is None or phase.high is None or not bounded:
        return most
    left = cap.value - phase.high.value
    return lower([most, Quantity(left, cap.unit) if left > 0 else None])


def _as_needed(read: DosageRead, takes: Sequence[Take]) -> bool | None:
    """As needed where either says so, whatever else was understood; None when nothing tells."""
    if read.fields.as_needed or (takes and all(take.as_needed for take in takes)):
        return True
    if not takes and stated_in(read.text).as_needed:
        return True
    told = read.fields.as_needed is False or read.fields.timing != Timing() or takes
    return False if told else None


def _dose(read: DosageRead, takes: Sequence[Take], product: Product, needed: bool | None) -> Phase:
    """The dose as if taken regularly, from fields, words, or both. Raises NotReadable."""
    if _unread(read) and read.words.changes:
        raise NotReadable("the written instruction tells of a change that was not understood")
    coded = field_amount(read.fields, product)
    must_count(read.words.steps, product, coded)
    timing = read.fields.timing
    if timing.per_day is not None and timing.per_day.high > MAX_PER_DAY:
        timing = replace(timing, per_day=None)
    if len(takes) > 1:
        return _several(read, takes, coded, product)
    take = as_coded(takes[0], coded) if takes else Take()
    written = take_amount(take, product)
    if coded is None and written is None:
        return _without_amount(read, take, timing, product, needed)
    if timing.why_not:
        raise NotReadable("frequency makes no sense")
    pairs = [(coded or written, timing.per_day or take.per_day),
             (written or coded, take.per_day or timing.per_day)]  # fmt: skip
    if timing.count == 1 and timing.per_day is None:
        pairs = [(amount, per_day or ONE) for amount, per_day in pairs]
    phase = either(list(_weighed(pairs, product)), differs=timing.differs)
    return doubted(phase, "partly_read") if _unread(read) else phase


def _weighed(
    pairs: Iterable[tuple[Amount | None, Span | None]], product: Product
) -> Iterator[Phase]:
    """What each pair makes; one that can't be weighed leaves the word to the other."""
    unknown: NotKnown | None = None
    found = 0
    for amount, per_day in pairs:
        if amount is None:
            continue
        try:
            yield daily_phase(amount, per_day, product)
            found += 1
        except NotKnown as error:
            unknown = error
    if unknown is not None and not found:
        raise unknown


def _several(
    read: DosageRead, takes: Sequence[Take], coded: Amount | None, product: Product
) -> Phase:
    """Takes of one day that add up: `1 in the morning and 2 at bedtime`."""
    parts = [_written(take, product) for take in takes]
    low, high = total([p.low for p in parts]), total([p.high for p in parts])
    used = [p.units_per_day for p in parts if p.units_per_day is not None]
    units = sum(used, Fraction(0)) if len(used) == len(parts) else None
    phase = Phase(low, high, units_per_day=units)
    if coded is None or read.fields.timing.per_day is None:
        return phase
    return either([daily_phase(coded, read.fields.timing.per_day, product), phase])


def _written(take: Take, product: Product) -> Phase:
    amount = take_amount(take, product)
    if amount is None:
        raise NotWritten("amount not written")
    return daily_phase(amount, take.per_day, product)


def _most(take: Take, product: Product, *, once: bool) -> Quantity | None:
    """The most of a day by an as-needed take beside a regular one; `once` where no more is told."""
    try:
        return _written(
            replace(take, per_day=take.per_day or (ONE if once else None)), product
        ).high
    except NotReadable:
        return None


def _unread(read: DosageRead) -> bool:
    """Whether there are words that were not understood, so that they may say something else."""
    words = read.words
    return bool(read.text) and not words.complete and not words.says_nothing


def _without_amount(
    read: DosageRead, take: Take, timing: Timing, product: Product, needed: bool | None
) -> Phase:
    """A rate in place of a dose; or one unit, where only the amount is missing."""
    rate = stated_rate(read, product)
    if rate is not None:
        return Phase(rate, rate)
    if read.fields.rates:
        raise NotReadable("an infusion rate is no daily dose")
    says_more = bool(read.text) and not read.words.says_nothing
    per_day = timing.per_day or take.per_day or (ONE if timing.count == 1 else None)
    if per_day is None or needed or says_more or not product.may_assume_one:
        raise NotWritten("amount not written")
    return doubted(daily_phase(Amount(ONE, "1"), per_day, product), "assumed")


def _length(read: DosageRead, step: Step | None) -> int | None:
    timing = read.fields.timing
    lengths = [int(timing.days.low) if timing.days else None, step.days if step else None]
    takes = step.takes if step is not None else ()
    per_day = timing.per_day or (takes[0].per_day if len(takes) == 1 else None)
    if timing.count is not None and per_day is not None:
        lengths.append(max(1, int(timing.count / per_day.high)))
    return min((days for days in lengths if days), default=None)
