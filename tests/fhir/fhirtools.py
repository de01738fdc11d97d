"""Clients and hook calls for the tests of FHIR access."""

from __future__ import annotations

import time

from cds.fhir.access import Wanted, record_for
from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.server.addresses import ANYWHERE, Guard
from cds.fhir.server.client import Authorization, FhirClient
from cds.fhir.server.connection import Server
from cds.fhir.server.scopes import Scopes
from tests.fhir.faulty_server import PATIENT

TOKEN = "a-token-that-nobody-may-see"
EVERYTHING = "patient/*.read"


def access_to(server: Server, *, budget: float = 2.0, scope: str = EVERYTHING, **token: object):
    """A client with a token."""
    authorization = Authorization(TOKEN, Scopes(scope), **token)  # type: ignore[arg-type]
    return FhirClient(server, authorization, deadline=time.monotonic() + budget)


def server_of(base: str, guard: Guard | None = None) -> Server:
    """A Server of its own, so that no circuit or capability is left over from another test."""
    return Server(base, guard or Guard(ANYWHERE))


def fetched(
    client: FhirClient | None, prefetch: dict | None = None, encounter: str | None = None
) -> PatientRecord:
    """The record of the patient. Raises MissingData."""
    return record_for(Wanted(PATIENT, encounter, prefetch or {}), client)


def learned(server: Server) -> None:
    """Wait for the CapabilityStatement, which is read in the background."""
    until = time.monotonic() + 5
    while not server.capability.offers and time.monotonic() < until:
        time.sleep(0.01)
