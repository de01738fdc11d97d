"""Which of several copies of a resource counts.

The newest by `meta.lastUpdated`, then `meta.versionId`; where neither tells, one that says it was
entered in error, since nothing follows that state; then any fixed choice, so that the order in
which copies arrive never matters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cds.dates import parse_when
from cds.fhir.queries import KEY_OF_TYPE
from cds.fhir.record.references import reference_key
from cds.fhir.record.shapes import in_shape
from cds.fhir.record.skipped import Skipped, is_type_name, reference_of
from cds.fhir.record.unpack import Entry
from cds.fhir.record.versions import REFUSED_TYPES, Refused, as_r4
from cds.wire import Json, encode


@dataclass(frozen=True, slots=True)
class Found:
    """A resource that counts, with the URL that its Bundle gave it."""

    resource: Json
    full_url: str | None = None


@dataclass(slots=True)
class Selection:
    """What remains of the entries: each resource once, in a fixed order."""

    found: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    """prefetch keys of the types that were there, or were searched for"""
    refused: dict[str, str] = field(default_factory=dict)
    """prefetch key → why everything of its type was refused"""


def select(entries: Iterable[Entry]) -> Selection:
    """Keep one copy of each resource, as R4; say what was refused or unusable."""
    selection = Selection()
    newest: dict[str, Found] = {}
    deleted: dict[str, float] = {}
    for entry in entries:
        if entry.problem:
            selection.skipped.append(Skipped("Resource", entry.problem))
        elif entry.deleted:
            moment = entry.deleted_at if entry.deleted_at is not None else float("inf")
            deleted[entry.deleted] = max(moment, deleted.get(entry.deleted, moment))
        elif entry.searched is not None:
            selection.answered |= _keys(entry.searched)
        elif entry.resource is not None:
            _take(selection, newest, entry.resource, entry.full_url)
    for key in sorted(newest):
        found = newest[key]
        gone = deleted.get(f"{found.resource['resourceType']}/{found.resource.get('id')}")
        if gone is None or gone < _updated(found.resource):
            selection.found.append(found)
            selection.answered |= _keys(found.resource["resourceType"])
    for key in selection.answered:
        selection.refused.pop(key, None)
    return selection


def _keys(kind: object) -> set[str]:
    key = KEY_OF_TYPE.get(kind) if isinstance(kind, str) else None
    return {key} if key else set()


def _take(
    selection: Selection, newest: dict[str, Found], resource: Json, full_url: str | None
) -> None:
    kind = resource["resourceType"]
    if kind == "OperationOutcome":
        selection.skipped.append(Skipped("OperationOutcome", "the server reported a problem"))
        return
    if not is_type_name(kind):
        selection.skipped.append(Skipped("Resource", "not a FHIR resource type"))
        return
    try:
        resource = as_r4(in_shape(resource))
    except Refused as error:
        selection.skipped.append(Skipped(reference_of(resource), str(error)))
        for key in _keys(REFUSED_TYPES.get(kind, kind)):
            selection.refused[key] = str(error)
        return
    found = _named(Found(resource, full_url))
    ident = found.resource.get("id")
    key = f"{kind}/{ident}" if isinstance(ident, str) and ident else _content(resource)
    other = newest.get(key)
    if other is None or _rank(found.resource) > _rank(other.resource):
        full_url = found.full_url or (other.full_url if other else None)
        newest[key] = replace(found, full_url=full_url)
    elif other.full_url is None and found.full_url:
        newest[key] = replace(other, full_url=found.full_url)


def _named(found: Found) -> Found:
    """A resource of a transaction has no id yet: its `urn:uuid` stands in, so it can be cited."""
    if isinstance(found.resource.get("id"), str) or not found.full_url:
        return found
    ident = reference_key(found.full_url).rpartition(":")[2].rpartition("/")[2]
    return replace(found, resource={**found.resource, "id": ident}) if ident else found


def _rank(resource: Json) -> tuple[float, int, bool, str]:
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    number = int(version) if isinstance(version, str) and version[:9].isdecimal() else -1
    error = "entered-in-error" in (resource.get("status"), *_codes(resource, "verificationStatus"))
    return _updated(resource), number, error, _content(resource)


def _updated(resource: Json) -> float:
    meta = resource.get("meta")
    found = parse_when(meta.get("lastUpdated")) if isinstance(meta, dict) else None
    return found.instant.timestamp() if found and found.instant else float("-inf")


def _codes(resource: Json, field_name: str) -> list[object]:
    concept = resource.get(field_name)
    codings = concept.get("coding") if isinstance(concept, dict) else None
    listed = codings if isinstance(codings, list) else []
    return [coding.get("code") for coding in listed if isinstance(coding, dict)]


def _content(resource: Json) -> str:
    return encode({key: resource[key] for key in sorted(resource)}).decode()
