"""What to ask of a server for one hook call, and what there is no use in asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from cds.fhir.queries import QUERIES, Query
from cds.fhir.record.pages import Page
from cds.fhir.server.client import FhirClient
from cds.fhir.server.scopes import Access

PAGE = 500
"""`_count`: few pages, and within what servers accept"""
WITH_MEDICATION = frozenset(
    {"MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"}
)


class Job(Struct, frozen=True):
    """One query to be made."""

    key: str
    url: str
    fault: str | None = None
    """why even its whole answer is not all"""
    plain: str | None = None
    """the same without `_count` and `_include`, for a server that refuses what it does not know"""
    before: Page | None = None
    """the page that was prefetched, where the rest is asked for"""


class Plan(Struct, frozen=True):
    """The queries to make, and the reasons for those that are not made."""

    jobs: tuple[Job, ...]
    refused: dict[str, str]


def plan(
    client: FhirClient, keys: Iterable[str], patient_id: str, encounter_id: str | None
) -> Plan:
    """What to ask for some keys, by the token's scopes and the server's CapabilityStatement."""
    jobs: list[Job] = []
    refused: dict[str, str] = {}
    for key in keys:
        query = QUERIES[key]
        kind = query.resource_type
        denied = _denied(client, query, patient_id)
        if denied is None and not query.required and not _offered(client, query):
            denied = f"the FHIR server does not offer {kind}"
        if denied is not None:
            refused[key] = denied
        else:
            plain = _plain(client, query, patient_id, encounter_id)
            jobs.append(Job(key, plain + _extras(client, query), _in_part(client, query), plain))
    return Plan(tuple(jobs), refused)


def rest_of(client: FhirClient, begun: Mapping[str, Page], patient_id: str) -> Plan:
    """What follows the pages that were prefetched, by their keys."""
    jobs: list[Job] = []
    refused: dict[str, str] = {}
    for key, page in begun.items():
        denied = _denied(client, QUERIES[key], patient_id)
        if denied is not None:
            refused[key] = denied
        else:
            fault = _in_part(client, QUERIES[key])
            jobs.append(Job(key, page.following or "", fault, before=page))
    return Plan(tuple(jobs), refused)


def _denied(client: FhirClient, query: Query, patient_id: str) -> str | None:
    """Why the access token is no good for a query, if so."""
    denied = client.authorization.refusal(patient_id) if client.authorization else None
    if denied is None and _access(client, query) is Access.NONE:
        return f"out of scope: the access token does not cover {query.resource_type}"
    return denied


def _in_part(client: FhirClient, query: Query) -> str | None:
    part = _access(client, query) is Access.PART
    return f"the access token covers only part of {query.resource_type}" if part else None


def _access(client: FhirClient, query: Query) -> Access:
    kind = query.resource_type
    return client.searching(kind) if query.is_search else client.reading(kind)


def _offered(client: FhirClient, query: Query) -> bool:
    offer = client.server.capability.offer(query.resource_type)
    return offer is not None and (offer.searchable or not query.is_search)


def _plain(client: FhirClient, query: Query, patient_id: str, encounter_id: str | None) -> str:
    url = query.url(patient_id, encounter_id)
    offer = client.server.capability.offer(query.resource_type)
    if offer is not None and not offer.takes("patient") and offer.takes("subject"):
        url = url.replace("?patient=", "?subject=Patient/")
    if offer is not None and not offer.takes("code"):
        url = url.partition("&code=")[0]
    return url


def _extras(client: FhirClient, query: Query) -> str:
    if not query.is_search:
        return ""
    include = f"{query.resource_type}:medication"
    included = (
        query.resource_type in WITH_MEDICATION
        and client.server.capability.includes(include)
        and client.reading("Medication") is not Access.NONE
    )
    return f"&_count={PAGE}" + (f"&_include={include}" if included else "")
