"""From the medication entries of a chart to intakes: what each says up to one day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from cds.allowance import check
from cds.chart.medication.entry import Kind, Medication, Substance
from cds.dates import When, after
from cds.dosage.model import DosageRead
from cds.fhir.record.skipped import DATED_LATER, Skipped
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.intake import Intake
from cds.history.medications.phase import Phase
from cds.history.medications.strength import (
    DOSE_RESTS_ON,
    NotReadable,
    exact,
    mg_of,
    product_of,
)
from cds.history.medications.supplied import Supplied, supplied
from cds.history.model.course import Evidence, UnreadInstruction
from cds.units import Quantity

_INEXACT = "a date is not exact: the shortest time that it allows is counted"
_TELLS_LITTLE, _MAY_BE_LONG = timedelta(days=14), timedelta(days=28)
"""the shortest time between two dates that are written in part, and the longest"""
_GIVEN = "dose"
_NO_AMOUNT = "amount not written"


def intakes_of(
    medications: Iterable[Medication],
    as_of: date,
    skipped: list[Skipped],
) -> list[Intake]:
    """What each medication that counts says, in a fixed order.

    Those that don't count go to `skipped`. So does what is dated after `as_of`: it does not exist
    yet, whatever else is to be said of it.
    """
    found: list[Intake] = []
    instructed = _Instructed()
    for entry in medications:
        check()
        when = entry.when
        if when is not None and when > as_of:
            skipped.append(Skipped(entry.ref, DATED_LATER))
            continue
        if entry.other:
            continue
        why = _why_not(entry)
        if why is not None:
            skipped.append(Skipped(entry.ref, why))
            continue
        for substance in entry.substances:
            intake = _INTAKES[entry.kind](entry, substance, as_of, instructed)
            if intake is not None:
                found.append(_completed(intake, entry))
    return sorted(found, key=lambda i: (i.start or date.max, i.kind, i.ref))


def medication_dates(medications: Iterable[Medication], as_of: date) -> Iterator[date]:
    """The dates of all medications that count, recognised or not, up to `as_of`.

    Of a month that is not over, the day itself: what began in it may have begun no earlier.
    """
    for entry in medications:
        if entry.standing.void:
            continue
        times = entry.times
        for found in (
            times.authored, times.began, times.asserted, times.handed_over, times.prepared,
        ):  # fmt: skip
            if found is not None and found.earliest <= as_of:
                yield min(found.latest, as_of)


def _why_not(entry: Medication) -> str | None:
    """Why an entry is no intake; quotes nothing."""
    if entry.standing.void:
        return entry.standing.why
    if entry.substances:
        return None
    return "its words say that no drug is taken" if entry.denied else "drug not recognised"


def _completed(intake: Intake, entry: Medication) -> Intake:
    intake.stopped = intake.substance.stopped
    intake.reason_sets = entry.reasons.sets
    intake.replaces = entry.follows
    intake.part_of = entry.carries_out
    return intake


class _Instructed:
    """What instruction and supply of an entry come to.

    A chart is full of renewals: what says the same is read once, and is then one object.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], tuple[tuple[Phase, ...], Supplied]] = {}

    def of(self, entry: Medication, substance: Substance) -> tuple[tuple[Phase, ...], Supplied]:
        """The phases as they are written; the supply, and the phases as it leaves them."""
        key = entry.dosages, DOSE_RESTS_ON(substance), entry.supply
        found = self._found.get(key)
        if found is None:
            phases = phases_of(entry.dosages, product_of(substance))
            found = phases, supplied(phases, entry.supply, substance)
            self._found[key] = found
        return found


def _request(
    entry: Medication, substance: Substance, as_of: date, instructed: _Instructed
) -> Intake | None:
    phases, supply = instructed.of(entry, substance)
    times = entry.times
    begun = phases[0].start or times.authored or times.valid_from
    evidence: Evidence = "stated" if entry.standing.counts == "told" else "ordered"
    intake = _intake(entry, substance, evidence, phases, begun, as_of)
    if intake is None:
        return None
    intake.stated_end = _stated_end(phases, intake.start)
    intake.end_open = _is_open(begun, phases[-1].end)
    intake.refills = entry.supply.refills
    intake.valid_until = times.valid_until.earliest if times.valid_until else None
    return _with_supply(intake, supply)


def _with_supply(intake: Intake, found: Supplied) -> Intake:
    intake.quantity, intake.supply_days = found.quantity, found.days
    intake.phases = found.phases
    intake.notes += found.notes
    return intake


def _statement(
    entry: Medication, substance: Substance, as_of: date, instructed: _Instructed
) -> Intake | None:
    phases, _ = instructed.of(entry, substance)
    asserted, ended = entry.times.asserted, entry.times.ended
    begun = entry.times.began or phases[0].start or asserted
    intake = _intake(entry, substance, "stated", phases, begun, as_of)
    if intake is None:
        return None
    intake.stated_end = ended.earliest if ended else _stated_end(phases, intake.start)
    intake.end_open = _is_open(begun, ended or phases[-1].end)
    if asserted is not None and asserted.earliest <= as_of:
        intake.asserted = min(asserted.latest, as_of)
    return intake


