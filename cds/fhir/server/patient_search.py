"""Finding patients to try the service on: by a condition, in the ways that servers differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from cds.fhir.prefetch import entries
from cds.fhir.record.pages import next_link
from cds.fhir.record.references import reference_key
from cds.fhir.server.client import FhirClient, FhirError
from cds.wire import Json

SCAN_PAGES = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patient who might be of use."""

    patient_id: str
    why: str
    """the condition that was found, or sex and year of birth"""


def patients(client: FhirClient, has: str | None, most: int) -> list[Candidate]:
    """Up to `most` patients; with `has`, those with a condition whose text holds it.

    Servers differ in how text is searched: the modifier `:text`, else the conditions are looked
    through page by page. Raises FhirError.
    """
    if has is None:
        found = (Candidate(str(one.get("id")), _person(one)) for one in _persons(client, most))
        return list(found)[:most]
    candidates: dict[str, Candidate] = {}
    for condition in _conditions(client, has):
        subject = condition.get("subject") or condition.get("patient")
        reference = subject.get("reference") if isinstance(subject, dict) else None
        kind, _, ident = reference_key(str(reference)).rpartition("/")
        text = _matching(condition, has)
        if kind == "Patient" and text:
            candidates.setdefault(ident, Candidate(ident, text))
        if len(candidates) >= most:
            break
    return list(candidates.values())


def _persons(client: FhirClient, most: int) -> Iterator[Json]:
    page = client.get(f"Patient?_count={most}")
    return (one for one in entries(page) if one.get("resourceType") == "Patient" and one.get("id"))


def _conditions(client: FhirClient, has: str) -> Iterator[Json]:
    """Conditions that the server finds; where it finds none by text, all that it has."""
    searched = [f"Condition?code:text={quote(has)}&_count=100", "Condition?_count=200"]
    failure: FhirError | None = None
    for query in searched:
        found = False
        try:
            for condition in _all_pages(client, query):
                found = found or bool(_matching(condition, has))
                yield condition
        except FhirError as error:
            failure = error
        else:
            failure = None
        if found:
            return
    if failure is not None:
        raise failure


def _all_pages(client: FhirClient, query: str) -> Iterator[Json]:
    following: str | None = query
    for _ in range(SCAN_PAGES):
        if following is None:
            return
        page = client.get(following)
        yield from (one for one in entries(page) if one.get("resourceType") == "Condition")
        following = next_link(page)


def _matching(condition: Json, has: str) -> str | None:
    """The words of a condition that hold the text."""
    code = condition.get("code")
    if not isinstance(code, dict):
        return None
    codings = code.get("coding")
    texts = [code.get("text"), *(c.get("display") for c in codings or () if isinstance(c, dict))]
    return next((t for t in texts if isinstance(t, str) and has.lower() in t.lower()), None)


def _person(patient: Json) -> str:
    born = str(patient.get("birthDate") or "")[:4]
    return ", ".join(filter(None, (str(patient.get("gender") or ""), born and f"born {born}")))
