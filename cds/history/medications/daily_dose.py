"""From dosage instructions to a daily dose, or why it is unknown.

The result is exact, in `mg/d`; a transdermal opioid keeps its rate in `ug/h`. Where an order gives
a range, the lower end is the dose and the upper end stands beside it: a trial is judged by what was
surely taken. What is taken as needed is no regular dose; only its upper bound is known. Where the
fields and the words say two doses, both are kept and it is said. Whatever does not fit is an
unknown dose with a reason, never a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

from msgspec.structs import replace

from cds.dosage.model import Amount, DosageRead, Fields, Span, Step, Take, Timing, Words
from cds.dosage.words import read_words, stated_in
from cds.history.medications.amount import field_amount, lower, take_amount
from cds.history.medications.bare_number import as_coded, must_count
from cds.history.medications.length import end_of, length_of, start_of
from cds.history.medications.maximum import counted_maximum, stated_limit
from cds.history.medications.per_day import daily_phase, stated_rate
from cds.history.medications.phase import (
    TWO_DOSES,
    Phase,
    capped,
    doubted,
    either,
    limited,
    total,
)
from cds.history.medications.several import arranged
from cds.history.medications.strength import ONE, NotKnown, NotReadable, NotWritten, Product
from cds.history.model.course import DOUBTS
from cds.units import Quantity

_END_UNREAD = "its last day is written in figures that can be read in two ways, and is not used"
MAX_PER_DAY = 24
"""administrations; more is not an instruction that a person follows"""


@lru_cache(maxsize=4096)
def phases_of(dosages: tuple[DosageRead, ...], product: Product) -> tuple[Phase, ...]:
    """The phases of an order, in time; without any dosage, one phase of which nothing is known."""
    reads = [_named(read, product) for read in dosages]
    alone = [read for read in reads if _says_as_needed_alone(read)]
    told = [read for read in reads if not read.empty and read not in alone] or alone
    if not told:
        needed = any(read.fields.as_needed for read in reads) or None
        return (Phase(as_needed=needed, notes=("no dosage written",)),)
    if alone and told is not alone:  # `PRN` in a Dosage of its own is of those beside it
        told = [replace(read, fields=replace(read.fields, as_needed=True)) for read in told]
    if len(told) == 1:
        return tuple(_instruction(told[0], product))
    return tuple(arranged([(read, tuple(_instruction(read, product))) for read in told]))


def _says_as_needed_alone(read: DosageRead) -> bool:
    """Whether `as needed` is all that a Dosage says of the dose."""
    fields, takes = read.fields, [take for step in read.words.steps for take in step.takes]
    if fields.doses or fields.rates or fields.timing != Timing() or (read.text and not takes):
        return False
    bare = all(t.as_needed and t.amount is None and t.mass is None and not t.per_day for t in takes)
    return bare and bool(takes or fields.as_needed)


def _named(read: DosageRead, product: Product) -> DosageRead:
    """Words may name the product: then they are read again with its names."""
    written = read.text.lower()
    named = any(name in written for name in product.names)
    if not product.names or (read.words.complete and not named):
        return read
    words = read_words(read.text, product.names)
    return replace(read, words=words) if words.complete else read


def _instruction(read: DosageRead, product: Product) -> Iterator[Phase]:
    """The phases of one Dosage: one, or the steps that its words tell. Never raises."""
    steps = read.words.steps
    if len(steps) > 1:
        yield from _steps(read, product)
        return
    step = steps[0] if steps else None
    timing = read.fields.timing
    phase = _as_the_patient_was_told(_phase(read, step, product), read, product)
    notes = [*phase.notes]
    if step is not None and step.until_unread:
        notes.append(_END_UNREAD)
    if timing.why_not or (timing.per_day and timing.per_day.high > MAX_PER_DAY):
        notes.insert(0, "frequency makes no sense")
    phase = replace(
        phase,
        start=start_of(timing),
        end=end_of(timing, step),
        days=length_of(read, step),
        unread=phase.unread or _unread(read),
        elsewhere=read.words.says_nothing,
        notes=tuple(notes),
    )
    yield _with_words_beside(phase, read)


def _as_the_patient_was_told(phase: Phase, read: DosageRead, product: Product) -> Phase:
    """The patient's own instruction may say another dose than the prescriber's."""
    words = read_words(read.patient, product.names) if read.own and read.patient else Words()
    if phase.low is None or len(words.steps) != 1:
        return phase
    told = _phase(DosageRead(Fields(), words, read.patient), words.steps[0], product)
    if told.low is None or (told.low, told.high) == (phase.low, phase.high):
        return phase
    both = either([phase, told], doubt="sources_differ")
    return replace(
        both, as_needed=phase.as_needed, up_to=phase.up_to, doubts=both.doubts | phase.doubts
    )


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
        start = timing.start if number == 0 else None
        end = timing.end if last else None
        yield _with_words_beside(replace(phase, start=start, end=end, days=step.days), read)


def _with_words_beside(phase: Phase, read: DosageRead) -> Phase:
    """The dose counts, and what stands beside it may speak against its being taken."""
    if not read.words.beside:
        return phase
    told = tuple(f'{DOUBTS["beside"]}: "{remark}"' for remark in read.words.beside)
    return replace(phase, doubts=phase.doubts | {"beside"}, notes=(*phase.notes, *told))


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
    counted, limit = counted_maximum(read, step, product), stated_limit(read, step, product)
    cap = lower([counted, limit])
    if needed:
        up_to = lower([phase.high, cap])
        return replace(phase, low=None, high=None, up_to=up_to, as_needed=True)
    phase = limited(capped(phase, counted), limit)
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
    if timing.single and timing.per_day is None:
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
    per_day = timing.per_day or take.per_day or (ONE if timing.single else None)
    if per_day is None or needed or says_more or not product.may_assume_one:
        raise NotWritten("amount not written")
    return doubted(daily_phase(Amount(ONE, "1"), per_day, product), "assumed")
