"""Past ketamine and esketamine treatment, however it was recorded.

Orders and statements never count as sessions: they say that treatment is intended or reported, and
stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from cds.chart.product import read_product
from cds.chart.standing import standing
from cds.dates import When, is_later, parse_when
from cds.dosage.model import DosageRead
from cds.dosage.read import read_dosage
from cds.dosage.route import implied_route, route_of
from cds.fhir.record.patient_record import PatientRecord, Skipped, reference_of
from cds.fhir.record.skipped import DATED_LATER, skip
from cds.fhir_json import (
    as_objects,
    child,
    first_when,
    status_code,
    when,
    wordings,
)
from cds.history.ketamine.days import one_per_day, with_supplies
from cds.history.medications.drug_of import dosages_of
from cds.history.model import KetamineSession
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch, Said
from cds.terminology.text.certainty import DONE, affirms
from cds.units import Quantity, UnitError
from cds.wire import Json

Drug = Literal["ketamine", "esketamine"]

_KETAMINE_CARE = re.compile(
    r"\bketamine\b.{0,30}\b(?:infusion|injection|therapy|treatment|administration|session)"
    r"|\b(?:infusion|injection|therapy|treatment|administration) (?:of|with) (?:iv )?ketamine\b"
)
_ANY_KETAMINE = re.compile(r"\b(?:es)?ketamine\b|\bspravato\b")
_PAST = frozenset({Said.PAST})
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ESKETAMINE_CARE = re.compile(r"\besketamine\b|\bspravato\b")


def read_ketamine_sessions(
    record: PatientRecord,
    terminology: Terminology,
    knowledge: Knowledge,
    as_of: date,
    skipped: list[Skipped],
) -> tuple[KetamineSession, ...]:
    """Sessions, dispenses, orders and statements up to `as_of`; oldest first, undated last."""
    days = {
        name: int(knowledge.parameters[name].value)
        for name in ("dispense-supplies-session", "ketamine-order-open")
    }
    read = _Reader(record, terminology, as_of, skipped, timedelta(days["ketamine-order-open"]))
    given = one_per_day([*read.administrations(), *read.procedures()])
    supplies = list(read.dispenses())
    sessions = with_supplies(given, supplies, timedelta(days["dispense-supplies-session"]))
    found = [*sessions, *read.orders(), *read.statements()]
    return tuple(sorted(found, key=lambda s: (s.when is None, s.when or as_of, s.kind, s.source)))


class _Reader:
    """The ketamine resources of one record."""

    def __init__(
        self,
        record: PatientRecord,
        terminology: Terminology,
        as_of: date,
        skipped: list[Skipped],
        open_for: timedelta,
    ) -> None:
        self.record = record
        self.terminology = terminology
        self.as_of = as_of
        self.skipped = skipped
        self.open_for = open_for

    def administrations(self) -> Iterator[KetamineSession]:
        for resource, drug, match in self._of("MedicationAdministration"):
            given = when(resource, "effective") or when(resource, "occurence")
            given = given or when(resource, "occurrence")
            if self._later(resource, given):
                continue
            dosage = next(iter(as_objects(resource.get("dosage"))), {})
            read = read_dosage(dosage)
            minutes = _minutes(resource) or read.words.stated.duration_min
            yield KetamineSession(
                drug=drug,
                kind="administration",
                when=given.day if given else None,
                route=_route(dosage.get("route"), match, read),
                source=(reference_of(resource),),
                dose=_dose(read, match, drug, minutes),
                duration_min=minutes,
                end=_last_day(resource),
            )

    def procedures(self) -> Iterator[KetamineSession]:
        for resource in self.record.of("Procedure"):
            drug = self._procedure_drug(resource)
            if drug is None or standing(resource).void:
                continue  # what is not used is said where procedures are read
            done = when(resource, "performed") or when(resource, "occurrence")
            if is_later(done, self.as_of):
                continue
            earlier = _tells_of_the_past(wordings(resource.get("code")), done)
            yield KetamineSession(
                drug=drug,
                kind="statement" if earlier else "procedure",
                when=done.day if done and not earlier else None,
                active_order=False if earlier else None,
                route="intranasal" if drug == "esketamine" else _route(resource.get("code"), None),
                source=(reference_of(resource),),
            )

    def dispenses(self) -> Iterator[KetamineSession]:
        for resource, drug, match in self._of("MedicationDispense"):
            handed = first_when(resource, "whenHandedOver", "whenPrepared")
            if self._later(resource, handed):
                continue
            yield self._plain(resource, drug, match, "dispense", handed)

    def orders(self) -> Iterator[KetamineSession]:
        for resource, drug, match in self._of("MedicationRequest"):
            ordered = first_when(resource, "authoredOn", "dateWritten")
            if is_later(ordered, self.as_of):
                continue
            told = standing(resource).counts == "told"
            fact = self._plain(resource, drug, match, "statement" if told else "order", ordered)
            ends = _order_end(resource)
            yield replace(fact, active_order=self._open(resource, ordered, ends, match), end=ends)

    def statements(self) -> Iterator[KetamineSession]:
        for resource, drug, match in self._of("MedicationStatement"):
            began = when(resource, "effective") or first_when(resource, "dateAsserted")
            if is_later(began, self.as_of):
                continue
            fact = self._plain(resource, drug, match, "statement", began)
            ends = _last_day(resource)
            yield replace(fact, active_order=self._open(resource, began, ends, match), end=ends)

    def _of(self, *types: str) -> Iterator[tuple[Json, Drug, DrugMatch]]:
        """What is not void: that is said where medications are read."""
        for resource in self.record.of(*types):
            if standing(resource).void:
                continue
            match = read_product(resource, self.terminology, self.record).match
            if match is None:
                continue
            if "esketamine" in match.names:
                yield resource, "esketamine", match
            elif "ketamine" in match.names:
                yield resource, "ketamine", match

    def _procedure_drug(self, resource: Json) -> Drug | None:
        concept = resource.get("code")
        if self.terminology.procedure_not_done(concept):
            return None
        if "esketamine_administration" in self.terminology.procedure(concept).sets:
            return "esketamine"
        words = wordings(concept)
        if affirms(_ESKETAMINE_CARE, words, DONE):
            return "esketamine"
        return "ketamine" if affirms(_KETAMINE_CARE, words, DONE) else None

    def _plain(
        self,
        resource: Json,
        drug: Drug,
        match: DrugMatch,
        kind: Literal["dispense", "order", "statement"],
        moment: When | None,
    ) -> KetamineSession:
        dosage = next(iter(dosages_of(resource)), {})
        return KetamineSession(
            drug=drug,
            kind=kind,
            when=moment.day if moment else None,
            route=_route(dosage.get("route"), match, read_dosage(dosage)),
            source=(reference_of(resource),),
        )

    def _later(self, resource: Json, moment: When | None) -> bool:
        if is_later(moment, self.as_of):
            skip(self.skipped, resource, DATED_LATER)
            return True
        return False

    def _open(
        self, resource: Json, began: When | None, ends: date | None, match: DrugMatch
    ) -> bool | None:
        """Whether an order or statement is in force on the day; None when that cannot be told."""
        status = status_code(resource.get("status"))
        if status in ("completed", "stopped", "on-hold", "ended") or (ends and ends < self.as_of):
            return False
        if status != "active" or match.doubt is not None:
            return None
        if ends is None and (began is None or self.as_of - began.latest > self.open_for):
            return None
        return True


def _tells_of_the_past(words: str, done: When | None) -> bool:
    """ "History of ketamine infusion", "in 2019": told on its date, and not done on it.

    A year that is the performed one is no other time.
    """
    years = {int(year) for year in _YEAR.findall(words)}
    if years:
        return done is None or done.day.year not in years
    return bool(_ANY_KETAMINE.search(words)) and not affirms(_ANY_KETAMINE, words, _PAST)


def _route(concept: object, match: DrugMatch | None, read: DosageRead | None = None) -> str:
    """The stated route, in the field or else in the words; else the one that the product's form
    leaves open, else `unknown`."""
    form = match.route if match else None
    said = read.words.stated.routes if read is not None and not read.fields.routes else ()
    worded = said[0] if len(said) == 1 else None
    return route_of(concept) or worded or implied_route(form) or form or "unknown"


def _minutes(resource: Json) -> Decimal | None:
    period = resource.get("effectivePeriod") or resource.get("effectiveTimePeriod")
    start, end = (parse_when(child(period, field)) for field in ("start", "end"))
    if start is None or end is None or start.instant is None or end.instant is None:
        return None
    seconds = int((end.instant - start.instant).total_seconds())
    return Decimal(seconds) / 60 if seconds > 0 else None


def _last_day(resource: Json) -> date | None:
    end = parse_when(child(resource.get("effectivePeriod"), "end"))
    return end.latest if end else None


def _order_end(resource: Json) -> date | None:
    """The last day that an order states: of its validity, or of the bounds of its dosage."""
    ends = [
        parse_when(child(resource, "dispenseRequest", "validityPeriod", "end")),
        *(
            parse_when(child(dosage, "timing", "repeat", "boundsPeriod", "end"))
            for dosage in as_objects(resource.get("dosageInstruction"))
        ),
    ]
    return max((end.latest for end in ends if end is not None), default=None)


def _dose(
    read: DosageRead, match: DrugMatch, drug: Drug, minutes: Decimal | None
) -> Quantity | None:
    """mg given: as stated, from volume and concentration, or from a rate over the time."""
    fields, stated = read.fields, read.words.stated
    doses = [d.low for d in fields.doses if d.low is not None] or list(stated.doses)
    given = {mg for dose in doses if (mg := _milligrams(dose, match, drug)) is not None}
    if doses:
        return given.pop() if len(given) == 1 else None
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
