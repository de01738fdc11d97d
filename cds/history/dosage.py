"""From dosage instructions to a daily dose.

The result is exact, in `mg/d`; a transdermal opioid keeps its rate in `ug/h`. Where an order gives
a range, the lower end is the dose and the upper end stands beside it: a trial is judged by what was
surely taken. What is taken as needed is no regular dose; only its upper bound is known. Whatever
does not fit is an unknown dose with a reason, never a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from cds.dates import When
from cds.history.amounts import (
    MASSES,
    NotReadable,
    exact,
    hourly_rate,
    mg_per_unit,
    unit_of,
    value_of,
)
from cds.history.reading import child, entries, number, text
from cds.history.sig import MAX_COUNT, Sig, Span, read_sig
from cds.history.timing import Timing, days_of, read_timing
from cds.units import Quantity, UnitError
from cds.wire import Json

MAX_MG_PER_DAY = 50_000
"""no drug that this service judges is taken in more; beyond it is an error of entry"""
MAX_DAYS_PER_PATCH = 7
"""longer than any patch lasts: changed less often, it does not give its rate all the time"""
_SAYS_NOTHING = re.compile(
    r"\W*(?:(?:take|use|apply)?\s*as (?:directed|instructed|prescribed|needed)[\w\s]{0,20})?\W*\Z",
    re.IGNORECASE,
)
_RATE_TYPES = ("ordered", "calculated")
"""doseAndRate types in the order in which they are believed"""


@dataclass(frozen=True, slots=True)
class Product:
    """What the dose of one ingredient depends on."""

    strength: Quantity | None = None
    """per unit of the product's form"""
    rate_kept: bool = False
    """a transdermal opioid: its dose stays a rate"""
    combination: bool = False
    may_assume_one: bool = False
    """one unit per administration may be assumed where only the amount is missing"""


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
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Instruction:
    """One Dosage, read."""

    phase: Phase
    sequence: int | None = None
    times: frozenset[str] = frozenset()
    empty: bool = False


def read_dosages(dosages: object, product: Product) -> tuple[Phase, ...]:
    """The phases of an order, in time; without any dosage, one phase of which nothing is known."""
    read = [_instruction(d, product) for d in entries(dosages)]
    read = [i for i in read if not i.empty] or read[:1]
    if not read:
        return (Phase(notes=("no dosage written",)),)
    steps: dict[int | None, list[_Instruction]] = {}
    for instruction in read:
        steps.setdefault(instruction.sequence, []).append(instruction)
    if len(steps) == 1 or _at_once(read):
        return (_together([i.phase for i in read]),)
    ordered = sorted(steps, key=lambda s: (s is None, s or 0))
    return _in_turn([_together([i.phase for i in steps[s]]) for s in ordered])


def _at_once(read: Sequence[_Instruction]) -> bool:
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


