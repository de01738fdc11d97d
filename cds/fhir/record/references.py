"""The many ways in which one resource names another, reduced to keys that can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import unquote

from cds.fhir_json import as_objects, as_reference, child
from cds.limits import LONGEST_REFERENCE
from cds.wire import Json

_SHORT = 200
_TYPED = re.compile(r"(?P<type>[A-Z][A-Za-z]{2,60})/(?P<id>[^/?#\s]{1,128})\Z")
_CONDITIONAL = re.compile(
    r"(?P<type>[A-Z][A-Za-z]{2,60})\?identifier=(?P<token>[^\s&#]{1,500})(?:[&#]\S{0,200})?\Z"
)
_ASIDE = re.compile(r"[?#|].*|/_history(?:/.*)?\Z", re.DOTALL)
"""how it is to be sent, a part of it, a version: another resource is named by none of them"""


def reference_key(text: str) -> str:
    """The comparable form of a reference.

    >>> reference_key("https://ehr.example.org/fhir/Patient/7/_history/3")
    'Patient/7'
    >>> reference_key("urn:uuid:0AF4B368")
    'urn:uuid:0af4b368'
    >>> reference_key("Patient?identifier=urn:mrn%7C12")
    'Patient?identifier=urn:mrn|12'
    >>> reference_key("Patient/7?_format=json")
    'Patient/7'

    The server part of a URL is left out: the same chart is often served under two addresses.
    """
    if len(text) <= _SHORT:
        return _short_key(text)
    return _key(text) if len(text) <= LONGEST_REFERENCE else text


def _key(text: str) -> str:
    text = text.strip()
    conditional = _CONDITIONAL.search(text)
    if conditional:
        return f"{conditional['type']}?identifier={unquote(conditional['token'])}"
    bare = _ASIDE.sub("", text).rstrip("/")
    if bare[:4].lower() == "urn:":
        return bare.lower()
    typed = _TYPED.search(bare)
    return f"{typed['type']}/{typed['id']}" if typed else text.rstrip("/")


_short_key = lru_cache(maxsize=8192)(_key)
"""Nearly every resource names the same patient, and few names are long."""


def keys_of(resource: Json, full_url: object = None) -> list[str]:
    """Every key under which a resource may be named: id, fullUrl, and business identifiers."""
    return [*own_keys(resource, full_url), *logical_keys(resource)]


def own_keys(resource: Json, full_url: object = None) -> list[str]:
    """The keys that are this resource's alone: `Type/id` and fullUrl."""
    kind, ident = resource.get("resourceType"), resource.get("id")
    keys = [f"{kind}/{ident}"] if isinstance(ident, str) and ident else []
    return [*keys, reference_key(full_url)] if isinstance(full_url, str) and full_url else keys


def logical_keys(resource: Json) -> list[str]:
    """The keys of its business identifiers, which other resources may have too."""
    tokens = identifier_tokens(resource) if resource.get("identifier") else ()
    return [f"{resource.get('resourceType')}?identifier={token}" for token in tokens]


def identifier_tokens(resource: Json) -> list[str]:
    """`system|value` of each identifier that has both."""
    listed = resource.get("identifier")
    tokens = []
    for identifier in listed if isinstance(listed, list) else [listed]:
        if isinstance(identifier, dict):
            system, value = identifier.get("system"), identifier.get("value")
            if isinstance(system, str) and isinstance(value, str) and system and value:
                tokens.append(f"{system}|{value}")
    return tokens


def named_keys(reference: object, kinds: Iterable[str] = ()) -> Iterator[str]:
    """The keys of what a Reference, or its text, may name.

    By its text, and by its logical `identifier`: of the type that it states, else of each of
    `kinds`. What it contains (`#id`) has no key outside its container.
    """
    text = reference.get("reference") if isinstance(reference, dict) else reference
    if isinstance(text, str) and text.strip() and not text.startswith("#"):
        yield reference_key(text)
    if isinstance(reference, dict):
        stated = reference.get("type")
        typed = [stated.rpartition("/")[2]] if isinstance(stated, str) and stated else kinds
        for token in identifier_tokens(reference):
            yield from (f"{kind}?identifier={token}" for kind in typed)


def medications_of(resource: Json) -> Iterator[Json]:
    """The References by which a resource names a Medication: its own, or those it is mixed from."""
    parts = as_objects(resource.get("ingredient"))
    named = [p.get("itemReference") or child(p, "item", "reference") for p in parts]
    own = resource.get("medicationReference") or child(resource.get("medication"), "reference")
    for reference in map(as_reference, (own, *named)):
        if isinstance(reference, dict):
            yield reference


def points_inside(reference: object) -> bool:
    """Whether a Reference names what stands in its own resource: `#id`, or an id and no more."""
    text = reference.get("reference") if isinstance(reference, dict) else reference
    if not isinstance(text, str) or not text.strip():
        return False
    return text.startswith("#") or not ("/" in text or ":" in text)


def contained_in(container: Json, reference: str) -> Json | None:
    """The contained resource that `#id` names; `#` alone is the container itself."""
    wanted = reference[1:]
    if not wanted:
        return container
    for resource in as_objects(container.get("contained")):
        if str(resource.get("id", "")).lstrip("#") == wanted:
            return resource
    return None
