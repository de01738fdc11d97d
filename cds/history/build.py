"""From a patient's chart to the history on a day: nothing dated after `as_of`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cds.chart.entries import Chart, Person
from cds.chart.ketamine_care import read_ketamine_care
from cds.chart.medication.resource import read_medications
from cds.chart.service import SERVICES
from cds.fhir.queries import QUERIES
from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.record.skipped import Skipped
from cds.history.conditions import conditions_on, episode_start
from cds.history.dated import Entry, not_used, up_to
from cds.history.encounter import encounter_on
from cds.history.ketamine.sessions import ketamine_sessions
from cds.history.loads.opioids import opioid_intake
from cds.history.loads.sedatives import sedative_intake
from cds.history.medications.courses import first_medication_record, medication_courses
from cds.history.model import History, KetamineSession, MedicationCourse
from cds.history.person import person_on
from cds.history.reproductive import reproductive_state
from cds.history.results import results_on
from cds.history.trials.augmentation import augmentation_trials
from cds.history.trials.candidates import antidepressant_trials
from cds.history.trials.pain import pain_trials
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology

_SESSION_KINDS = ("administration", "procedure")


def build_history(
    chart: Chart,
    record: PatientRecord,
    terminology: Terminology,
    knowledge: Knowledge,
    as_of: date,
) -> History:
    """The facts of one patient, seen on `as_of`.

    `chart` is read once and serves any number of days; `record` is the one that it was read from.
    """
    person = person_on(chart.person, as_of)
    conditions = conditions_on(chart.conditions, as_of)
    observations = results_on(chart.results, as_of)
    allergies = tuple(up_to(chart.allergies, as_of))
    procedures = tuple(up_to(chart.procedures, as_of))
    taken = _not_on_the_chart_yet(record, terminology, knowledge, as_of)
    episode = episode_start(conditions, as_of)
    session_days = [s.when for s in taken.sessions if s.when and s.kind in _SESSION_KINDS]
    return History(
        as_of=as_of,
        person=person,
        medications=taken.courses,
        antidepressant_trials=antidepressant_trials(
            taken.courses,
            observations,
            conditions,
            allergies,
            episode,
            knowledge,
            as_of,
            age=person.age,
            ketamine_dates=session_days,
        ),
        augmentation_trials=augmentation_trials(taken.courses, knowledge, as_of, observations),
        pain_trials=pain_trials(
            taken.courses,
            observations,
            conditions,
            allergies,
            knowledge,
            as_of,
            ketamine_dates=session_days,
        ),
        opioids=opioid_intake(taken.courses, knowledge, as_of, chart.answered),
        sedatives=sedative_intake(taken.courses, knowledge, as_of, chart.answered),
        conditions=conditions,
        observations=observations,
        allergies=allergies,
        procedures=procedures,
        service_orders=tuple(order for order in up_to(chart.services, as_of) if order.sets),
        ketamine_sessions=taken.sessions,
        reproductive=reproductive_state(
            person, conditions, observations, taken.courses, procedures, as_of
        ),
        encounter=encounter_on(chart.encounters, as_of, asked_for="encounter" in chart.answered),
        episode_start=episode,
        first_medication_record=taken.first_record,
        answered=chart.answered,
        unavailable=chart.unavailable,
        skipped=(*chart.left_out, *_skipped(chart, taken, as_of)),
        unknown=tuple(_unknown(chart.answered, chart.unavailable, person)),
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """Medications and sessions, and the resources of theirs that are not used."""

    courses: tuple[MedicationCourse, ...]
    sessions: tuple[KetamineSession, ...]
    first_record: date | None
    no_medication: tuple[Skipped, ...]
    no_session: tuple[Skipped, ...]


def _not_on_the_chart_yet(
    record: PatientRecord, terminology: Terminology, knowledge: Knowledge, as_of: date
) -> _Taken:
    """What is still read from FHIR JSON for each day: the one place that takes the record."""
    no_medication: list[Skipped] = []
    no_session: list[Skipped] = []
    medications = read_medications(record, terminology)
    care = read_ketamine_care(record, terminology)
    return _Taken(
        medication_courses(medications, terminology, knowledge, as_of, no_medication),
        ketamine_sessions(medications, care, knowledge, as_of, no_session),
        first_medication_record(medications, as_of),
        tuple(no_medication),
        tuple(no_session),
    )


def _skipped(chart: Chart, taken: _Taken, as_of: date) -> Iterator[Skipped]:
    """What is not used on the day, kind by kind, each resource and reason once."""

    def of(entries: Sequence[Entry], *kinds: str) -> Iterator[Skipped]:
        return not_used(entries, chart.unread, as_of, *kinds)

    yield from dict.fromkeys(
        (
            *taken.no_medication,
            *of(chart.conditions, "Condition"),
            *of(chart.results, "Observation", "QuestionnaireResponse"),
            *of(chart.allergies, "AllergyIntolerance"),
            *of(chart.procedures, "Procedure"),
            *taken.no_session,
            *of(chart.services, *SERVICES),
        )
    )


def _unknown(
    answered: frozenset[str], unavailable: Mapping[str, str], person: Person
) -> Iterator[str]:
    for key in QUERIES:
        if key not in answered:
            reason = unavailable.get(key)
            yield f"{key}: not seen" + (f" ({reason})" if reason else "")
    if person.age is None:
        yield "age: no usable birth date"
    if person.sex == "unknown":
        yield "sex: not recorded"