def _is_open(begun: When | None, ended: When | None) -> bool:
    """Whether two dates, as `2024` and `2025`, may mean days or months: the shortest time is no
    statement that it was too short."""
    if begun is None or ended is None:
        return False
    shortest = ended.earliest - begun.latest
    return shortest < _TELLS_LITTLE and ended.latest - begun.earliest >= _MAY_BE_LONG


def _dispense(
    entry: Medication, substance: Substance, as_of: date, instructed: _Instructed
) -> Intake | None:
    phases, supply = instructed.of(entry, substance)
    handed = entry.times.handed_over or entry.times.prepared
    intake = _intake(entry, substance, "dispensed", phases, handed, as_of)
    return None if intake is None else _with_supply(intake, supply)


def _administration(
    entry: Medication, substance: Substance, as_of: date, _: _Instructed
) -> Intake | None:
    ended, phase = entry.times.ended, _given(entry, substance)
    intake = _intake(entry, substance, "administered", (phase,), entry.times.began, as_of)
    if intake is None or intake.start is None:
        return intake
    last = max(ended.earliest, intake.start) if ended else intake.start
    intake.stated_end = after(last, 1)
    if intake.stated_end > after(intake.start, 1):
        intake.phases = (Phase(notes=phase.notes),)  # given over days: how much a day is not said
    return intake


_INTAKES: Mapping[Kind, Callable[[Medication, Substance, date, _Instructed], Intake | None]] = {
    "request": _request,
    "statement": _statement,
    "dispense": _dispense,
    "administration": _administration,
}


def _intake(
    entry: Medication, substance: Substance, evidence: Evidence,
    phases: tuple[Phase, ...], begun: When | None, as_of: date,
) -> Intake | None:  # fmt: skip
    """An intake without its end; None when it lies after `as_of`."""
    if begun is not None and begun.earliest > as_of:
        return None
    notes = [*substance.notes]
    for phase in phases:
        notes += phase.notes
    if begun is not None and begun.precision in ("year", "month"):
        notes.append(_INEXACT)
    unread = any(phase.unread or "beside" in phase.doubts for phase in phases)
    return Intake(
        kind=entry.kind,
        ref=entry.ref,
        status=entry.status or "unknown",
        substance=substance,
        evidence=evidence,
        phases=phases,
        start=min(begun.latest, as_of) if begun is not None else None,
        sources=entry.source,
        notes=tuple(dict.fromkeys(notes)),
        unread=tuple(_unread(entry, phases)) if unread else (),
    )


def _unread(entry: Medication, phases: Sequence[Phase]) -> Iterator[UnreadInstruction]:
    """The instructions that were not understood, each with what stopped it."""
    notes = "; ".join(dict.fromkeys(note for phase in phases for note in phase.notes))
    for read in entry.dosages:
        words = read.words
        if words.complete and not notes:
            continue
        stopped = ", ".join(f'"{word}"' for word in (*words.unread, *words.beside))
        why = f"not understood: {stopped}" if stopped else words.problem or notes
        if read.text and why and not words.says_nothing:
            yield UnreadInstruction(entry.ref, read.text, why)


def _stated_end(phases: Sequence[Phase], start: date | None) -> date | None:
    """The written end: of the last phase, or the sum of their lengths."""
    last = phases[-1]
    if last.end is not None:
        return last.end.earliest
    if start is None or not all(phase.days for phase in phases):
        return None
    begin = last.start.latest if last.start is not None and len(phases) > 1 else start
    days = last.days if last.start is not None else sum(phase.days or 0 for phase in phases)
    return after(begin, days or 0)


def _given(entry: Medication, substance: Substance) -> Phase:
    """One administration: the dose of that day."""
    read = next(iter(entry.dosages), None)
    dose, why = _amount_given(read) if read is not None else (None, _NO_AMOUNT)
    if dose is None:
        return Phase(as_needed=False, notes=(f"dose unknown: {why}",))
    try:
        mg = Fraction(dose.value) * mg_of(dose.unit, product_of(substance))
    except NotReadable as error:
        return Phase(as_needed=False, notes=(f"dose unknown: {error}",))
    given = Quantity(exact(mg), "mg/d")
    return Phase(given, given, as_needed=False)


def _amount_given(read: DosageRead) -> tuple[Quantity | None, str]:
    """`dosage.dose` of an administration, or why there is none."""
    fields = read.fields
    dose = next((d.low for d in (*fields.doses, *fields.rates) if d.path == _GIVEN), None)
    why = next((p.what for p in fields.problems if p.path.split(".")[0] == _GIVEN), _NO_AMOUNT)
    return dose, why
