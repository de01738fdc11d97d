"""Reading what the EHR prefetched: which keys it answered, with what, and what it could not.

A key counts as answered only by the whole answer to its own query. What came besides is used as
well, since an allergy that is seen must not be overlooked; but what was not seen stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cds.fhir.queries import QUERIES
from cds.fhir.record.asked import other_question
from cds.fhir.record.held import resource_of
from cds.fhir.record.outcomes import is_failure
from cds.fhir.record.pages import MAX_DEPTH, Page, cut_short, hole, joined, pages_in
from cds.fhir.record.recency import is_past, written_date
from cds.fhir.record.references import reference_key
from cds.fhir.record.skipped import Skipped
from cds.fhir_json import as_objects, reference_text
from cds.wire import Json

MAX_RESOURCES = 5_000
"""of one key; no chart in reach of a hook call has more, and a faulty server might"""
_UNDATED = "~"
"""after every date"""
_LONGEST_DATE = 40

TOO_MUCH = "it held more than is read at once"


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
    holed: set[str] = field(default_factory=set)
    """keys whose answer came and is known not to be all"""
    failed: set[str] = field(default_factory=set)
    """keys that the server could not answer now, though it may have them"""
    first_pages: dict[str, Page] = field(default_factory=dict)
    """key → a Bundle that says where it goes on"""

    @property
    def resources(self) -> Iterator[Json]:
        return (entry["resource"] for entry in self.entries)

    def incomplete(self, key: str, reason: str, *, something: bool = True) -> None:
        """Not all of a key was had; `something` of it was, unless nothing."""
        self.answered.discard(key)
        self.unavailable[key] = reason
        if something:
            self.partial.add(key)

    def not_whole(self, key: str, reason: str, *, something: bool = True) -> None:
        """An answer to a key came that says, or shows, that it is not all of it."""
        self.incomplete(key, reason, something=something)
        self.holed.add(key)

    def complete(self, key: str) -> None:
        """All of a key was had, whatever was said of it before."""
        self.answered.add(key)
        self.partial.discard(key)
        self.holed.discard(key)
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
            pages = list(pages_in(value))
            following = pages[0].following if pages else None
            other = other_question(pages[0].url, QUERIES[key], patient_id) if pages else None
            take(answers, key, value, fault=other or _hole(pages, QUERIES[key].resource_type))
            if following and key in answers.answered:
                answers.first_pages[key] = pages[0]
        elif isinstance(value, dict) and _is_too_much(value):
            answers.unavailable[key] = TOO_MUCH
    return answers


def _hole(pages: Sequence[Page], kind: str) -> str | None:
    """What a prefetched answer lacks, but for its own next page."""
    goes_on = pages[0] if pages and pages[0].following else None
    found = (
        hole(group, kind, to_be_read_on=any(page is goes_on for page in group))
        for group in joined(pages)
    )
    return next((why for why in found if why is not None), None) or cut_short(pages, kind)


def take(answers: Answers, key: str, value: Json, *, fault: str | None = None) -> None:
    """Take one answer: a resource, or a Bundle. `fault` is why it is known not to be all of it."""
    query = QUERIES[key]
    found = list(unwrapped(value))
    resources = [entry["resource"] for entry in found]
    outcomes = [one for one in resources if one["resourceType"] == "OperationOutcome"]
    kept = [entry for entry in found if entry["resource"]["resourceType"] != "OperationOutcome"]
    answers.entries += _foremost(kept)
    failed = any(map(is_failure, outcomes))
    if outcomes and not failed:
        answers.skipped.append(Skipped("OperationOutcome", f"{key}: the server reported a problem"))
    mine = [one for one in resources if not belongs_to_another(one, answers.patient_id)]
    kinds = {one["resourceType"] for one in mine} - {"OperationOutcome"}
    if len(mine) < len(resources):
        fault = "it held resources of another patient"
    elif any(map(_is_too_much, outcomes)):
        fault = TOO_MUCH
    elif failed:
        fault = "the server reported an error with its answer"
    elif query.resource_type not in kinds and (kinds or not query.is_search):
        fault = f"it held no {query.resource_type}"
    elif len(kept) > MAX_RESOURCES:
        fault = f"it held more than {MAX_RESOURCES} resources"
    if fault is None:
        answers.complete(key)
    else:
        answers.not_whole(key, fault, something=query.resource_type in kinds)


def _foremost(entries: list[Json]) -> list[Json]:
    """As many as are read, in their order: what is over goes before what is not, and the oldest
    before the newest. What has no date may be of today."""
    if len(entries) <= MAX_RESOURCES:
        return entries
    ages = sorted(
        range(len(entries)), key=lambda n: _standing(entries[n]["resource"]), reverse=True
    )
    kept = sorted(ages[:MAX_RESOURCES])
    return [entries[number] for number in kept]


def _standing(resource: Json) -> tuple[bool, str]:
    """Whether it stands, and its date as it is written: the greatest comes first."""
    return not is_past(resource), written_date(resource)[:_LONGEST_DATE] or _UNDATED


def _is_too_much(outcome: Json) -> bool:
    """Whether it stands for what we left out ourselves: `cds.hooks.prefetch_text`."""
    return any(issue.get("code") == "too-costly" for issue in as_objects(outcome.get("issue")))


def belongs_to_another(resource: Json, patient_id: str) -> bool:
    """Whether a resource names a patient by id, and not this one."""
    if resource.get("resourceType") == "Patient":
        return resource.get("id") not in (None, patient_id)
    for name in ("subject", "patient"):
        if (holder := resource.get(name)) is not None:
            kind, _, ident = reference_key(reference_text(holder)).rpartition("/")
            if kind == "Patient" and ident != patient_id:
                return True
    return False


def unwrapped(value: Json, depth: int = 0) -> Iterator[Json]:
    """The resources of a Bundle as entries, those of Bundles inside it too; or the one resource."""
    if value.get("resourceType") != "Bundle":
        yield {"resource": value}
        return
    for entry in as_objects(value.get("entry")) if depth < MAX_DEPTH else ():
        resource = resource_of(entry)
        if resource is None:
            continue
        if resource["resourceType"] == "Bundle":
            yield from unwrapped(resource, depth + 1)
        else:
            url = entry.get("fullUrl")
            yield {"resource": resource} | ({"fullUrl": url} if isinstance(url, str) else {})


def entries(bundle: Json) -> Iterator[Json]:
    """The resources of a Bundle; entries that hold none are passed over."""
    return (entry["resource"] for entry in unwrapped(bundle))
