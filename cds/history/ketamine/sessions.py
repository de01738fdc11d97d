"""Past ketamine and esketamine treatment, however it was recorded.

Orders and statements never count as sessions: they say that treatment is intended or reported, and
stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from msgspec.structs import replace

from cds.allowance import check
from cds.chart.entries import Procedure
from cds.chart.ketamine_care import Drug
from cds.chart.medication.entry import Kind, Medication
from cds.dates import When, is_later
from cds.dosage.model import DosageRead
from cds.dosage.route import implied_route
from cds.dosage.words import stated_in
from cds.fhir.record.skipped import DATED_LATER, Skipped
from cds.history.ketamine.days import one_per_day, with_supplies
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.load import Knowledge
from cds.terminology.model import DrugMatch
from cds.terminology.text.certainty import DONE, affirms
from cds.units import Quantity, UnitError

_LOCAL = ("topical", "ophthalmic")
_OURS = ("ketamine", "esketamine")
_ANAESTHESIA = re.compile(
    r"\brsi\b|\brapid sequence\b|\bintubation\b|\bprocedural sedation\b"
    r"|\b(?:general|induction of|for) ana?esthesia\b",
    re.IGNORECASE,
)
_FOR_ANAESTHESIA = "given for an anaesthesia or a sedation: no session of treatment"
_MOST_MG = 5_000
"""of one administration: days of an infusion; more was entered in another unit"""


def ketamine_sessions(
    medications: Sequence[Medication],
    procedures: Iterable[Procedure],
    knowledge: Knowledge,
    as_of: date,
    skipped: list[Skipped],
) -> tuple[KetamineSession, ...]:
    """Sessions, dispenses, orders and statements up to `as_of`; oldest first, undated last."""
    days = {
        name: int(knowledge.parameters[name].value)
        for name in ("dispense-supplies-session", "ketamine-order-open")
    }
    of = _Sessions(medications, as_of, skipped, timedelta(days["ketamine-order-open"]))
    given = one_per_day([*of.administrations(), *_procedures(procedures, as_of)])
    supplies = list(of.dispenses())
    sessions = with_supplies(given, supplies, timedelta(days["dispense-supplies-session"]))
    found = [*sessions, *of.orders(), *of.statements()]
    return tuple(sorted(found, key=lambda s: (s.when is None, s.when or as_of, s.kind, s.source)))


class _Sessions:
    """The ketamine medications of one chart on one day."""

    def __init__(
        self,
        medications: Sequence[Medication],
        as_of: date,
        skipped: list[Skipped],
        open_for: timedelta,
    ) -> None:
        self.ours = list(_of_ketamine(medications))
        self.as_of = as_of
        self.skipped = skipped
        self.open_for = open_for

    def administrations(self) -> Iterator[KetamineSession]:
        for entry, drug, match in self._of("administration"):
            given = entry.times.began or entry.times.ended
            if self._later(entry, given):
                continue
            read = _instruction(entry)
            if _for_anaesthesia(entry, read):
                self.skipped.append(Skipped(entry.ref, _FOR_ANAESTHESIA))
                continue
            minutes = _minutes(entry)
            if minutes is None and read is not None:
                minutes = stated_in(read.text).duration_min
            yield KetamineSession(
                drug=drug,
                kind="administration",
                when=given.day if given else None,
                route=_route(read, match),
                source=(entry.ref, *entry.product.source),
                dose=_dose(read, match, drug, minutes) if read is not None else None,
                duration_min=minutes,
                end=_last_day(entry),
                in_progress=entry.status == "in-progress",
            )

    def dispenses(self) -> Iterator[KetamineSession]:
        for entry, drug, match in self._of("dispense"):
            handed = entry.times.handed_over or entry.times.prepared
            if self._later(entry, handed):
                continue
            yield _plain(entry, drug, match, "dispense", handed)

    def orders(self) -> Iterator[KetamineSession]:
        for entry, drug, match in self._of("request"):
            ordered = entry.times.authored
            if is_later(ordered, self.as_of):
                continue
            told = entry.standing.counts == "told"
            fact = _plain(entry, drug, match, "statement" if told else "order", ordered)
            ends = _order_end(entry)
            is_open = self._open(entry, ordered, ends, match)
            withdrawn = is_open is True and any(s.doubt is not None for s in entry.substances)
            yield replace(
                fact,
                active_order=None if withdrawn else is_open,
                continuous=_is_continuous(_instruction(entry)),
                withdrawn=withdrawn,
                end=ends,
            )

    def statements(self) -> Iterator[KetamineSession]:
        for entry, drug, match in self._of("statement"):
            times = entry.times
            began = times.began or times.ended or times.asserted
            if is_later(began, self.as_of):
                continue
            fact = _plain(entry, drug, match, "statement", began)
            ends = _last_day(entry)
            yield replace(fact, active_order=self._open(entry, began, ends, match), end=ends)

    def _of(self, kind: Kind) -> Iterator[tuple[Medication, Drug, DrugMatch]]:
        return (found for found in self.ours if found[0].kind == kind)

    def _later(self, entry: Medication, moment: When | None) -> bool:
        if is_later(moment, self.as_of):
            self.skipped.append(Skipped(entry.ref, DATED_LATER))
            return True
        return False

    def _open(
        self, entry: Medication, began: When | None, ends: date | None, match: DrugMatch
    ) -> bool | None:
        """Whether an order or statement is in force on the day; None when that cannot be told."""
        status = entry.status
        if status in ("completed", "stopped", "on-hold", "ended") or (ends and ends < self.as_of):
            return False
        if status != "active" or match.uncertain:
            return None
        if ends is None and (began is None or self.as_of - began.latest > self.open_for):
            return None
        return True


def _of_ketamine(
    medications: Iterable[Medication],
) -> Iterator[tuple[Medication, Drug, DrugMatch]]:
    """What is not void (that is said where courses are made), and not for the skin or the eye."""
    for entry in medications:
        check()
        match = entry.product.match
        if match is None or not [part for part in match.ingredients if part.name in _OURS]:
            continue  # nearly every one
        if entry.standing.void or _is_local(entry, match):
            continue
        yield entry, "esketamine" if "esketamine" in match.names else "ketamine", match


def _for_anaesthesia(entry: Medication, read: DosageRead | None) -> bool:
    """Whether the words beside a dose that was given say what it was given for."""
    written = (*entry.notes, read.text if read is not None else "")
    return any(affirms(_ANAESTHESIA, text, DONE) for text in written if text)


def _is_local(entry: Medication, match: DrugMatch) -> bool:
    route = _route(_instruction(entry), match)
    return route in _LOCAL or (route == "transdermal" and match.route in _LOCAL)


def _procedures(procedures: Iterable[Procedure], as_of: date) -> Iterator[KetamineSession]:
    for entry in procedures:
        check()
        care = entry.ketamine
        if care is None or is_later(care.done, as_of):
            continue
        yield KetamineSession(
            drug=care.drug,
            kind="statement" if care.past else "procedure",
            when=care.done.day if care.done and not care.past else None,
            active_order=False if care.past else None,
            route="intranasal" if care.drug == "esketamine" else care.route or "unknown",
            source=entry.source,
        )


def _plain(
    entry: Medication,
    drug: Drug,
    match: DrugMatch,
    kind: Literal["dispense", "order", "statement"],
    moment: When | None,
) -> KetamineSession:
    return KetamineSession(
        drug=drug,
        kind=kind,
        when=moment.day if moment else None,
        route=_route(_instruction(entry), match),
        source=(entry.ref, *entry.product.source),
    )


def _instruction(entry: Medication) -> DosageRead | None:
    return next(iter(entry.dosages), None)


def _is_continuous(read: DosageRead | None) -> bool:
    if read is None:
        return False
    fields, stated = read.fields, stated_in(read.text)
    timed = fields.timing.duration_min or stated.duration_min
    return bool(fields.rates or stated.rates) and not (fields.doses or stated.doses or timed)


def _route(read: DosageRead | None, match: DrugMatch) -> str:
    """The stated route, in the field or else in the words; else the one that the product's form
    leaves open, else `unknown`."""
    stated = None
    if read is not None:
        said = stated_in(read.text).routes if not read.fields.routes else ()
        stated = read.fields.route or (said[0] if len(said) == 1 else None)
    return stated or implied_route(match.route) or match.route or "unknown"


def _minutes(entry: Medication) -> Decimal | None:
    start, end = entry.times.began, entry.times.ended
    if start is None or end is None or start.instant is None or end.instant is None:
        return None
    seconds = int((end.instant - start.instant).total_seconds())
    return Decimal(seconds) / 60 if seconds > 0 else None


def _last_day(entry: Medication) -> date | None:
    return entry.times.ended.latest if entry.times.ended else None


def _order_end(entry: Medication) -> date | None:
    """The last day that an order states: of its validity, or of the bounds of its dosage."""
    ends = [entry.times.valid_until, *(dosage.fields.timing.end for dosage in entry.dosages)]
    return max((end.latest for end in ends if end is not None), default=None)


def _dose(
    read: DosageRead, match: DrugMatch, drug: Drug, minutes: Decimal | None
) -> Quantity | None:
    """mg given: as stated, from volume and concentration, or from a rate over the time."""
    fields, stated = read.fields, stated_in(read.text)
    doses = [d.low for d in fields.doses if d.low is not None] or list(stated.doses)
    given = {mg for dose in doses if (mg := _milligrams(dose, match, drug)) is not None}
    if doses:
        mg = given.pop() if len(given) == 1 else None
        return mg if mg is None or mg.value <= _MOST_MG else None
    rate = next((r.low for r in fields.rates if r.low is not None), None)
    if rate is None or minutes is None:
        return None
    try:
        return Quantity(rate.to("mg/min").value * minutes, "mg")
    except UnitError:
        return None


def _milligrams(stated: Quantity, match: DrugMatch, drug: Drug) -> Quantity | None:
    try:
        return stated.to("mg")
    except UnitError:
        pass
    strength = next((i.strength for i in match.ingredients if i.name == drug), None)
    if strength is None:
        return None
    try:
        return Quantity(stated.to("mL").value * strength.to("mg/mL").value, "mg")
    except UnitError:
        return None
