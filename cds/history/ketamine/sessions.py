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

from cds.dates import When, is_later, parse_when
from cds.fhir.record.patient_record import PatientRecord, Skipped, reference_of
from cds.fhir.record.skipped import DATED_LATER, skip
from cds.fhir_json import (
    as_objects,
    as_quantity,
    child,
    first_when,
    safe_code,
    status_code,
    when,
    wordings,
)
from cds.history.ketamine.days import one_per_day, with_supplies
from cds.history.medications.drug_of import dosages_of, medication_concept
from cds.history.model import KetamineSession
from cds.knowledge.load import Knowledge
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch
from cds.terminology.text.certainty import PROCEDURES, affirms
from cds.units import Quantity, UnitError
from cds.wire import Json

Drug = Literal["ketamine", "esketamine"]

_GIVEN = frozenset({"completed", "in-progress", "stopped", "on-hold"})
_HANDED_OVER = frozenset({"completed", "in-progress"})
_VOID = frozenset({"entered-in-error", "cancelled", "draft", "not-taken", "intended", "declined"})
_NO_ORDER = frozenset({"proposal", "plan", "option"})
_KETAMINE_CARE = re.compile(
    r"\bketamine\b.{0,30}\b(?:infusion|injection|therapy|treatment|administration|session)"
    r"|\b(?:infusion|injection|therapy|treatment|administration) (?:of|with) (?:iv )?ketamine\b"
)
_ESKETAMINE_CARE = re.compile(r"\besketamine\b|\bspravato\b")
_ROUTES = {
    "47625008": "intravenous",
    "78421000": "intramuscular",
    "34206005": "subcutaneous",
    "46713006": "intranasal",
    "26643006": "oral",
    "37839007": "sublingual",
    "54471007": "buccal",
    "37161004": "rectal",
    "6064005": "topical",
    "45890007": "transdermal",
}
_ROUTE_WORDS = (
    (re.compile(r"\biv\b|intravenous"), "intravenous"),
    (re.compile(r"\bim\b|intramuscular"), "intramuscular"),
    (re.compile(r"\bs\.?c\b|\bsubq?\b|subcutaneous"), "subcutaneous"),
    (re.compile(r"\bnasal|intranasal"), "intranasal"),
    (re.compile(r"sublingual"), "sublingual"),
    (re.compile(r"\boral\b|by mouth"), "oral"),
    (re.compile(r"topical"), "topical"),
)
_FORM_ROUTES = {"nasal": "intranasal", "sublingual_buccal": "sublingual", "oral": "oral",
                "topical": "topical"}  # fmt: skip


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
            status = status_code(resource.get("status"))
            not_given = resource.get("notGiven") is True or resource.get("wasNotGiven") is True
            if status not in _GIVEN or not_given:
                skip(self.skipped, resource, "not-done" if not_given else safe_code(status))
                continue
            given = when(resource, "effective") or when(resource, "occurence")
            given = given or when(resource, "occurrence")
            if self._later(resource, given):
                continue
            dosage = next(iter(as_objects(resource.get("dosage"))), {})
            minutes = _minutes(resource)
            yield KetamineSession(
                drug=drug,
                kind="administration",
                when=given.day if given else None,
                route=_route(dosage.get("route"), match),
                source=(reference_of(resource),),
                dose=_dose(dosage, match, drug, minutes),
                duration_min=minutes,
                end=_last_day(resource),
            )

    def procedures(self) -> Iterator[KetamineSession]:
        for resource in self.record.of("Procedure"):
            drug = self._procedure_drug(resource)
            status = status_code(resource.get("status"))
            if drug is None or status in ("not-done", "entered-in-error", "preparation"):
                continue  # what is not used is said where procedures are read
            done = when(resource, "performed") or when(resource, "occurrence")
            if is_later(done, self.as_of):
                continue
            yield KetamineSession(
                drug=drug,
                kind="procedure",
                when=done.day if done else None,
                route="intranasal" if drug == "esketamine" else _route(resource.get("code"), None),
                source=(reference_of(resource),),
            )

    def dispenses(self) -> Iterator[KetamineSession]:
        for resource, drug, match in self._of("MedicationDispense"):
            status = status_code(resource.get("status"))
            if status not in _HANDED_OVER:
                skip(self.skipped, resource, safe_code(status))
                continue
            handed = first_when(resource, "whenHandedOver", "whenPrepared")
            if self._later(resource, handed):
                continue
            yield self._plain(resource, drug, match, "dispense", handed)

    def orders(self) -> Iterator[KetamineSession]:
        for resource, drug, match in self._of("MedicationRequest", "MedicationOrder"):
            status = status_code(resource.get("status"))
            no_order = status_code(resource.get("intent")) in _NO_ORDER
            if status in _VOID or no_order or resource.get("doNotPerform") is True:
                continue  # said where medications are read
            ordered = first_when(resource, "authoredOn", "dateWritten")
            if is_later(ordered, self.as_of):
                continue
            fact = self._plain(resource, drug, match, "order", ordered)
            ends = _order_end(resource)
            yield replace(fact, active_order=self._open(status, ordered, ends, match), end=ends)

    def statements(self) -> Iterator[KetamineSession]:
        for resource, drug, match in self._of("MedicationStatement"):
            status = status_code(resource.get("status"))
            if status in _VOID or status_code(resource.get("taken")) == "n":
                continue
            began = when(resource, "effective") or first_when(resource, "dateAsserted")
            if is_later(began, self.as_of):
                continue
            fact = self._plain(resource, drug, match, "statement", began)
            ends = _last_day(resource)
            yield replace(fact, active_order=self._open(status, began, ends, match), end=ends)

    def _of(self, *types: str) -> Iterator[tuple[Json, Drug, DrugMatch]]:
        for resource in self.record.of(*types):
            match = self.terminology.drug(medication_concept(self.record, resource))
            if match is None:
                continue
            if "esketamine" in match.names:
                yield resource, "esketamine", match
            elif "ketamine" in match.names:
                yield resource, "ketamine", match

    def _procedure_drug(self, resource: Json) -> Drug | None:
        concept = resource.get("code")
        if "esketamine_administration" in self.terminology.procedure(concept).sets:
            return "esketamine"
        words = wordings(concept)
        if affirms(_ESKETAMINE_CARE, words, PROCEDURES):
            return "esketamine"
        return "ketamine" if affirms(_KETAMINE_CARE, words, PROCEDURES) else None

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
            route=_route(dosage.get("route"), match),
            source=(reference_of(resource),),
        )

    def _later(self, resource: Json, moment: When | None) -> bool:
        if is_later(moment, self.as_of):
            skip(self.skipped, resource, DATED_LATER)
            return True
        return False

    def _open(
        self, status: str | None, began: When | None, ends: date | None, match: DrugMatch
    ) -> bool | None:
        """Whether an order or statement is in force on the day; None when that cannot be told."""
        if status in ("completed", "stopped", "on-hold", "ended") or (ends and ends < self.as_of):
            return False
        if status != "active" or match.doubt is not None:
            return None
        if ends is None and (began is None or self.as_of - began.latest > self.open_for):
            return None
        return True


def _route(concept: object, match: DrugMatch | None) -> str:
    """The stated route, else the one that the product's form leaves open, else `unknown`."""
    for _, code in codings(concept):
        if code in _ROUTES:
            return _ROUTES[code]
    words = wordings(concept)
    for pattern, route in _ROUTE_WORDS:
        if pattern.search(words):
            return route
    form = match.route if match else None
    return _FORM_ROUTES.get(form, form) if form else "unknown"


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


def _dose(dosage: Json, match: DrugMatch, drug: Drug, minutes: Decimal | None) -> Quantity | None:
    """mg given: as stated, from volume and concentration, or from a rate over the time."""
    stated = as_quantity(dosage.get("dose"))
    if stated is not None:
        return _milligrams(stated, match, drug)
    rate = as_quantity(dosage.get("rateQuantity")) or as_quantity(dosage.get("rateSimpleQuantity"))
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
