"""A patient's record for one hook call: what was prefetched, and what the server adds."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cds.fhir.client import FhirClient, FhirError
from cds.fhir.prefetch import Answers, next_link, read_prefetch, take
from cds.fhir.queries import QUERIES, REQUIRED
from cds.fhir.record import PatientRecord, gather
from cds.wire import Json

FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
MAX_PAGES = 10


class MissingData(Exception):
    """A required prefetch key that could not be had: `key`, and what was tried."""

    def __init__(self, key: str, tried: str) -> None:
        super().__init__(f"{key}: {tried}")
        self.key = key
        self.tried = tried


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose record, and what the EHR sent along."""

    patient_id: str
    encounter_id: str | None
    prefetch: Mapping[str, object]


def record_for(wanted: Wanted, client: FhirClient | None) -> PatientRecord:
    """The patient's record: prefetch first, then the server, in parallel.

    Raises MissingData when a required key was neither prefetched nor could be fetched. An optional
    key that can't be had is in `unavailable`.
    """
    answers = read_prefetch(wanted.prefetch, wanted.patient_id)
    missing = [
        key
        for key in QUERIES
        if key not in answers.answered and (key != "encounter" or wanted.encounter_id)
    ]
    if client is not None and (missing or answers.next_links):
        _fetch(client, wanted, missing, answers)
    for key in missing:
        if key not in answers.answered:
            tried = answers.unavailable.get(key, "not prefetched, and no FHIR server was given")
            if key in REQUIRED:
                raise MissingData(key, tried)
            answers.unavailable[key] = tried
    record = gather(answers.resources, answered=frozenset(answers.answered))
    record.unavailable |= answers.unavailable
    record.skipped += answers.skipped
    return record


def _fetch(client: FhirClient, wanted: Wanted, missing: list[str], answers: Answers) -> None:
    jobs = {key: QUERIES[key].url(wanted.patient_id, wanted.encounter_id) for key in missing}
    jobs |= answers.next_links
    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        pages = dict(
            zip(jobs, pool.map(lambda url: _pages(client, url), jobs.values()), strict=True)
        )
    for key, (bodies, error) in pages.items():
        for body in bodies:
            take(answers, key, body, wanted.patient_id)
        if error is not None:
            answers.answered.discard(key)
            answers.unavailable[key] = error


def _pages(client: FhirClient, url: str) -> tuple[list[Json], str | None]:
    bodies: list[Json] = []
    following: str | None = url
    seen: set[str] = set()
    while following and following not in seen and len(bodies) < MAX_PAGES:
        seen.add(following)
        try:
            body = client.get(following)
        except FhirError as error:
            return bodies, str(error)
        bodies.append(body)
        following = next_link(body)
    return bodies, "more pages than are read" if following else None


def deadline(milliseconds: int, clock: Callable[[], float] = time.monotonic) -> float:
    """The moment by which everything must have been fetched."""
    return clock() + milliseconds / 1000
