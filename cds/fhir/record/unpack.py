"""Taking resources out of whatever they came in: Bundles of any type, lists, wrapped values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from msgspec import Struct

from cds.dates import parse_when
from cds.fhir.queries import KEY_OF_TYPE, QUERIES
from cds.fhir.record.asked import other_question
from cds.fhir.record.held import resource_of
from cds.fhir.record.pages import TOO_DEEP, Page, read_page
from cds.fhir.record.references import reference_key
from cds.fhir.record.skipped import CUT_OFF
from cds.fhir_json import as_objects
from cds.wire import Json

MAX_DEPTH = 6
"""Bundles in Bundles: a message in a collection in a list is three."""


class Lost(Struct, frozen=True):
    """What was cut off, as far as it is known."""

    kind: str | None = None
    """resourceType; None: it may be anything"""
    patient: str | None = None
    """key of the patient that it names; None: it may be anybody's"""
    why: str = CUT_OFF


class Entry(NamedTuple):
    """One thing found. Without a resource: a deletion, something unusable (`problem`), or lost."""

    resource: Json | None = None
    full_url: str | None = None
    deleted: str | None = None
    """key of the resource that this entry deletes"""
    deleted_at: float | None = None
    problem: str | None = None
    lost: Lost | None = None
    searched: str | None = None
    """resource type that an answered, perhaps empty, search was for"""
    page: Page | None = None
    """what a Bundle says of itself"""


def unpack(value: object, depth: int = 0) -> Iterable[Entry]:
    """Every resource in a JSON value, at any nesting. Never raises; what is odd is a `problem`."""
    if depth > MAX_DEPTH:
        return (Entry(problem=TOO_DEEP), Entry(page=Page(faults=(TOO_DEEP,))))
    if isinstance(value, list):
        return chain.from_iterable(unpack(item, depth + 1) for item in value)
    if not isinstance(value, dict):
        return (Entry(problem="not a FHIR resource"),)
    if value.get("resourceType") == "Bundle":
        return _entries(value, depth)
    if isinstance(value.get("resourceType"), str):
        return (Entry(resource=value),)
    if isinstance(value.get("resource"), dict):  # an entry without its Bundle
        return _entry(value, depth)
    return (Entry(problem="not a FHIR resource"),) if value else ()


def _entries(bundle: Json, depth: int) -> Iterator[Entry]:
    page = read_page(bundle)
    yield Entry(page=page)
    if bundle.get("type") == "searchset" and not bundle.get("entry"):
        query = QUERIES.get(KEY_OF_TYPE.get(page.kind or "", ""))
        if query is None or other_question(page.url, query) is None:
            yield Entry(searched=page.kind)
    listed = bundle.get("entry")
    for entry in listed if isinstance(listed, list) else as_objects(listed):
        if not isinstance(entry, dict):
            yield Entry(problem="not a Bundle entry")
            continue
        if entry.get("resource") is not None:
            yield from _entry(entry, depth)
        elif resource_of(entry) is not None:
            yield from unpack(entry, depth + 1)
        else:
            yield from _deletion(entry)


def _entry(entry: Json, depth: int) -> Iterable[Entry]:
    resource, full_url = entry["resource"], entry.get("fullUrl")
    if isinstance(resource, dict) and resource.get("resourceType") not in (None, "Bundle"):
        return (Entry(resource, full_url if isinstance(full_url, str) else None),)
    return unpack(resource, depth + 1)


def _deletion(entry: Json) -> Iterator[Entry]:
    """A history or transaction Bundle says by an entry without a resource that one is gone."""
    request, response = entry.get("request"), entry.get("response")
    if not isinstance(request, dict) or request.get("method") != "DELETE":
        return
    target = request.get("url") if isinstance(request.get("url"), str) else entry.get("fullUrl")
    if not isinstance(target, str):
        return
    modified = response.get("lastModified") if isinstance(response, dict) else None
    found = parse_when(modified)
    moment = found.instant.timestamp() if found and found.instant else None
    yield Entry(deleted=reference_key(target), deleted_at=moment)
