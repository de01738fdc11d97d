"""A body that would take too much memory as a whole: the chart in it is read as far as it fits.

JSON of nothing, `[{},{},…]`, takes thirty times its length once it is read, a usual chart five
times. What is read here is the envelope whole, the prefetch key by key, the small ones first, and a
Bundle entry by entry. In place of what is left out stands an OperationOutcome that says so: its
facts are unknown, and the cards tell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cds.fhir.queries import QUERIES
from cds.hooks.errors import BodyTooDense
from cds.limits import LARGEST_BODY, LARGEST_ENVELOPE
from cds.wire import TAKES, InvalidJson, Json, decode, invalid, memory_of

TOO_MUCH: Json = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "too-costly"}],
}
_Part = Raw | UnsetType
_PREFETCH = "prefetch"
_ENVELOPE = ("hook", "hookInstance", "context", "fhirServer", "fhirAuthorization", "extension")


def _members(name: str, members: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    """A reader of some members of an object, each as its text; it passes over all others."""
    fields: list[tuple[str, Any, Any]] = [(member, _Part, UNSET) for member in members]
    return msgspec.json.Decoder(msgspec.defstruct(name, fields))


_body = _members("Body", (*_ENVELOPE, _PREFETCH))
_keys = _members("Prefetch", tuple(QUERIES))
_bundle = _members("Bundle", ("resourceType", "type", "total", "link", "entry"))
_SIGN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
"""a text, passed over whole, or what begins, parts or ends values"""
_OPENING, _CLOSING, _COMMA = b"[{", b"]}", ord(",")


def read_dense(text: bytes) -> Json:
    """As much of a request as fits. Raises BodyTooDense where that is not the envelope."""
    parts = _texts(_body, text)
    if parts is None:
        raise BodyTooDense(None)
    prefetch = parts.pop(_PREFETCH, None)
    sizes = {name: memory_of(part) for name, part in parts.items()}
    if sum(sizes.values()) > LARGEST_ENVELOPE:
        raise BodyTooDense(max(sizes, key=lambda name: sizes[name]))
    document = {name: decode(bytes(part)) for name, part in parts.items()}
    if prefetch is not None:
        document[_PREFETCH] = _prefetched(prefetch, LARGEST_BODY - sum(sizes.values()))
    return document


def _texts(
    reader: msgspec.json.Decoder[Any], text: bytes | memoryview
) -> dict[str, memoryview] | None:
    """The members that are there; None of what is no object."""
    try:
        found = msgspec.structs.asdict(reader.decode(text))
    except msgspec.ValidationError:
        return None
    except RecursionError:
        raise InvalidJson("JSON is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(error) from None
    return {name: memoryview(raw) for name, raw in found.items() if raw is not UNSET}


def _prefetched(text: memoryview, room: int) -> Json:
    parts = _texts(_keys, text)
    if parts is None:
        raise BodyTooDense(_PREFETCH)
    sizes = {key: memory_of(part) for key, part in parts.items()}
    read = {}
    for key in sorted(parts, key=lambda key: sizes[key]):
        if sizes[key] <= room:
            read[key] = decode(bytes(parts[key]))
            room -= sizes[key]
        else:
            read[key], room = _partly(parts[key], room)
    return read


def _partly(text: memoryview, room: int) -> tuple[Json, int]:
    """The entries of a Bundle that fit, and what room is left."""
    parts = _texts(_bundle, text)
    listed = parts.pop("entry", None) if parts else None
    if not parts or listed is None:
        return TOO_MUCH, room
    room -= sum(map(memory_of, parts.values()))
    read = [entry for value in _fitting(listed, room) if (entry := decode(value))]
    if not read:
        return TOO_MUCH, room
    bundle = {name: decode(bytes(part)) for name, part in parts.items()}
    return {**bundle, "resourceType": "Bundle", "entry": [*read, {"resource": TOO_MUCH}]}, 0


def _fitting(text: memoryview, room: int) -> Iterator[bytes]:
    """The objects of a list from its first on, as many as fit; of what is no list there are none.

    What comes after them is not looked at, so that it matters neither how many there are nor what
    is in them: to find the ends of all would take a place for each.
    """
    depth, begin, taken = 0, 1, 0
    for sign in _SIGN.finditer(text) if bytes(text[:1]) == b"[" else ():
        at = sign.start()
        mark = text[at]
        taken += TAKES.get(mark, 0)
        if taken > room:  # within one value, of which nothing is read then
            return
        depth += (mark in _OPENING) - (mark in _CLOSING)
        if depth == 0 or (depth == 1 and mark == _COMMA):
            value = bytes(text[begin:at])
            holds = b"{" in value
            room -= max(taken, memory_of(value)) if holds else taken
            begin, taken = at + 1, 0
            if room < 0:
                return
            if holds:
                yield value
