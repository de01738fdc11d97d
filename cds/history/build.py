"""From a patient's record to the history: every reader in order, nothing dated after `as_of`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from cds.chart.ketamine_care import read_ketamine_care
from cds.chart.medication.resource import read_medications
from cds.fhir.queries import QUERIES
from cds.fhir.record.patient_record import PatientRecord, Skipped
from cds.history.allergies import read_allergies
from cds.history.conditions import episode_start, read_conditions
from cds.history.encounter import read_encounter
from cds.history.ketamine.sessions import ketamine_sessions
from cds.history.loads.opioids import opioid_intake
from cds.history.loads.sedatives import sedative_intake
from cds.history.medications.courses import first_medication_record, medication_courses
from cds.history.model import History, Person
from cds.history.observations import read_observations
from cds.history.person import read_person
from cds.history.procedures import read_procedures
from cds.history.reproductive import reproductive_state
from cds.history.service_orders import read_service_orders
from cds.history.trials.augmentation import augmentation_trials
from cds.history.trials.candidates import antidepressant_trials
from cds.history.trials.pain import pain_trials
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology

_SESSION_KINDS = ("administration", "procedure")


def build_history(
    record: PatientRecord, terminology: Terminology, knowledge: Knowledge, as_of: date
) -> History:
    """The facts of one patient, seen on `as_of`."""
    skipped: list[Skipped] = []
    answered = frozenset(record.answered)
    person = read_person(record, as_of)
    medications = read_medications(record, terminology)
    courses = medication_courses(medications, terminology, knowledge, as_of, skipped)
    conditions = read_conditions(record, terminology, as_of, skipped)
    observations = read_observations(record, terminology, knowledge, as_of, skipped)
    allergies = read_allergies(record, terminology, as_of, skipped)
    procedures = read_procedures(record, terminology, as_of, skipped)
    care = read_ketamine_care(record, terminology)
    sessions = ketamine_sessions(medications, care, knowledge, as_of, skipped)
    episode = episode_start(conditions, as_of)
    session_days = [s.when for s in sessions if s.when and s.kind in _SESSION_KINDS]
    return History(
        as_of=as_of,
        person=person,
        medications=courses,
        antidepressant_trials=antidepressant_trials(
            courses,
            observations,
            conditions,
            allergies,
            episode,
            knowledge,
            as_of,
            age=person.age,
            ketamine_dates=session_days,
        ),
        augmentation_trials=augmentation_trials(courses, knowledge, as_of, observations),
        pain_trials=pain_trials(
            courses,
            observations,
            conditions,
            allergies,
            knowledge,
            as_of,
            ketamine_dates=session_days,
        ),
        opioids=opioid_intake(courses, knowledge, as_of, answered),
        sedatives=sedative_intake(courses, knowledge, as_of, answered),
        conditions=conditions,
        observations=observations,
        allergies=allergies,
        procedures=procedures,
        service_orders=read_service_orders(record, terminology, as_of, skipped),
        ketamine_sessions=sessions,
        reproductive=reproductive_state(
            person, conditions, observations, courses, procedures, as_of
        ),
        encounter=read_encounter(record, as_of),
        episode_start=episode,
        first_medication_record=first_medication_record(medications, as_of),
        answered=answered,
        unavailable=dict(record.unavailable),
        skipped=(*record.skipped, *_each_once(skipped)),
        unknown=tuple(_unknown(answered, record.unavailable, person)),
    )


def _each_once(skipped: list[Skipped]) -> list[Skipped]:
    """Two readers may pass over the same resource for the same reason."""
    return list(dict.fromkeys(skipped))


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
