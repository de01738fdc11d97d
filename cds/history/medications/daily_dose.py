"""From dosage instructions to a daily dose, or why it is unknown.

The result is exact, in `mg/d`; a transdermal opioid keeps its rate in `ug/h`. Where an order gives
a range, the lower end is the dose and the upper end stands beside it: a trial is judged by what was
surely taken. What is taken as needed is no regular dose; only its upper bound is known. Where the
fields and the words say two doses, both are kept and it is said. Whatever does not fit is an
unknown dose with a reason, never a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from cds.dates import When
from cds.dosage.dose_units import MASSES, is_rate
from cds.dosage.model import Amount, DosageRead, Span, Step, Take, Timing
from cds.dosage.read import read_dosages
from cds.dosage.stages import Stage, stages
from cds.dosage.words import read_words
from cds.history.medications.amount import field_amount, lower, take_amount
from cds.history.medications.strength import (
    ONE,
    NotKnown,
    NotReadable,
    NotWritten,
    Product,
    exact,
    hourly_rate,
    mg_of,
    mg_per_unit,
)
from cds.history.model import DOUBTS, Doubt
from cds.units import Quantity, UnitError
from cds.wire import decode, encode

MAX_MG_PER_DAY = 50_000
"""no drug that this service judges is taken in more; beyond it is an error of entry"""
MAX_PER_DAY = 24
"""administrations; more is not an instruction that a person follows"""
MAX_DAYS_PER_PATCH = 7
"""longer than any patch lasts: changed less often, it does not give its rate all the time"""
_TWO_DOSES = "the text and the coded fields differ"


@dataclass(frozen=True, slots=True)
class Phase:
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
    unread: bool = False
    """an instruction stands there that was not understood: nothing else may be put in its place"""
    notes: tuple[str, ...] = ()


def phases_of(dosages: object, product: Product) -> tuple[Phase, ...]:
    """The phases of an order, in time; without any dosage, one phase of which nothing is known."""
    return _phases(encode(dosages), product)


@lru_cache(maxsize=4096)
def _phases(dosages: bytes, product: Product) -> tuple[Phase, ...]:
    reads = [_named(read, product) for read in read_dosages(decode(dosages))]
    told = [read for read in reads if not read.empty]
    if not told:
        needed = any(read.fields.as_needed for read in reads) or None
        return (Phase(as_needed=needed, notes=("no dosage written",)),)
    if len(told) == 1:
        return tuple(_instruction(told[0], product))
    return tuple(_arranged(told, product))


def _named(read: DosageRead, product: Product) -> DosageRead:
    """Words that are not understood may name the product: they are read again with its names."""
    if read.words.complete or not product.names:
        return read
    words = read_words(read.text, product.names)
    return replace(read, words=words) if words.complete else read


def _arranged(reads: Sequence[DosageRead], product: Product) -> Iterator[Phase]:
    """Several instructions: beside each other they add up, one after the other they follow."""
    phases = [tuple(_instruction(read, product)) for read in reads]
    order = stages(reads)
    if any(len(steps) > 1 for steps in phases):
        yield _unknown(phases, "steps within one of several instructions: dose unknown")
    elif order is None:
        yield _unknown(phases, "whether instructions follow each other is not written")
    else:
        parts = [_together([phases[i][0] for i in stage.members], stage) for stage in order]
        yield from _in_turn(parts)


def _unknown(phases: Iterable[tuple[Phase, ...]], why: str) -> Phase:
    told = [phase for steps in phases for phase in steps]
    notes = dict.fromkeys(note for phase in told for note in phase.notes)
    needed = all(phase.as_needed for phase in told)
    return Phase(as_needed=needed, unread=True, notes=(*notes, why))


def _in_turn(steps: Sequence[Phase]) -> Iterator[Phase]:
    """Steps of a titration or taper. Without their lengths the dose of any day is unknown."""
    if all(step.days or (step.start and step.end) for step in steps[:-1]):
        yield from steps
    elif len({(step.low, step.high, step.as_needed) for step in steps}) == 1:
        yield steps[0]
    else:
        yield _unknown([tuple(steps)], "steps of the dose have no dates: dose unknown")


def _together(phases: Sequence[Phase], stage: Stage) -> Phase:
    """Instructions that run beside each other: regular doses add up, as-needed ones do not."""
    if len(phases) == 1:
        return replace(phases[0], start=stage.start, end=stage.end)
    regular = [p for p in phases if not p.as_needed]
    notes = dict.fromkeys(note for p in phases for note in p.notes)
    if regular and len(regular) < len(phases):
        notes["an as-needed instruction stands beside the regular dose"] = None
    used = [p.units_per_day for p in phases if p.units_per_day is not None]
    return Phase(
        low=_total([p.low for p in regular]),
        high=_total([p.high for p in regular]),
        up_to=_total([p.up_to for p in phases if p.as_needed]),
        units_per_day=sum(used, Fraction(0)) if len(used) == len(phases) else None,
        as_needed=not regular,
        start=stage.start,
        end=stage.end,
        days=max((p.days for p in phases if p.days), default=None),
        doubts=frozenset().union(*(p.doubts for p in regular)),
        unread=any(p.unread for p in phases),
        notes=tuple(notes),
    )


def _total(doses: Iterable[Quantity | None]) -> Quantity | None:
    found = list(doses)
    known = [dose for dose in found if dose is not None]
    if not known or len(known) < len(found) or len({dose.unit for dose in known}) > 1:
        return None
    return Quantity(sum((dose.value for dose in known[1:]), known[0].value), known[0].unit)


# ---- one instruction -----------------------------------------------------------------------------


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
    if timing.why_not or (timing.per_day and timing.per_day.high > MAX_PER_DAY):
        notes.insert(0, "frequency makes no sense")
    yield replace(
        phase,
        start=timing.start,
        end=timing.end,
        days=_length(read, step),
        unread=phase.unread or _unread(read),
        notes=tuple(notes),
    )


def _steps(read: DosageRead, product: Product) -> Iterator[Phase]:
    """Words that tell of several steps. Fields can hold one dose only: it must be one of them."""
    bare = replace(read, fields=replace(read.fields, doses=(), rates=(), timing=Timing()))
    phases = [_phase(bare, step, product) for step in read.words.steps]
    coded = _from_fields(read, product)
    if coded is not None and all((p.low, p.high) != (coded.low, coded.high) for p in phases):
        yield Phase(unread=True, notes=(f"dose unknown: {_TWO_DOSES}",))
        return
    timing = read.fields.timing
    for number, (step, phase) in enumerate(zip(read.words.steps, phases, strict=True)):
        last = number == len(phases) - 1
        yield replace(
            phase,
            start=timing.start if number == 0 else None,
            end=timing.end if last else None,
            days=step.days,
        )


def _from_fields(read: DosageRead, product: Product) -> Phase | None:
    """What the fields alone say; None where they name no dose of a day."""
    try:
        amount, per_day = field_amount(read.fields, product), read.fields.timing.per_day
        return None if amount is None or per_day is None else _daily(amount, per_day, product)
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
    cap = _cap(read, step, product)
    if needed:
        up_to = lower([phase.high, cap])
        return replace(phase, low=None, high=None, up_to=up_to, as_needed=True)
    phase = _capped(phase, cap)
    if extra:
        phase = replace(phase, up_to=_total([_most(take, product) for take in extra]))
    return replace(phase, as_needed=needed)


def _as_needed(read: DosageRead, takes: Sequence[Take]) -> bool | None:
    """As needed where either says so, whatever else was understood; None when nothing tells."""
    if read.fields.as_needed or (takes and all(take.as_needed for take in takes)):
        return True
    if not takes and read.words.stated.as_needed:
        return True
    told = read.fields.as_needed is False or read.fields.timing != Timing() or takes
    return False if told else None


def _dose(read: DosageRead, takes: Sequence[Take], product: Product, needed: bool | None) -> Phase:
    """The dose as if taken regularly, from fields, words, or both. Raises NotReadable."""
    if _unread(read) and read.words.changes:
        raise NotReadable("the written instruction tells of a change that was not understood")
    coded = field_amount(read.fields, product)
    timing = read.fields.timing
    if timing.per_day is not None and timing.per_day.high > MAX_PER_DAY:
        timing = replace(timing, per_day=None)
    if len(takes) > 1:
        return _several(read, takes, coded, product)
    take = takes[0] if takes else Take()
    written = take_amount(take, product)
    if coded is None and written is None:
        return _without_amount(read, take, timing, product, needed)
    if timing.why_not:
        raise NotReadable("frequency makes no sense")
    pairs = [(coded or written, timing.per_day or take.per_day),
             (written or coded, take.per_day or timing.per_day)]  # fmt: skip
    if timing.count == 1 and timing.per_day is None:
        pairs = [(amount, per_day or ONE) for amount, per_day in pairs]
    phase = _either(list(_weighed(pairs, product)), differs=timing.differs)
    return _doubted(phase, "partly_read") if _unread(read) else phase


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
            yield _daily(amount, per_day, product)
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
    low, high = _total([p.low for p in parts]), _total([p.high for p in parts])
    used = [p.units_per_day for p in parts if p.units_per_day is not None]
    units = sum(used, Fraction(0)) if len(used) == len(parts) else None
    phase = Phase(low, high, units_per_day=units)
    if coded is None or read.fields.timing.per_day is None:
        return phase
    return _either([_daily(coded, read.fields.timing.per_day, product), phase])


def _written(take: Take, product: Product) -> Phase:
    amount = take_amount(take, product)
    if amount is None:
        raise NotWritten("amount not written")
    return _daily(amount, take.per_day, product)


def _most(take: Take, product: Product) -> Quantity | None:
    """The most of a day by an as-needed take beside a regular one."""
    try:
        return _written(take, product).high
    except NotReadable:
        return None


def _either(found: Sequence[Phase], *, differs: bool = False) -> Phase:
    """Two readings of one dose: the same, or the lower with the higher beside it."""
    first = found[0]
    lows, highs = [p.low for p in found if p.low], [p.high for p in found if p.high]
    if not lows or len({q.unit for q in (*lows, *highs)}) > 1:
        raise NotReadable(_TWO_DOSES)
    low = min(lows, key=lambda q: q.value)
    high = max(highs, key=lambda q: q.value)
    differs = differs or any((p.low, p.high) != (first.low, first.high) for p in found)
    if not differs:
        return first
    notes = dict.fromkeys(note for p in found for note in p.notes)
    used = max((p.units_per_day for p in found if p.units_per_day is not None), default=None)
    return _doubted(Phase(low, high, units_per_day=used, notes=tuple(notes)), "differs")


def _unread(read: DosageRead) -> bool:
    """Whether there are words that were not understood, so that they may say something else."""
    words = read.words
    return bool(read.text) and not words.complete and not words.says_nothing


def _doubted(phase: Phase, doubt: Doubt) -> Phase:
    notes = (*phase.notes, DOUBTS[doubt])
    return replace(phase, doubts=phase.doubts | {doubt}, notes=tuple(dict.fromkeys(notes)))


def _without_amount(
    read: DosageRead, take: Take, timing: Timing, product: Product, needed: bool | None
) -> Phase:
    """A rate in place of a dose; or one unit, where only the amount is missing."""
    rate = _stated_rate(read, product)
    if rate is not None:
        return Phase(rate, rate)
    if read.fields.rates:
        raise NotReadable("an infusion rate is no daily dose")
    says_more = bool(read.text) and not read.words.says_nothing
    per_day = timing.per_day or take.per_day or (ONE if timing.count == 1 else None)
    if per_day is None or needed or says_more or not product.may_assume_one:
        raise NotWritten("amount not written")
    return _doubted(_daily(Amount(ONE, "1"), per_day, product), "assumed")


# ---- arithmetic ----------------------------------------------------------------------------------


def _daily(amount: Amount, per_day: Span | None, product: Product) -> Phase:
    """Amount times frequency. Raises NotReadable."""
    if amount.unit == "ug/h":
        dose = _rate_dose(amount.span, product)
        return Phase(dose.low, dose.high, units_per_day=per_day.high if per_day else None)
    if is_rate(amount.unit):
        raise NotReadable("an infusion rate is no daily dose")
    if per_day is None:
        raise NotWritten("frequency not written")
    if hourly_rate(product.strength) is not None:
        return _patch(amount, per_day, product)
    mg = mg_of(amount.unit, product)
    daily = Span(amount.span.low * per_day.low * mg, amount.span.high * per_day.high * mg)
    low, high = _checked(daily)
    notes = ("a range is written: the lower dose counts",) if low != high else ()
    used = _used(amount.span * per_day, amount.unit, product)
    return Phase(low, high, units_per_day=used, notes=notes)


def _checked(daily: Span) -> tuple[Quantity, Quantity]:
    if daily.high > MAX_MG_PER_DAY:
        raise NotReadable("amount makes no sense")
    return Quantity(exact(daily.low), "mg/d"), Quantity(exact(daily.high), "mg/d")


def _used(daily: Span, unit: str, product: Product) -> Fraction | None:
    """Product units used a day, for the length of a supply."""
    if unit not in MASSES:
        return daily.high
    for whole in ("1", "mL"):
        try:
            return daily.high * mg_per_unit(unit, None) / mg_per_unit(whole, product.strength)
        except NotReadable:
            continue
    return None


def _patch(amount: Amount, per_day: Span, product: Product) -> Phase:
    """Patches worn at a time, times their rate: how often they are changed adds nothing."""
    rate = hourly_rate(product.strength)
    assert rate is not None
    worn = amount.span
    if amount.unit in MASSES:  # "75 mcg" of a 75 mcg/h patch
        factor = mg_per_unit(amount.unit, None) * 1000 / rate
        if worn * Span(factor, factor) != ONE:
            raise NotReadable("unit of dose does not fit the product's strength")
        worn = ONE
    elif amount.unit not in ("{patch}", "1"):
        raise NotReadable("unit of dose does not fit the product's strength")
    if per_day.low * MAX_DAYS_PER_PATCH < 1:
        raise NotReadable("a patch that is changed less than once a week")
    dose = _rate_dose(worn * Span(rate, rate), product)
    return replace(dose, units_per_day=worn.high * per_day.high)


def _rate_dose(rate: Span, product: Product) -> Phase:
    """A rate in ug/h as the dose: kept for opioids, else per day in mg."""
    if product.rate_kept:
        return Phase(Quantity(exact(rate.low), "ug/h"), Quantity(exact(rate.high), "ug/h"))
    factor = Fraction(24, 1000)
    return Phase(*_checked(Span(rate.low * factor, rate.high * factor)))


def _stated_rate(read: DosageRead, product: Product) -> Quantity | None:
    """A rate in place of a dose: `75 ug/h` of a patch, `6 mg` per day; no infusion rate."""
    for field in read.fields.rates:
        rate = field.low
        if rate is None or field.is_range:
            continue
        try:
            if product.rate_kept:
                return rate.to("ug/h")
            return rate.to("mg/d") if _per_whole_day(rate) else None
        except UnitError:
            continue
    return None


def _per_whole_day(rate: Quantity) -> bool:
    """An infusion rate is no daily dose: how long it runs is not said."""
    return rate.unit.endswith(("/d", "/24.h", "/24h"))


def _cap(read: DosageRead, step: Step | None, product: Product) -> Quantity | None:
    """The stated maximum a day."""
    caps: list[Fraction] = []
    for amount, period in read.fields.max_per_period:
        try:
            days = Fraction(period.to("d").value)
            caps.append(Fraction(amount.value) * mg_of(amount.unit, product) / days)
        except (NotReadable, UnitError):
            continue
    if step is not None:
        caps += _written_caps(step, product)
    caps += _times_cap(read, product)
    return Quantity(exact(min(caps)), "mg/d") if caps else None


def _times_cap(read: DosageRead, product: Product) -> Iterator[Fraction]:
    """`no more than 2 doses a day` beside a dose in the fields."""
    times = read.fields.max_times_per_day
    try:
        amount = field_amount(read.fields, product) if times is not None else None
        if times is not None and amount is not None:
            yield times * amount.span.high * mg_of(amount.unit, product)
    except NotReadable:
        return


def _written_caps(step: Step, product: Product) -> Iterator[Fraction]:
    most, times = step.max_per_day, step.max_times_per_day
    try:
        if most is not None:
            yield most.span.high * mg_of(most.unit, product)
        amounts = [take.amount for take in step.takes if take.amount is not None]
        if times is not None and amounts:
            yield times * max(a.span.high * mg_of(a.unit, product) for a in amounts)
    except NotReadable:
        return


def _capped(phase: Phase, cap: Quantity | None) -> Phase:
    if cap is None or phase.low is None or phase.high is None or phase.low.unit != cap.unit:
        return phase
    if phase.high.value <= cap.value:
        return phase
    low = min(phase.low, cap, key=lambda q: q.value)
    return replace(phase, low=low, high=cap, notes=(*phase.notes, "kept to the stated maximum"))


def _length(read: DosageRead, step: Step | None) -> int | None:
    timing = read.fields.timing
    lengths = [int(timing.days.low) if timing.days else None, step.days if step else None]
    takes = step.takes if step is not None else ()
    per_day = timing.per_day or (takes[0].per_day if len(takes) == 1 else None)
    if timing.count is not None and per_day is not None:
        lengths.append(max(1, int(timing.count / per_day.high)))
    return min((days for days in lengths if days), default=None)
