"""Reading what the EHR prefetched: which keys it answered, with what, and what it could not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cds.fhir.queries import QUERIES
from cds.fhir.record import Skipped, reference_of
from cds.wire import Json


@dataclass(slots=True)
class Answers:
    """Resources by prefetch key, from prefetch or from a server."""

    resources: list[Json] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    unavailable: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    next_links: dict[str, str] = field(default_factory=dict)
    """key → `link.next` of a Bundle that is only a page"""


def read_prefetch(prefetch: Mapping[str, object], patient_id: str) -> Answers:
    """Take the resources of the known keys.

    A key that is null, or whose value is an OperationOutcome, is not answered: null may mean "no
    data" or "could not", and absent data is unknown. Resources of another patient are refused.
    """
    answers = Answers()
    for key in QUERIES:
        value = prefetch.get(key)
        if isinstance(value, dict):
            take(answers, key, value, patient_id)
    return answers


def take(answers: Answers, key: str, value: Json, patient_id: str) -> None:
    """Take one answer: a resource, or a Bundle that is all of it or a page."""
    found = value.get("resourceType")
    if found == "OperationOutcome" or found is None:
        return
    if found != "Bundle":
        _keep(answers, value, patient_id)
        answers.answered.add(key)
        return
    errors = 0
    for resource in entries(value):
        if resource.get("resourceType") == "OperationOutcome":
            errors += 1
        else:
            _keep(answers, resource, patient_id)
    if errors:
        answers.skipped.append(Skipped("OperationOutcome", f"{key}: the server reported a problem"))
    answers.answered.add(key)
    following = next_link(value)
    if following:
        answers.next_links[key] = following


def _keep(answers: Answers, resource: Json, patient_id: str) -> None:
    if belongs_to_another(resource, patient_id):
        answers.skipped.append(Skipped(reference_of(resource), "belongs to another patient"))
    else:
        answers.resources.append(resource)


def belongs_to_another(resource: Json, patient_id: str) -> bool:
    """Whether a resource names a patient, and not this one."""
    if resource.get("resourceType") == "Patient":
        return resource.get("id") not in (None, patient_id)
    for name in ("subject", "patient"):
        holder = resource.get(name)
        reference = holder.get("reference") if isinstance(holder, dict) else None
        if isinstance(reference, str):
            kind, _, ident = reference.partition("/_history")[0].rpartition("/")
            if kind.endswith("Patient") and ident != patient_id:
                return True
    return False


def entries(bundle: Json) -> Iterator[Json]:
    """The resources of a Bundle; entries that hold none are passed over."""
    listed = bundle.get("entry")
    for entry in listed if isinstance(listed, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield resource


def next_link(bundle: Json) -> str | None:
    """The URL of the next page, if the Bundle is a page of several."""
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else None
    return None
