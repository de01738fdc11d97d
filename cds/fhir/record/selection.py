"""The entries of whatever came in, sorted: each resource once, what is gone, what was refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cds.fhir.queries import KEY_OF_TYPE, QUERIES
from cds.fhir.record.copies import Found, content, kept, updated
from cds.fhir.record.held import about
from cds.fhir.record.pages import Page, hole, joined
from cds.fhir.record.references import reference_key
from cds.fhir.record.shapes import in_shape
from cds.fhir.record.shortened import SHORTENED, is_shortened
from cds.fhir.record.skipped import ONE_SHORTENED, Skipped, is_type_name, reference_of
from cds.fhir.record.unpack import Entry, Lost
from cds.fhir.record.versions import REFUSED_TYPES, Refused, as_r4
from cds.fhir_json import in_few
from cds.wire import Json


@dataclass(slots=True)
class Selection:
    """What remains of the entries: each resource once, in a fixed order."""

    found: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    """prefetch keys of the types that were there, or were searched for"""
    refused: dict[str, str] = field(default_factory=dict)
    """prefetch key → why everything of its type was refused"""


def select(entries: Iterable[Entry]) -> Selection:
    """Keep one copy of each resource, as R4; say what was refused or unusable."""
    selection = Selection()
    copies: dict[str, list[Found]] = {}
    deleted: dict[str, float] = {}
    pages: list[Page] = []
    for entry in entries:
        if entry.problem:
            selection.skipped.append(Skipped("Resource", entry.problem))
        elif entry.lost is not None:
            selection.lost.append(entry.lost)
        elif entry.page is not None:
            pages.append(entry.page)
        elif entry.deleted:
            moment = entry.deleted_at if entry.deleted_at is not None else float("inf")
            deleted[entry.deleted] = max(moment, deleted.get(entry.deleted, moment))
        elif entry.searched is not None:
            selection.answered |= _keys(entry.searched)
        elif entry.resource is not None:
            _take(selection, copies, entry.resource, entry.full_url)
    for key in sorted(copies):
        selection.found += kept(copies[key], selection.skipped)
    if deleted:
        selection.found = [one for one in selection.found if not _is_gone(one.resource, deleted)]
    for kind in {found.resource["resourceType"] for found in selection.found}:
        selection.answered |= _keys(kind)
    for key in selection.answered:
        selection.refused.pop(key, None)
    selection.lost += _not_come(pages)
    selection.lost += _shortened(selection.found)
    return selection


def _is_gone(resource: Json, deleted: Mapping[str, float]) -> bool:
    gone = deleted.get(f"{resource['resourceType']}/{resource.get('id')}")
    return gone is not None and gone >= updated(resource)


def _not_come(pages: Iterable[Page]) -> Iterator[Lost]:
    """What the Bundles say that there is, beyond what came."""
    for group in joined(pages):
        kinds, patients = ({getattr(p, name) for p in group} for name in ("kind", "patient"))
        kind, patient = (each.pop() if len(each) == 1 else None for each in (kinds, patients))
        why = hole(group, kind)
        if why is not None:
            yield Lost(kind, patient, why)


def _shortened(resources: Iterable[Found]) -> Iterator[Lost]:
    """What the resources that count say that they lack. It is of their own type and patient."""
    for found in resources:
        if is_shortened(found.resource):
            kind, ident = found.resource["resourceType"], found.resource.get("id")
            whose = f"Patient/{ident}" if kind == "Patient" else about(found.resource)
            query = QUERIES.get(KEY_OF_TYPE.get(kind, ""))
            alone = query is not None and not query.is_search
            yield Lost(kind, whose or None, ONE_SHORTENED if alone else SHORTENED)


def _keys(kind: object) -> set[str]:
    key = KEY_OF_TYPE.get(kind) if isinstance(kind, str) else None
    return {key} if key else set()


def _take(
    selection: Selection, copies: dict[str, list[Found]], resource: Json, full_url: str | None
) -> None:
    kind = resource["resourceType"]
    if kind == "OperationOutcome":
        selection.skipped.append(Skipped("OperationOutcome", "the server reported a problem"))
        return
    if not is_type_name(kind):
        selection.skipped.append(Skipped("Resource", "not a FHIR resource type"))
        return
    try:
        resource = in_few(as_r4(in_shape(resource)))
    except Refused as error:
        selection.skipped.append(Skipped(reference_of(resource), str(error)))
        for key in _keys(REFUSED_TYPES.get(kind, kind)):
            why = str(error)  # whichever of several came first must not matter
            selection.refused[key] = min(why, selection.refused.get(key, why))
        return
    found = _named(Found(resource, full_url))
    ident = found.resource.get("id")
    key = f"{kind}/{ident}" if isinstance(ident, str) and ident else content(resource)
    copies.setdefault(key, []).append(found)


def _named(found: Found) -> Found:
    """A resource of a transaction has no id yet: its `urn:uuid` stands in, so it can be cited.

    The URL of a type, to which entries are posted, is the name of none of them.
    """
    if isinstance(found.resource.get("id"), str) or not found.full_url:
        return found
    ident = reference_key(found.full_url).rpartition(":")[2].rpartition("/")[2]
    if not ident or is_type_name(ident):
        return found._replace(full_url=None)
    return found._replace(resource={**found.resource, "id": ident})
