"""From a patient's record to the chart: every resource read once, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from cds.allowance import Allowance
from cds.chart.allergy import read_allergy
from cds.chart.condition import read_conditions
from cds.chart.diagnosis import diagnosis_of
from cds.chart.encounter import read_encounter
from cds.chart.entries import (
    NAMEABLE,
    Allergy,
    Chart,
    Dated,
    Nameable,
    Overlong,
    Person,
    ServiceRequest,
    Unread,
)
from cds.chart.foremost import in_turn, marked_as_cut
from cds.chart.form import read_form
from cds.chart.identity import ORDERS
from cds.chart.medication.entry import Kind, Medication
from cds.chart.medication.resource import KINDS, MedicationReader
from cds.chart.named import Named
from cds.chart.overlong import overlong
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
from cds.usual import once
from cds.wire import Json

_REFERRED = frozenset({
    "Medication", "Substance", "Location", "Practitioner", "PractitionerRole",
})  # fmt: skip
"""what a draft may refer to and is no entry: its drug, place and requester"""
_SHARE, _LEAST = 0.5, 0.1
"""of the time that is left when the reading begins, and of all of it in any case"""
_UNREAD = object()
DatedEntry = TypeVar("DatedEntry", bound=Dated)
Found = TypeVar("Found", Medication, Nameable)


def read_chart(
    record: PatientRecord,
    terminology: Terminology,
    measurements: Mapping[str, Measurement],
    allowance: Allowance | None = None,
) -> Chart:
    """Everything that is known of one patient, whatever the day.

    `measurements`: the kinds of observation by id, with their canonical units. With an `allowance`
    the chart may be cut: what comes first is read (`cds.chart.foremost`), and `Chart.cut` names the
    types of which not all was.
    """
    person = read_person(record)
    read = _Reading(record, terminology, measurements, person)
    cut = read.all(allowance)
    aside = _Aside()

    def each(*types: str) -> tuple[Any, ...]:
        return tuple(aside.used(read.of(*types)))

    forms = each("QuestionnaireResponse")
    measured = (*each("Observation"), *forms)
    conditions, allergies = each("Condition"), each("AllergyIntolerance")
    procedures, services, encounters = each("Procedure"), each(*SERVICES), each("Encounter")
    named = _by_key(record, aside.entries)
    medications: dict[int, Medication] = {id(one): entry for one, entry in read.of(*KINDS)}
    allergies += tuple(read.told_against("Condition", *KINDS))
    medications = {
        key: entry if read.against.get(key) is None else nothing_ordered(entry)
        for key, entry in medications.items()
    }
    answered, unavailable, partial = marked_as_cut(
        cut, record.answered, record.unavailable, record.partial
    )
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
        overlong=tuple(read.overlong),
        unknown_observations=ReadOnly(aside.unknown),
        answered=answered,
        unavailable=ReadOnly(unavailable),
        partial=partial,
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
        cut=cut,
    )


class _Reading:
    """The resources of one record, each read once, in whatever order."""

    def __init__(
        self,
        record: PatientRecord,
        terminology: Terminology,
        measurements: Mapping[str, Measurement],
        person: Person,
    ) -> None:
        self._record = record
        self._referred = record.referred
        self._entries: dict[int, Any] = {}
        """by the identity of the resource"""
        self.against: dict[int, Allergy | None] = {}
        """what a diagnosis or a medication tells against ketamine, by the same"""
        self.overlong: list[Overlong] = []
        reasons = reasons_in(terminology, Named(self.named, terminology, person.born))
        medications = MedicationReader(self._referred, terminology, reasons)

        def condition(one: Json) -> object:
            said = diagnosis_of(one, terminology)
            self.against[id(one)] = diagnosed_against(one, said)
            return read_conditions(one, said, person.born)

        def medication(one: Json, kind: Kind) -> object:
            entry = medications.on_record(one, kind)
            self.against[id(one)] = told_against(entry, terminology)
            return entry

        self._readers: dict[str, Callable[[Json], Any]] = {
            "Encounter": read_encounter,
            "AllergyIntolerance": lambda one: read_allergy(one, terminology),
            "Condition": condition,
            **{name: partial(medication, kind=kind) for name, kind in KINDS.items()},
            "Observation": lambda one: read_results(one, terminology, measurements),
            "Procedure": lambda one: read_procedure(one, terminology),
            "QuestionnaireResponse": lambda one: read_form(one, measurements),
            **dict.fromkeys(
                SERVICES, lambda one: read_service_request(one, terminology, self._referred)
            ),
        }

    def all(self, allowance: Allowance | None) -> tuple[str, ...]:
        """Read everything, or what there is time for; the types of which that is not all."""
        kinds = [self._record.resources.get(name, []) for name in self._readers]
        if allowance is None:
            for one in chain.from_iterable(kinds):
                self.entry(one)
            return ()
        over = allowance.until(_SHARE, _LEAST)
        waiting = in_turn(kinds)
        for place, one in enumerate(waiting):
            if over():
                left = (rest for rest in waiting[place:] if id(rest) not in self._entries)
                return tuple(sorted({rest["resourceType"] for rest in left}))
            self.entry(one)
        return ()

    def entry(self, resource: Json) -> Any:
        """What the resource is read as; None where it is no entry."""
        known = self._entries.get(id(resource), _UNREAD)
        if known is not _UNREAD:
            return known
        read = self._readers.get(resource["resourceType"])
        entry = self._entries[id(resource)] = None if read is None else read(resource)
        if read is not None:
            unread = overlong(resource, entry, self._referred)
            if unread is not None:
                self.overlong.append(unread)
        return entry

    def named(self, key: str) -> Nameable | None:
        """The entry that a key leads to, if it is one that a reference may name."""
        resource = self._record.index.get(key)
        if resource is None or resource["resourceType"] in KINDS:
            return None
        entry = _called(self.entry(resource))
        return entry if isinstance(entry, NAMEABLE) else None

    def of(self, *types: str) -> Iterator[tuple[Json, Any]]:
        """What was read of some types, in the order of the record."""
        for name in types:
            for one in self._record.resources.get(name, ()):
                if id(one) in self._entries:
                    yield one, self._entries[id(one)]

    def told_against(self, *types: str) -> Iterator[Allergy]:
        """What is told against ketamine elsewhere than among the allergies."""
        for one, _ in self.of(*types):
            told = self.against[id(one)]
            if told is not None:
                yield told


def _called(entry: Any) -> Any:
    """Of several entries of one resource the first is what it is called."""
    return entry[0] if isinstance(entry, list) and entry else entry


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
    """What is not used, and what may be named, gathered while the kinds are gone through."""

    def __init__(self) -> None:
        self.unread: list[Unread] = []
        self.unknown: Counter[tuple[str, str]] = Counter()
        self.entries: dict[int, Nameable] = {}
        """by the identity of the resource"""

    def used(self, read: Iterable[tuple[Json, Any]]) -> Iterator[Any]:
        """The entries that are used."""
        for resource, entry in read:
            first = _called(entry)
            if isinstance(first, NAMEABLE):
                self.entries[id(resource)] = first
            if isinstance(entry, Unread):
                self.unread.append(entry)
            elif entry is not None:
                yield entry
            elif resource["resourceType"] == "Observation":  # that no rule asks about
                self.unknown[_first_code(resource.get("code"))] += 1


@once(4096)
def _first_code(concept: object) -> tuple[str, str]:
    return next(codings(concept), ("", ""))


def _oldest_first(entries: Iterable[DatedEntry]) -> tuple[DatedEntry, ...]:
    return tuple(sorted(entries, key=lambda e: (e.when is None, e.when or date.max, e.source)))
