"""A patient's record for one hook call: what was prefetched, and what the server adds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from cds.fhir.fetch import fetch
from cds.fhir.plan import plan, rest_of
from cds.fhir.prefetch import Answers, read_prefetch, take
from cds.fhir.queries import QUERIES, REQUIRED
from cds.fhir.record.pages import NOT_READ_ON, hole
from cds.fhir.record.patient_record import PatientRecord, gather
from cds.fhir.record.referred import Referred
from cds.fhir.record.skipped import Skipped
from cds.fhir.referred_medications import read_medications
from cds.fhir.server.client import FhirClient, FhirError

FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_NOT_OFFERED = re.compile(r"HTTP (?:4(?!08|29)|501)")
NO_SERVER = "not prefetched, and there is no FHIR server that may be asked"


class MissingData(Exception):
    """A required prefetch key that could not be had: `key`, and what was tried."""

    def __init__(self, key: str, tried: str) -> None:
        super().__init__(f"{key}: {tried}")
        self.key = key
        self.tried = tried


class Wanted(Struct, frozen=True):
    """Whose record, and what the EHR sent along."""

    patient_id: str
    encounter_id: str | None
    prefetch: Mapping[str, object]


def record_for(wanted: Wanted, client: FhirClient | None) -> PatientRecord:
    """The patient's record: prefetch first, then the server.

    Raises MissingData when nothing of a required key was prefetched or could be fetched. A key of
    which not all could be had is in `unavailable`, with the reason: what was seen of it counts,
    what was not seen is unknown.
    """
    answers = read_prefetch(wanted.prefetch, wanted.patient_id)
    missing = [
        key
        for key in QUERIES
        if key not in answers.answered and (key != "encounter" or wanted.encounter_id)
    ]
    if client is not None:
        _complete(client, wanted, missing, answers)
    for key, page in answers.first_pages.items():
        if client is None:
            answers.not_whole(key, hole([page], QUERIES[key].resource_type) or NOT_READ_ON)
    for key in missing:
        if key not in answers.answered:
            answers.unavailable.setdefault(key, NO_SERVER)
            if key in REQUIRED and key not in answers.partial:
                raise MissingData(key, answers.unavailable[key])
    record = gather(answers.entries, answered=answers.answered, patient_id=wanted.patient_id)
    record.unavailable |= answers.unavailable
    record.partial |= answers.holed
    record.failed |= answers.failed - answers.answered
    record.skipped += answers.skipped
    if client is not None:
        client.record = record
    return record


def prefetched_medications(prefetch: Mapping[str, object], patient_id: str) -> Referred:
    """The Medications that came with the prefetch, before anything else of it is looked at."""
    found = [
        entry
        for entry in read_prefetch(prefetch, patient_id).entries
        if entry["resource"]["resourceType"] == "Medication"
    ]
    return gather(found).referred


def _complete(client: FhirClient, wanted: Wanted, missing: list[str], answers: Answers) -> None:
    """Ask the server for what is missing, within the client's deadline."""
    planned = plan(client, missing, wanted.patient_id, wanted.encounter_id)
    rest = rest_of(client, answers.first_pages, wanted.patient_id)
    for key, reason in (*planned.refused.items(), *rest.refused.items()):
        _refused(answers, key, reason)
    jobs = (*planned.jobs, *rest.jobs)
    if not jobs:
        return
    try:
        with client.call():
            for fetched in fetch(client, jobs):
                key = fetched.job.key
                if fetched.pages:
                    take(answers, key, fetched.bundle, fault=fetched.error)
                else:
                    _unanswered(answers, key, fetched.error or "no answer")
            read_medications(client, answers)
    except FhirError as busy:
        for job in jobs:
            _unanswered(answers, job.key, str(busy))
    foreign = client.server.capability.foreign
    if foreign:
        reason = f"the server speaks FHIR {foreign[:12]}; what can be read as R4 is"
        answers.skipped.append(Skipped("CapabilityStatement", reason))


def _unanswered(answers: Answers, key: str, reason: str) -> None:
    """A key was asked for in vain. A server that says what is wrong with the question has none."""
    _refused(answers, key, reason)
    if not _NOT_OFFERED.match(reason):
        answers.failed.add(key)


def _refused(answers: Answers, key: str, reason: str) -> None:
    """A key, or the rest of it, can't be had."""
    before = answers.unavailable.get(key)
    told = f"prefetched: {before}; fetched: {reason}" if before else reason
    page = answers.first_pages.get(key)
    answers.incomplete(key, told, something=key in answers.partial or page is not None)
    if page is not None:
        answers.holed.add(key)
