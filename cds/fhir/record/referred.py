"""What the references of a resource lead to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cds.fhir.record.references import contained_in, keys_of, named_keys
from cds.fhir_json import as_objects
from cds.limits import MOST_INSIDE_ALL
from cds.read_only import ReadOnly
from cds.wire import Json


@dataclass(frozen=True, slots=True, repr=False)
class Referred:
    """Resources by every key under which others may name them. It is patient data: no repr."""

    index: Mapping[str, Json] = field(default_factory=dict)
    """`Type/id`, fullUrl and `Type?identifier=` → resource"""
    library: Mapping[str, Json] = field(default_factory=dict)
    """where it is looked up after that: what several patients share"""
    inside: Iterator[int] = field(
        default_factory=lambda: iter(range(MOST_INSIDE_ALL)), repr=False, compare=False
    )
    """how many more Medications inside others are read by it"""

    def apart(self) -> Referred:
        """The same as copies: what becomes of the JSON that it was read from does not matter."""
        copies = {
            id(resource): _copied(resource)
            for resource in (*self.index.values(), *self.library.values())
        }
        index, library = (
            ReadOnly((key, copies[id(resource)]) for key, resource in named.items())
            for named in (self.index, self.library)
        )
        return Referred(index, library)

    def under(self, newer: Mapping[str, Json]) -> Referred:
        """The same, with what is newer before it: the session before the record."""
        return Referred({**self.index, **newer}, self.library)

    def resolve(
        self, reference: object, container: Json | None = None, kinds: Collection[str] = ()
    ) -> Json | None:
        """The resource that a reference names, or None when it is not here.

        Takes a Reference or its text: `#contained`, relative, absolute, versioned, `urn:uuid:`,
        `Type?identifier=system|value`, and a logical `identifier` of the type that it states or of
        one of `kinds`. `container` is the resource that `#id` points into. With `kinds`, what is of
        another type is not here: a Condition in place of a Medication is no drug.
        """
        text = reference.get("reference") if isinstance(reference, dict) else reference
        if isinstance(text, str) and text.startswith("#"):
            return _of(kinds, contained_in(container, text) if container is not None else None)
        for key in named_keys(reference, kinds):
            found = _of(kinds, self.index.get(key) or self.library.get(key))
            if found is not None:
                return found
        # some senders leave out the `#` of what stands in the resource itself
        plain = isinstance(text, str) and text.strip() and "/" not in text and ":" not in text
        inside = contained_in(container, f"#{text}") if plain and container is not None else None
        return _of(kinds, inside)

    def keys_named(
        self, *fields: object, kinds: Collection[str] = (), container: Json | None = None
    ) -> frozenset[str]:
        """Every key of what the References in some fields name.

        Those that they write themselves, and those of the resource that they lead to: one may say
        `urn:uuid:…` or an identifier where another says `Type/id`.
        """
        keys: set[str] = set()
        for holder in (one for listed in fields for one in as_objects(listed)):
            written = list(named_keys(holder, kinds))
            found = self.resolve(holder, container, kinds) if written else None
            keys.update(written, keys_of(found) if found is not None else ())
        return frozenset(keys)


def _of(kinds: Collection[str], found: Json | None) -> Json | None:
    """The resource, if it is of one of the types; what is contained may leave its type out."""
    if found is None or not kinds:
        return found
    return found if found.get("resourceType", "") in ("", *kinds) else None


def _copied(resource: Json) -> Json:
    """All of a resource anew, however deep it is nested."""
    whole = dict(resource)
    unfinished: list[dict[str, Any] | list[Any]] = [whole]
    while unfinished:
        holder = unfinished.pop()
        places: Iterable[Any] = holder if isinstance(holder, dict) else range(len(holder))
        for place in places:
            value = holder[place]
            if isinstance(value, dict | list):
                holder[place] = value.copy()
                unfinished.append(holder[place])
    return whole
