"""From a patient's record to the chart: every resource read once, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import TypeVar

from cds.chart.allergy import read_allergy
from cds.chart.condition import read_condition
from cds.chart.encounter import read_encounter
from cds.chart.entries import Chart, Dated, Result, ServiceRequest, Unread
from cds.chart.form import read_form
from cds.chart.identity import ORDERS
from cds.chart.medication.entry import Medication
from cds.chart.medication.resource import KINDS, MedicationReader
from cds.chart.person import read_person
from cds.chart.procedure import read_procedure
from cds.chart.result import read_results
from cds.chart.service_request import SERVICES, read_service_request
from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.record.referred import Referred
from cds.knowledge.measurements import Measurement
from cds.read_only import ReadOnly
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.wire import Json

_REFERRED = frozenset({
    "Medication", "Substance", "Location", "Encounter", "Practitioner", "PractitionerRole",
    "Condition", "Procedure", "ServiceRequest",
})  # fmt: skip
"""what a draft may refer to: its drug, place and requester, and what it is for"""
Entry = TypeVar("Entry")
DatedEntry = TypeVar("DatedEntry", bound=Dated)


def read_chart(
    record: PatientRecord, terminology: Terminology, measurements: Mapping[str, Measurement]
) -> Chart:
    """Everything that is known of one patient, whatever the day.

    `measurements`: the kinds of observation by id, with their canonical units.
    """
    aside = _Aside()
    referred = record.referred
    person = read_person(record)

    def each(read: Callable[[Json], Entry | Unread | None], *types: str) -> Iterator[Entry]:
        return aside.used(map(read, record.of(*types)))

    def results(observation: Json) -> list[Result] | Unread | None:
        found = read_results(observation, terminology, measurements)
        if found is None:
            aside.count(observation)
        return found

    measured = [*each(results, "Observation"), *each(read_form, "QuestionnaireResponse")]
    allergies = each(lambda found: read_allergy(found, terminology), "AllergyIntolerance")
    medications = _medications(record, MedicationReader(referred, terminology))
    services = {}
    for resource in record.of(*SERVICES):
        for order in aside.used([read_service_request(resource, terminology, referred)]):
            services[id(resource)] = order
    return Chart(
        person=person,
        conditions=_oldest_first(
            each(lambda found: read_condition(found, terminology, person.born), "Condition")
        ),
        results=tuple(chain.from_iterable(measured)),
        allergies=tuple(sorted(allergies, key=lambda allergy: allergy.source)),
        procedures=_oldest_first(
            each(lambda found: read_procedure(found, terminology), "Procedure")
        ),
        services=_oldest_first(services.values()),
        medications=tuple(medications.values()),
        encounters=tuple(each(read_encounter, "Encounter")),
        unread=tuple(aside.unread),
        unknown_observations=ReadOnly(aside.unknown),
        answered=frozenset(record.answered),
        unavailable=ReadOnly(record.unavailable),
        left_out=tuple(record.skipped),
        by_key=ReadOnly(_by_key(record, {**medications, **services})),
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


def _by_key(
    record: PatientRecord, entries: Mapping[int, Medication | ServiceRequest]
) -> dict[str, Medication | ServiceRequest]:
    """The orders, by all that others may call them: in a Bundle, by their `fullUrl` as well."""
    return {
        key: entries[id(resource)]
        for key, resource in record.index.items()
        if resource.get("resourceType") in ORDERS and id(resource) in entries
    }


class _Aside:
    """What is not used, gathered while the kinds are read."""

    def __init__(self) -> None:
        self.unread: list[Unread] = []
        self.unknown: Counter[tuple[str, str]] = Counter()

    def used(self, entries: Iterable[Entry | Unread | None]) -> Iterator[Entry]:
        """The entries that are used."""
        for entry in entries:
            if isinstance(entry, Unread):
                self.unread.append(entry)
            elif entry is not None:
                yield entry

    def count(self, observation: Json) -> None:
        """An Observation that no rule asks about."""
        self.unknown[next(codings(observation.get("code")), ("", ""))] += 1


def _oldest_first(entries: Iterable[DatedEntry]) -> tuple[DatedEntry, ...]:
    return tuple(sorted(entries, key=lambda e: (e.when is None, e.when or date.max, e.source)))