def _instruction(dosage: Json, product: Product) -> _Instruction:
    written = text(dosage.get("text")) or text(dosage.get("patientInstruction"))
    sig = read_sig(written) if written else None
    timing = read_timing(dosage.get("timing"))
    as_needed = _as_needed(dosage, sig)
    notes = [timing.problem] if timing.problem else []
    per_day = _per_day(timing, sig, notes)
    try:
        phase = _dose(dosage, sig, per_day, product, as_needed, not _SAYS_NOTHING.match(written))
    except NotReadable as error:
        phase = Phase()
        notes.append(f"dose unknown: {error}")
    if as_needed:
        cap = _cap(dosage, sig, product, per_day)
        high = min((q for q in (phase.high, cap) if q), key=lambda q: q.value, default=None)
        phase = replace(phase, low=None, high=None, up_to=high)
    else:
        phase = _capped(phase, _cap(dosage, sig, product, per_day))
    length = _length(timing, sig, per_day)
    phase = replace(
        phase, as_needed=as_needed, start=timing.start, end=timing.end, days=length,
        notes=(*phase.notes, *notes),
    )  # fmt: skip
    sequence = number(dosage.get("sequence"))
    repeat = child(dosage.get("timing"), "repeat")
    when = [*_list(child(repeat, "when")), *_list(child(repeat, "timeOfDay"))]
    empty = not (dosage.get("doseAndRate") or timing.per_day or sig or written or timing.start)
    return _Instruction(
        phase, int(sequence) if sequence is not None else None, frozenset(map(str, when)), empty
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _as_needed(dosage: Json, sig: Sig | None) -> bool | None:
    if dosage.get("asNeededBoolean") is True or dosage.get("asNeededCodeableConcept"):
        return True
    if sig is not None and sig.as_needed:
        return True
    return False if "asNeededBoolean" in dosage or dosage.get("timing") or sig else None


def _per_day(timing: Timing, sig: Sig | None, notes: list[str]) -> Span | None:
    if timing.problem:
        return None
    said = sig.per_day if sig is not None else None
    coded = timing.per_day
    if timing.count == 1 and coded is None:
        return Span(Fraction(1), Fraction(1))
    if coded is None or said is None or coded == said:
        return coded or said
    notes.append("text and coded timing differ: the lower one is used")
    return Span(min(coded.low, said.low), max(coded.high, said.high))


def _length(timing: Timing, sig: Sig | None, per_day: Span | None) -> int | None:
    lengths = [timing.days, sig.days if sig is not None else None]
    if timing.count is not None and per_day is not None:
        lengths.append(max(1, int(timing.count / per_day.high)))
    return min((days for days in lengths if days), default=None)


def _dose(
    dosage: Json, sig: Sig | None, per_day: Span | None, product: Product, as_needed: bool | None,
    says_more: bool,
) -> Phase:  # fmt: skip
    """The dose of one instruction, as if taken regularly. Raises NotReadable."""
    given = _structured(dosage, product)
    if given is None and sig is not None and sig.amount is not None and sig.unit is not None:
        given = _written(sig, product)
    note: tuple[str, ...] = ()
    if given is None:
        rate = _stated_rate(dosage, product)
        if rate is not None:
            return Phase(rate, rate)
        if per_day is None or as_needed or says_more or not product.may_assume_one:
            raise NotReadable("amount not written")
        given = (Span(Fraction(1), Fraction(1)), "1")
        note = ("amount not written: one unit at a time is assumed",)
    amount, unit = given
    if unit == "ug/h":
        dose = _rate_dose(amount, product)
        return Phase(dose.low, dose.high, units_per_day=per_day.high if per_day else None)
    if per_day is None:
        raise NotReadable("frequency not written")
    if hourly_rate(product.strength) is not None:
        return _patch(amount, unit, per_day, product)
    daily = amount * per_day * _mg(unit, product)
    low, high = _checked(daily)
    if low != high:
        note += ("a range is written: the lower dose counts",)
    return Phase(low, high, units_per_day=_used(amount * per_day, unit, product), notes=note)


def _mg(unit: str, product: Product) -> Span:
    if product.combination and unit in MASSES:
        raise NotReadable("mass of a combination product")
    mg = mg_per_unit(unit, product.strength)
    return Span(mg, mg)


def _checked(daily: Span) -> tuple[Quantity, Quantity]:
    if daily.high > MAX_MG_PER_DAY:
        raise NotReadable("amount makes no sense")
    return Quantity(exact(daily.low), "mg/d"), Quantity(exact(daily.high), "mg/d")


def _used(daily: Span, unit: str, product: Product) -> Fraction | None:
    """Product units used a day, for the length of a supply."""
    if unit not in MASSES:
        return daily.high
    try:
        per_unit = mg_per_unit("1", product.strength)
    except NotReadable:
        try:
            per_unit = mg_per_unit("mL", product.strength)
        except NotReadable:
            return None
    return daily.high * mg_per_unit(unit, None) / per_unit


def _structured(dosage: Json, product: Product) -> tuple[Span, str] | None:
    """Amount and unit of doseAndRate; the same dose said in several ways must agree."""
    told: list[tuple[int, Span, str]] = []
    problem: NotReadable | None = None
    for part in entries(dosage.get("doseAndRate")):
        if not (part.get("doseQuantity") or part.get("doseRange")):
            continue
        kinds = {c.get("code") for c in entries(child(part.get("type"), "coding"))}
        rank = min((i for i, kind in enumerate(_RATE_TYPES) if kind in kinds), default=9)
        try:
            told.append((rank, *_amount(part)))
        except NotReadable as error:
            problem = problem or error
    if not told:
        if problem is not None:
            raise problem
        return None
    best = min(rank for rank, _, _ in told)
    given = [(amount, unit) for rank, amount, unit in told if rank == best]
    masses = set()
    for amount, unit in given:
        try:
            masses.add(amount * _mg(unit, product))
        except NotReadable:
            masses.add(amount)
    if len(set(given)) > 1 and len(masses) > 1:
        raise NotReadable("several doses are written that differ")
    return max(given, key=lambda g: (g[1] not in MASSES, g[1], g[0].low))


def _amount(part: Json) -> tuple[Span, str]:
    dose = part.get("doseQuantity")
    if isinstance(dose, dict):
        value, unit = value_of(dose), unit_of(dose)
        span = Span(value, value)
    else:
        low, high = child(part, "doseRange", "low"), child(part, "doseRange", "high")
        if not isinstance(low, dict) or not isinstance(high, dict):
            raise NotReadable("range without both ends")
        span, unit = Span(value_of(low), value_of(high)), unit_of(low)
        if unit != unit_of(high) or span.low > span.high:
            raise NotReadable("ends of the range do not fit")
    if unit not in MASSES and unit not in ("mL", "ug/h") and span.high > MAX_COUNT:
        raise NotReadable("amount makes no sense")
    return span, unit


def _written(sig: Sig, product: Product) -> tuple[Span, str]:
    """Amount and unit of a text; a mass beside the count must fit the product."""
    assert sig.amount is not None
    assert sig.unit is not None
    if sig.mass is None or hourly_rate(product.strength) is not None:
        return sig.amount, sig.unit
    mass = Fraction(sig.mass[0]) * mg_per_unit(sig.mass[1], None)
    try:
        unit_mg = mg_per_unit(sig.unit, product.strength)
    except NotReadable:
        if sig.amount.high == 1 or sig.mass_is_total:
            return Span(mass, mass), "mg"
        raise
    per_unit = mass == unit_mg and not sig.mass_is_total
    if per_unit or unit_mg * sig.amount.low <= mass <= unit_mg * sig.amount.high:
        return sig.amount, sig.unit
    raise NotReadable("text names another strength than the product's")


def _patch(amount: Span, unit: str, per_day: Span, product: Product) -> Phase:
    """Patches worn at a time, times their rate: how often they are changed adds nothing."""
    rate = hourly_rate(product.strength)
    assert rate is not None
    if unit in MASSES:  # "75 mcg" of a 75 mcg/h patch
        worn = amount * Span(
            mg_per_unit(unit, None) * 1000 / rate, mg_per_unit(unit, None) * 1000 / rate
        )
        if worn != Span(Fraction(1), Fraction(1)):
            raise NotReadable("unit of dose does not fit the product's strength")
        amount = worn
    elif unit not in ("{patch}", "1"):
        raise NotReadable("unit of dose does not fit the product's strength")
    if 1 / per_day.low > MAX_DAYS_PER_PATCH:
        raise NotReadable("patches are changed less than once a week")
    dose = _rate_dose(amount * Span(rate, rate), product)
    return replace(dose, units_per_day=amount.high * per_day.high)


def _rate_dose(rate: Span, product: Product) -> Phase:
    """A rate in ug/h as the dose: kept for opioids, else per day in mg."""
    if product.rate_kept:
        return Phase(Quantity(exact(rate.low), "ug/h"), Quantity(exact(rate.high), "ug/h"))
    low, high = _checked(rate * Span(Fraction(24, 1000), Fraction(24, 1000)))
    return Phase(low, high)


def _stated_rate(dosage: Json, product: Product) -> Quantity | None:
    """A rate in place of a dose: `75 ug/h` of a patch, `20 mg` per day."""
    for part in entries(dosage.get("doseAndRate")):
        quantity, ratio = part.get("rateQuantity"), part.get("rateRatio")
        try:
            if isinstance(quantity, dict):
                unit = text(quantity.get("code")) or text(quantity.get("unit"))
                found = Quantity(exact(value_of(quantity)), unit)
            elif isinstance(ratio, dict):
                top, days = child(ratio, "numerator"), days_of(child(ratio, "denominator"))
                if not isinstance(top, dict) or days is None:
                    continue
                mg = value_of(top) * mg_per_unit(unit_of(top), None)
                found = Quantity(exact(mg / days), "mg/d")
            else:
                continue
            if product.rate_kept:
                return found.to("ug/h")
            return found.to("mg/d") if _per_whole_day(found, ratio) else None
        except (UnitError, NotReadable):
            continue
    return None


def _per_whole_day(rate: Quantity, ratio: object) -> bool:
    """An infusion rate is no daily dose: how long it runs is not said."""
    if isinstance(ratio, dict):
        days = days_of(child(ratio, "denominator"))
        return days is not None and days >= 1
    return rate.unit.endswith(("/d", "/24.h", "/24h"))


def _cap(dosage: Json, sig: Sig | None, product: Product, per_day: Span | None) -> Quantity | None:
    """The stated maximum a day."""
    caps: list[Fraction] = []
    for ratio in entries(dosage.get("maxDosePerPeriod")):
        top, days = child(ratio, "numerator"), days_of(child(ratio, "denominator"))
        try:
            if isinstance(top, dict) and days is not None:
                caps.append(value_of(top) * _mg(unit_of(top), product).high / days)
        except NotReadable:
            continue
    if sig is not None and sig.max_per_day is not None:
        amount, unit = sig.max_per_day
        try:
            if unit is not None:
                caps.append(amount * _mg(unit, product).high)
            elif sig.amount is not None and sig.unit is not None:
                caps.append(amount * sig.amount.high * _mg(sig.unit, product).high)
        except NotReadable:
            pass
    return Quantity(exact(min(caps)), "mg/d") if caps else None


def _capped(phase: Phase, cap: Quantity | None) -> Phase:
    if cap is None or phase.low is None or phase.high is None or phase.low.unit != cap.unit:
        return phase
    if phase.high.value <= cap.value:
        return phase
    low = min(phase.low, cap, key=lambda q: q.value)
    return replace(phase, low=low, high=cap, notes=(*phase.notes, "kept to the stated maximum"))
