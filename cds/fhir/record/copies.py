"""Which of several copies of a resource counts, and when they are no copies at all.

The newest by `meta.lastUpdated`, then `meta.versionId`; where neither tells, one that says it was
entered in error, since nothing follows that state; then one that is not said to be shortened, the
one that says most, and any fixed choice, so that the order in which copies arrive never matters.

Where no version tells them apart, two resources under one id may be two things: senders number
their exports, or give every entry the same `fullUrl`. A weight is no copy of a pregnancy test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cds.dates import parse_when
from cds.fhir.record.references import named_keys
from cds.fhir.record.shortened import is_shortened
from cds.fhir.record.skipped import Skipped, reference_of
from cds.fhir_json import as_reference, child, concept_texts, raw_codings
from cds.wire import Json, encode

TWO_THINGS = "another resource has the same id"
DIFFERING = "copies of it differ, and no version tells which one is newer"
_CONCEPTS = ("code", "medicationCodeableConcept", "substance")
_REFERENCES = ("medicationReference", "questionnaire")
_WHEN = ("effectiveDateTime", "effectiveInstant", "performedDateTime", "whenHandedOver")
_PERIODS = ("effectivePeriod", "performedPeriod")
_OF_THE_SERVER = ("meta", "text")
"""fields that differ between copies without a difference"""
_DAY = len("2026-05-01")


class Found(NamedTuple):
    """A resource that counts, with the URL that its Bundle gave it."""

    resource: Json
    full_url: str | None = None


def kept(copies: Sequence[Found], skipped: list[Skipped]) -> Iterable[Found]:
    """What counts of the resources under one id: one, or each of those that are different things.

    What can't be decided is named under `skipped`.
    """
    return copies if len(copies) == 1 else _of_several(copies, skipped)


def _of_several(copies: Sequence[Found], skipped: list[Skipped]) -> Iterator[Found]:
    newest = max(_version(copy.resource) for copy in copies)
    latest = [copy for copy in copies if _version(copy.resource) == newest]
    latest.sort(key=lambda copy: _rank(copy.resource), reverse=True)
    things = _things(latest)
    urls = sorted(copy.full_url for copy in copies if copy.full_url)
    for thing in things:
        best = thing[0]
        if len(things) > 1:
            skipped.append(Skipped(reference_of(best.resource), TWO_THINGS))
        if any(_differ(best.resource, copy.resource) for copy in thing[1:]):
            skipped.append(Skipped(reference_of(best.resource), DIFFERING))
        yield best if best.full_url else Found(best.resource, next(iter(urls), None))


def _things(copies: Sequence[Found]) -> list[list[Found]]:
    """The copies of one thing each, in their order.

    Two may be one unless they are about different things, or happened on different days. So all
    that share a thing and a day are one; what tells neither, or only one of them, joins whatever
    has the other.
    """
    told = [(_about(copy.resource), _days(copy.resource)) for copy in copies]
    undated = {about for abouts, days in told if not days for about in abouts}
    unnamed = {day for abouts, days in told if not abouts for day in days}
    blank = any(not abouts and not days for abouts, days in told)
    halves = {bool(abouts) for abouts, days in told if bool(abouts) is not bool(days)}
    joined: dict[object, int] = {}
    first = list(range(len(copies)))

    def thing_of(number: int) -> int:
        while first[number] != number:
            first[number] = first[first[number]]
            number = first[number]
        return number

    for number, (abouts, days) in enumerate(told):
        shared: list[object] = ["any"] if blank else []
        shared += ["half"] if len(halves) > 1 and not (abouts and days) else []
        shared += [(about, None) for about in abouts & undated]
        shared += [(None, day) for day in days & unnamed]
        shared += [(about, day) for about in abouts for day in days]
        for name in shared:
            one, other = thing_of(joined.setdefault(name, number)), thing_of(number)
            first[max(one, other)] = min(one, other)
    things: dict[int, list[Found]] = {}
    for number, copy in enumerate(copies):
        things.setdefault(thing_of(number), []).append(copy)
    return list(things.values())


def _about(resource: Json) -> frozenset[str]:
    """The codes and names of what a resource is about."""
    found: set[str] = set()
    for field in _CONCEPTS:
        found.update(coding.code for coding in raw_codings(resource.get(field)))
        found.update(text.casefold() for text in concept_texts(resource.get(field)))
    for field in _REFERENCES:
        found.update(named_keys(as_reference(resource.get(field))))
    return frozenset(found)


def _days(resource: Json) -> frozenset[str]:
    """The day on which it happened, as it is written."""
    written = [*(resource.get(field) for field in _WHEN)]
    written += [child(resource.get(field), "start") for field in _PERIODS]
    return frozenset(text[:_DAY] for text in written if isinstance(text, str))


def _differ(best: Json, copy: Json) -> bool:
    """Whether a copy says something else, and does not merely leave something out."""
    if _is_error(best) and not _is_error(copy):
        return False
    said = (field for field in copy if field not in _OF_THE_SERVER)
    return any(copy[field] != best.get(field) for field in said)


def _version(resource: Json) -> tuple[float, int]:
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    number = int(version) if isinstance(version, str) and version[:9].isdecimal() else -1
    return updated(resource), number


def _rank(resource: Json) -> tuple[bool, bool, int, str]:
    whole = not is_shortened(resource)
    return _is_error(resource), whole, len(resource), content(resource)


def _is_error(resource: Json) -> bool:
    return "entered-in-error" in (resource.get("status"), *_codes(resource, "verificationStatus"))


def updated(resource: Json) -> float:
    """When the server stored it; before everything where it does not say."""
    meta = resource.get("meta")
    found = parse_when(meta.get("lastUpdated")) if isinstance(meta, dict) else None
    return found.instant.timestamp() if found and found.instant else float("-inf")


def _codes(resource: Json, field_name: str) -> list[object]:
    concept = resource.get(field_name)
    codings = concept.get("coding") if isinstance(concept, dict) else None
    listed = codings if isinstance(codings, list) else []
    return [coding.get("code") for coding in listed if isinstance(coding, dict)]


def content(resource: Json) -> str:
    """All of it, comparable."""
    return encode({key: resource[key] for key in sorted(resource)}).decode()
