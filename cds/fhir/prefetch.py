"""Reading what the EHR prefetched: which keys it answered, with what, and what it could not.

A key counts as answered only by the whole answer to its own query. What came besides is used as
well, since an allergy that is seen must not be overlooked; but what was not seen stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from cds.fhir.queries import QUERIES, Query
from cds.fhir.record.references import reference_key
from cds.fhir.record.skipped import Skipped
from cds.fhir_json import as_objects, reference_text
from cds.wire import Json

MAX_DEPTH = 4
MAX_RESOURCES = 5_000
"""of one key; no chart in reach of a hook call has more, and a faulty server might"""


@dataclass(slots=True)
class Answers:
    """Resources by prefetch key, from prefetch or from a server."""

    patient_id: str
    entries: list[Json] = field(default_factory=list)
    """Bundle entries, with their fullUrl where they had one"""
    answered: set[str] = field(default_factory=set)
    partial: set[str] = field(default_factory=set)
    """keys of which something was had, and not all"""
    unavailable: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    next_links: dict[str, str] = field(default_factory=dict)
    """key → `link.next` of a Bundle that is only a page"""

    @property
    def resources(self) -> Iterator[Json]:
        return (entry["resource"] for entry in self.entries)

    def incomplete(self, key: str, reason: str, *, something: bool = True) -> None:
        """Not all of a key was had; `something` of it was, unless nothing."""
        self.answered.discard(key)
        self.unavailable[key] = reason
        if something:
            self.partial.add(key)

    def complete(self, key: str) -> None:
        """All of a key was had, whatever was said of it before."""
        self.answered.add(key)
        self.partial.discard(key)
        self.unavailable.pop(key, None)


def read_prefetch(prefetch: Mapping[str, object], patient_id: str) -> Answers:
    """Take the resources of the known keys.

    A key that is null, or whose value is an OperationOutcome, is not answered: null may mean "no
    data" or "could not", and absent data is unknown. Resources of another patient are refused.
    """
    answers = Answers(patient_id)
    for key in QUERIES:
        value = prefetch.get(key)
        kind = value.get("resourceType") if isinstance(value, dict) else None
        if isinstance(value, dict) and isinstance(kind, str) and kind != "OperationOutcome":
            take(answers, key, value, fault=_other_query(value, QUERIES[key], patient_id))
            following = next_link(value)
            if following and key in answers.answered:
                answers.next_links[key] = following
    return answers


def take(answers: Answers, key: str, value: Json, *, fault: str | None = None) -> None:
    """Take one answer: a resource, or a Bundle. `fault` is why it is known not to be all of it."""
    query = QUERIES[key]
    found = list(unwrapped(value))
    resources = [entry["resource"] for entry in found]
    outcomes = [one for one in resources if one["resourceType"] == "OperationOutcome"]
    kept = [entry for entry in found if entry["resource"]["resourceType"] != "OperationOutcome"]
    answers.entries += kept[:MAX_RESOURCES]
    failed = any(map(_is_failure, outcomes))
    if outcomes and not failed:
        answers.skipped.append(Skipped("OperationOutcome", f"{key}: the server reported a problem"))
    mine = [one for one in resources if not belongs_to_another(one, answers.patient_id)]
    kinds = {one["resourceType"] for one in mine} - {"OperationOutcome"}
    if len(mine) < len(resources):
        fault = "it held resources of another patient"
    elif any(map(_is_too_much, outcomes)):
        fault = "it held more than is read at once"
    elif failed:
        fault = "the server reported an error with its answer"
    elif query.resource_type not in kinds and (kinds or not query.is_search):
        fault = f"it held no {query.resource_type}"
    elif len(kept) > MAX_RESOURCES:
        fault = f"it held more than {MAX_RESOURCES} resources"
    if fault is None:
        answers.complete(key)
    else:
        answers.incomplete(key, fault, something=query.resource_type in kinds)


def _other_query(bundle: Json, query: Query, patient_id: str) -> str | None:
    """What a searchset says that it was searched for, when that is not what the key asks."""
    url = _link(bundle, "self")
    if url is None or not query.is_search:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it does not say what it answers"
    kind = parts.path.rstrip("/").removesuffix("/_search").rpartition("/")[2]
    if kind[:1].isupper() and kind != query.resource_type:
        return "it answers a search for another type"
    codes = dict(parse_qsl(urlsplit(query.template).query)).get("code")
    for name, text in parse_qsl(parts.query):
        name = name.partition(":")[0]
        if name in ("patient", "subject"):
            if reference_key(text).rpartition("/")[2] != patient_id:
                return "it answers a search for another patient"
        elif name == "code" and codes:
            given = {code.rpartition("|")[2] for code in text.split(",")}
            if not given.issuperset(codes.split(",")):
                return "it answers a narrower search"
        elif name[:1].isalpha():  # `_count`, `-pageContext` and their like don't narrow
            return "it answers a narrower search"
    return None


def _is_failure(outcome: Json) -> bool:
    """Whether an OperationOutcome in an answer means that data are left out."""
    issues = outcome.get("issue")
    return any(
        isinstance(issue, dict)
        and (issue.get("severity") in ("fatal", "error") or issue.get("code") == "suppressed")
        for issue in (issues if isinstance(issues, list) else ())
    )


def _is_too_much(outcome: Json) -> bool:
    """Whether it stands for what we left out ourselves: `cds.hooks.dense`."""
    return any(issue.get("code") == "too-costly" for issue in as_objects(outcome.get("issue")))


def belongs_to_another(resource: Json, patient_id: str) -> bool:
    """Whether a resource names a patient by id, and not this one."""
    if resource.get("resourceType") == "Patient":
        return resource.get("id") not in (None, patient_id)
    for name in ("subject", "patient"):
        kind, _, ident = reference_key(reference_text(resource.get(name))).rpartition("/")
        if kind == "Patient" and ident != patient_id:
            return True
    return False


def unwrapped(value: Json, depth: int = 0) -> Iterator[Json]:
    """The resources of a Bundle as entries, those of Bundles inside it too; or the one resource."""
    if value.get("resourceType") != "Bundle":
        yield {"resource": value}
        return
    for entry in as_objects(value.get("entry")) if depth < MAX_DEPTH else ():
        resource = entry.get("resource")
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            continue
        if resource["resourceType"] == "Bundle":
            yield from unwrapped(resource, depth + 1)
        else:
            url = entry.get("fullUrl")
            yield {"resource": resource} | ({"fullUrl": url} if isinstance(url, str) else {})


def entries(bundle: Json) -> Iterator[Json]:
    """The resources of a Bundle; entries that hold none are passed over."""
    return (entry["resource"] for entry in unwrapped(bundle))


def next_link(bundle: Json) -> str | None:
    """The URL of the next page, if the Bundle is a page of several."""
    return _link(bundle, "next")


def _link(bundle: Json, relation: str) -> str | None:
    links = bundle.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == relation:
            url = link.get("url")
            return url if isinstance(url, str) else None
    return None
