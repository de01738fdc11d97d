"""One dosage instruction: how much a day, or why that is unknown.

The result is exact, in `mg/d`; a transdermal opioid keeps its rate in `ug/h`. Where an order gives
a range, the lower end is the dose and the upper end stands beside it: a trial is judged by what was
surely taken. What is taken as needed is no regular dose; only its upper bound is known. Whatever
does not fit is an unknown dose with a reason, never a number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from cds.dates import When
from cds.fhir_json import as_number, as_objects, as_text, child
from cds.history.amounts import (
    MASSES,
    NotReadable,
    exact,
    hourly_rate,
    mg_per_unit,
    unit_of,
    value_of,
)
from cds.history.dose_amount import Product, coded_amount, mg_of, written_amount
from cds.history.sig import Sig, Span, read_sig
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
class Instruction:
    """One Dosage, read."""

    phase: Phase
    sequence: int | None = None
    times: frozenset[str] = frozenset()
    empty: bool = False


def read_instruction(dosage: Json, product: Product) -> Instruction:
    """Read one FHIR Dosage of a product. Never raises; the phase's notes say what is missing."""
    written = as_text(dosage.get("text")) or as_text(dosage.get("patientInstruction"))
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
    sequence = as_number(dosage.get("sequence"))
    repeat = child(dosage.get("timing"), "repeat")
    when = [*_list(child(repeat, "when")), *_list(child(repeat, "timeOfDay"))]
    empty = not (dosage.get("doseAndRate") or timing.per_day or sig or written or timing.start)
    return Instruction(
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
    given = coded_amount(dosage, product)
    if given is None and sig is not None and sig.amount is not None and sig.unit is not None:
        given = written_amount(sig, product)
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
    daily = amount * per_day * mg_of(unit, product)
    low, high = _checked(daily)
    if low != high:
        note += ("a range is written: the lower dose counts",)
    return Phase(low, high, units_per_day=_used(amount * per_day, unit, product), notes=note)


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
    for part in as_objects(dosage.get("doseAndRate")):
        quantity, ratio = part.get("rateQuantity"), part.get("rateRatio")
        try:
            if isinstance(quantity, dict):
                unit = as_text(quantity.get("code")) or as_text(quantity.get("unit"))
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
    for ratio in as_objects(dosage.get("maxDosePerPeriod")):
        top, days = child(ratio, "numerator"), days_of(child(ratio, "denominator"))
        try:
            if isinstance(top, dict) and days is not None:
                caps.append(value_of(top) * mg_of(unit_of(top), product).high / days)
        except NotReadable:
            continue
    if sig is not None and sig.max_per_day is not None:
        amount, unit = sig.max_per_day
        try:
            if unit is not None:
                caps.append(amount * mg_of(unit, product).high)
            elif sig.amount is not None and sig.unit is not None:
                caps.append(amount * sig.amount.high * mg_of(sig.unit, product).high)
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
