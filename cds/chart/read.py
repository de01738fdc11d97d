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
from cds.chart.entries import Chart, Dated, Result, Unread
from cds.chart.form import read_form
from cds.chart.person import read_person
from cds.chart.procedure import read_procedure
from cds.chart.result import read_results
from cds.chart.service import SERVICES, read_service
from cds.fhir.record.patient_record import PatientRecord
from cds.knowledge.measurements import Measurement
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.wire import Json

Entry = TypeVar("Entry")
DatedEntry = TypeVar("DatedEntry", bound=Dated)


def read_chart(
    record: PatientRecord, terminology: Terminology, measurements: Mapping[str, Measurement]
) -> Chart:
    """Everything that is known of one patient, whatever the day.

    `measurements`: the kinds of observation by id, with their canonical units. Medications are not
    here yet: `cds.history` reads them from the record.
    """
    aside = _Aside()
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
        services=_oldest_first(each(lambda found: read_service(found, terminology), *SERVICES)),
        encounters=tuple(each(read_encounter, "Encounter")),
        unread=tuple(aside.unread),
        unknown_observations=dict(aside.unknown),
        answered=frozenset(record.answered),
        unavailable=dict(record.unavailable),
        left_out=tuple(record.skipped),
    )


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
