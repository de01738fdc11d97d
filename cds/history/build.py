"""From a patient's chart to the history on a day: nothing dated after `as_of`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from cds.chart.entries import Chart, Person
from cds.chart.service_request import SERVICES
from cds.fhir.queries import QUERIES
from cds.fhir.record.skipped import Skipped
from cds.history.conditions import conditions_on, episode_start
from cds.history.dated import Entry, not_used, up_to
from cds.history.encounter import encounter_on
from cds.history.ketamine.sessions import ketamine_sessions
from cds.history.later import Find, find_later
from cds.history.loads.opioids import opioid_intake
from cds.history.loads.sedatives import sedative_intake
from cds.history.medications.courses import first_medication_record, medication_courses
from cds.history.medications.unread import cut_off_drugs, missing_drugs, unread_drugs
from cds.history.model.history import History
from cds.history.person import person_on
from cds.history.reproductive import reproductive_state
from cds.history.results import results_on
from cds.history.trials.augmentation import augmentation_trials
from cds.history.trials.candidates import antidepressant_trials
from cds.history.trials.pain import pain_trials
from cds.history.unread import unread_entries, unread_results
from cds.knowledge.load import Knowledge
from cds.read_only import ReadOnly

_SESSION_KINDS = ("administration", "procedure")


def build_history(chart: Chart, knowledge: Knowledge, as_of: date) -> History:
    """The facts of one patient, seen on `as_of`. A chart serves any number of days."""
    person = person_on(chart.person, as_of)
    conditions = conditions_on(chart.conditions, as_of)
    observations = results_on(chart.results, as_of)
    allergies = tuple(up_to(chart.allergies, as_of))
    procedures = tuple(up_to(chart.procedures, as_of))
    no_medication: list[Skipped] = []
    courses = medication_courses(chart.medications, knowledge, as_of, no_medication)
    no_session: list[Skipped] = []
    sessions = ketamine_sessions(chart.medications, chart.procedures, knowledge, as_of, no_session)
    history = History(
        as_of=as_of,
        person=person,
        medications=courses,
        unread_drugs=(
            *unread_drugs(chart.medications, knowledge, as_of),
            *cut_off_drugs(chart.left_out),
            *missing_drugs(QUERIES[key].resource_type for key in chart.partial | chart.failed),
        ),
        unread_entries=(
            *unread_entries(allergies, conditions, procedures, chart.unread, as_of),
            *unread_results(observations, as_of, _window(knowledge)),
        ),
        overlong=tuple(up_to(chart.overlong, as_of)),
        conditions=conditions,
        refuted=tuple(
            entry
            for entry in chart.unread
            if entry.refuted and (entry.when is None or entry.when <= as_of)
        ),
        observations=ReadOnly(observations),
        allergies=allergies,
        procedures=procedures,
        service_orders=tuple(order for order in up_to(chart.services, as_of) if order.sets),
        ketamine_sessions=sessions,
        encounter=encounter_on(chart.encounters, as_of, asked_for="encounter" in chart.answered),
        episode_start=episode_start(conditions, as_of),
        first_medication_record=first_medication_record(chart.medications, as_of),
        answered=chart.answered,
        unavailable=chart.unavailable,
        partial=chart.partial,
        failed=chart.failed,
        cut=chart.cut,
        skipped=(*chart.left_out, *_skipped(chart, no_medication, no_session, as_of)),
        unknown=tuple(_unknown(chart, person)),
    )
    return find_later(history, _finders(knowledge))


def _finders(knowledge: Knowledge) -> Mapping[str, Find]:
    """What is found of the other facts, once a rule asks for it."""
    return {
        "antidepressant_trials": lambda history: antidepressant_trials(
            history.medications,
            history.observations,
            history.conditions,
            history.allergies,
            history.episode_start,
            knowledge,
            history.as_of,
            age=history.person.ages[1] if history.person.ages is not None else None,
            ketamine_dates=_session_days(history),
            scores_seen="observations" not in history.unavailable,
        ),
        "augmentation_trials": lambda history: augmentation_trials(
            history.medications, knowledge, history.as_of, history.observations
        ),
        "pain_trials": lambda history: pain_trials(
            history.medications,
            history.observations,
            history.conditions,
            history.allergies,
            knowledge,
            history.as_of,
            ketamine_dates=_session_days(history),
            scores_seen="observations" not in history.unavailable,
        ),
        "opioids": lambda history: opioid_intake(
            history.medications, knowledge, history.as_of, history.answered, history.unread_drugs
        ),
        "sedatives": lambda history: sedative_intake(
            history.medications, knowledge, history.as_of, history.answered, history.unread_drugs
        ),
        "reproductive": lambda history: reproductive_state(
            history.person,
            history.conditions,
            history.observations,
            history.medications,
            history.procedures,
            knowledge,
            history.as_of,
        ),
    }


def _session_days(history: History) -> list[date]:
    """The days on which ketamine was given."""
    return [s.when for s in history.ketamine_sessions if s.when and s.kind in _SESSION_KINDS]


def _window(knowledge: Knowledge) -> timedelta:
    """How old a laboratory value may be that still tells of today."""
    return timedelta(int(knowledge.parameters["child-pugh-lab-days"].value))


def _skipped(
    chart: Chart, no_medication: Sequence[Skipped], no_session: Sequence[Skipped], as_of: date
) -> Iterator[Skipped]:
    """What is not used on the day, kind by kind, each resource and reason once."""

    def of(entries: Sequence[Entry], *kinds: str) -> Iterator[Skipped]:
        return not_used(entries, chart.unread, as_of, *kinds)

    yield from dict.fromkeys(
        (
            *no_medication,
            *of(chart.conditions, "Condition"),
            *of(chart.results, "Observation", "QuestionnaireResponse"),
            *of(chart.allergies, "AllergyIntolerance"),
            *of(chart.procedures, "Procedure"),
            *no_session,
            *of(chart.services, *SERVICES),
            *of((), "Encounter"),
        )
    )


def _unknown(chart: Chart, person: Person) -> Iterator[str]:
    for key in QUERIES:
        if key not in chart.answered:
            reason = chart.unavailable.get(key)
            seen = "not seen in full" if key in chart.partial else "not seen"
            yield f"{key}: {seen}" + (f" ({reason})" if reason else "")
    if person.ages is None:
        yield "age: no usable birth date"
    elif person.age is None:
        yield f"age: {person.aged}, the birth date is not written in full"
    if person.sex == "unknown":
        yield "sex: not recorded"
