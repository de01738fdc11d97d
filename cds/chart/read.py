"""From a patient's record to the chart: every resource read once, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import TypeVar

from cds.chart.allergy import read_allergy
from cds.chart.condition import read_conditions
from cds.chart.encounter import read_encounter
from cds.chart.entries import (
    NAMEABLE,
    Chart,
    Dated,
    Nameable,
    Result,
    ServiceRequest,
    Unread,
)
from cds.chart.form import read_form
from cds.chart.identity import ORDERS
from cds.chart.medication.entry import Medication
from cds.chart.medication.resource import KINDS, MedicationReader
from cds.chart.named import Named
from cds.chart.person import read_person
from cds.chart.procedure import read_procedure
from cds.chart.result import read_results
from cds.chart.service_request import SERVICES, read_service_request
from cds.chart.told_against import diagnosed_against, nothing_ordered, told_against
from cds.chart.what_for import reasons_in
from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.record.referred import Referred
from cds.knowledge.model.measurements import Measurement
from cds.read_only import ReadOnly
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.wire import Json

_REFERRED = frozenset({
    "Medication", "Substance", "Location", "Practitioner", "PractitionerRole",
})  # fmt: skip
"""what a draft may refer to and is no entry: its drug, place and requester"""
Entry = TypeVar("Entry")
DatedEntry = TypeVar("DatedEntry", bound=Dated)
Found = TypeVar("Found", Medication, Nameable)


def read_chart(
    record: PatientRecord, terminology: Terminology, measurements: Mapping[str, Measurement]
) -> Chart:
    """Everything that is known of one patient, whatever the day.

    `measurements`: the kinds of observation by id, with their canonical units.
    """
    aside = _Aside()
    person = read_person(record)

    def each(read: Callable[[Json], Entry | Unread | None], *types: str) -> tuple[Entry, ...]:
        return tuple(aside.used((resource, read(resource)) for resource in record.of(*types)))

    def results(observation: Json) -> list[Result] | Unread | None:
        found = read_results(observation, terminology, measurements)
        if found is None:
            aside.count(observation)
        return found

    forms = each(lambda one: read_form(one, measurements), "QuestionnaireResponse")
    measured = [*each(results, "Observation"), *forms]
    conditions = each(lambda one: read_conditions(one, terminology, person.born), "Condition")
    allergies = each(lambda one: read_allergy(one, terminology), "AllergyIntolerance")
    procedures = each(lambda one: read_procedure(one, terminology), "Procedure")
    services = each(lambda one: read_service_request(one, terminology, record.referred), *SERVICES)
    encounters = each(read_encounter, "Encounter")
    named = _by_key(record, aside.entries)
    reasons = reasons_in(terminology, Named(named, terminology, person.born))
    medications = _medications(record, MedicationReader(record.referred, terminology, reasons))
    diagnosed = (diagnosed_against(one, terminology) for one in record.of("Condition"))
    allergies += tuple(told for told in diagnosed if told is not None)
    against = {key: told_against(entry, terminology) for key, entry in medications.items()}
    allergies += tuple(told for told in against.values() if told is not None)
    medications = {
        key: entry if against[key] is None else nothing_ordered(entry)
        for key, entry in medications.items()
    }
    return Chart(
        person=person,
        conditions=_oldest_first(chain.from_iterable(conditions)),
        results=tuple(chain.from_iterable(measured)),
        allergies=tuple(sorted(allergies, key=lambda allergy: allergy.source)),
        procedures=_oldest_first(procedures),
        services=_oldest_first(services),
        medications=tuple(medications.values()),
        encounters=encounters,
        unread=tuple(aside.unread),
        unknown_observations=ReadOnly(aside.unknown),
        answered=frozenset(record.answered),
        unavailable=ReadOnly(record.unavailable),
        partial=frozenset(record.partial),
        failed=frozenset(record.failed),
        left_out=tuple(record.skipped),
        by_key=ReadOnly(_orders_by_key(record, medications, named)),
        named=ReadOnly(named),
        referred=Referred(
            ReadOnly(
                (key, resource)
                for key, resource in record.index.items()
                if resource.get("resourceType") in _REFERRED
            ),
            record.library,
        ),
    )


def _medications(record: PatientRecord, read: MedicationReader) -> dict[int, Medication]:
    """By the identity of the resource; by kind, and in the order of the record."""
    return {
        id(resource): read.on_record(resource, kind)
        for name, kind in KINDS.items()
        for resource in record.of(name)
    }


def _by_key(record: PatientRecord, entries: Mapping[int, Found]) -> dict[str, Found]:
    """Entries by all that others may call them: in a Bundle, by their `fullUrl` as well."""
    return {
        key: entries[id(resource)]
        for key, resource in record.index.items()
        if id(resource) in entries
    }


def _orders_by_key(
    record: PatientRecord, medications: Mapping[int, Medication], named: Mapping[str, Nameable]
) -> dict[str, Medication | ServiceRequest]:
    orders: dict[str, Medication | ServiceRequest] = {
        key: entry for key, entry in _by_key(record, medications).items() if entry.kind == "request"
    }
    for key, entry in named.items():
        if isinstance(entry, ServiceRequest) and record.index[key]["resourceType"] in ORDERS:
            orders[key] = entry
    return orders


class _Aside:
    """What is not used, and what may be named, gathered while the kinds are read."""

    def __init__(self) -> None:
        self.unread: list[Unread] = []
        self.unknown: Counter[tuple[str, str]] = Counter()
        self.entries: dict[int, Nameable] = {}
        """by the identity of the resource"""

    def used(self, read: Iterable[tuple[Json, Entry | Unread | None]]) -> Iterator[Entry]:
        """The entries that are used. Of several of one resource the first is what it is called."""
        for resource, entry in read:
            first = entry[0] if isinstance(entry, list) and entry else entry
            if isinstance(first, NAMEABLE):
                self.entries[id(resource)] = first
            if isinstance(entry, Unread):
                self.unread.append(entry)
            elif entry is not None:
                yield entry

    def count(self, observation: Json) -> None:
        """An Observation that no rule asks about."""
        self.unknown[next(codings(observation.get("code")), ("", ""))] += 1


def _oldest_first(entries: Iterable[DatedEntry]) -> tuple[DatedEntry, ...]:
    return tuple(sorted(entries, key=lambda e: (e.when is None, e.when or date.max, e.source)))
