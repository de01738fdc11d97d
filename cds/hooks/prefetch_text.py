"""A prefetch as the text that it came in, which is read key by key when somebody asks for it.

As a whole it may take too much memory: JSON of nothing, `[{},{},…]`, takes thirty times its length
once it is read, a usual chart five times. Then it is read as far as it fits, the small keys first,
and a Bundle entry by entry. In place of what is left out stands an OperationOutcome that says so:
its facts are unknown, and the cards tell it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from cds.fhir.queries import QUERIES
from cds.hooks.errors import BodyTooDense
from cds.hooks.members import members, texts
from cds.wire import DENSEST, TAKES, Json, decode, memory_of

PREFETCH = "prefetch"
TOO_MUCH: Json = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "too-costly"}],
}
_keys = members("Prefetch", QUERIES)
_bundle = members("Bundle", ("resourceType", "type", "total", "link", "entry"))
_SIGN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
"""a text, passed over whole, or what begins, parts or ends values"""
_OPENING, _CLOSING, _COMMA = b"[{", b"]}", ord(",")
_ESCAPE = b"\\u"
"""how any letter may be written too"""


class PrefetchText:
    """What stands under `prefetch`. Each key is read once, and its text then let go.

    `room`: the bytes of memory that it may take. It is JSON, and nothing else is known of it.
    """

    def __init__(self, text: memoryview, room: int) -> None:
        self._text = text
        self._room = room
        self._read: Json = {}

    def read(self) -> Any:
        """The keys that the service asks for; what stands in place of an object as it is.

        Raises BodyTooDense for that where it takes too much, and InvalidJson.
        """
        if self._parts is None:
            if memory_of(self._text) > self._room:
                raise BodyTooDense(PREFETCH)
            return decode(bytes(self._text))
        sizes = {key: self._size(part) for key, part in self._parts.items()}
        for key in sorted(sizes, key=lambda key: sizes[key]):
            self._take(key, self._parts.pop(key), sizes[key])
        self._text = memoryview(b"")
        return self._read

    def holding(self, word: str) -> Json:
        """At least those keys in which a text consists of this word. Raises InvalidJson."""
        parts = self._parts or {}
        if parts and self._is_large:
            self.read()  # in the order in which most of it fits
        quoted = f'"{word}"'.encode()
        for key in [*parts]:
            text = bytes(parts[key])
            if quoted in text or _ESCAPE in text:
                self._take(key, parts.pop(key))
        return self._read

    def as_sent(self) -> tuple[bytes | memoryview, ...]:
        """The text, and the room for it where that decides how much of it is read."""
        fits = not self._is_large or memory_of(self._text) <= self._room
        return (self._text,) if fits else (self._text, b"%d" % self._room)

    @cached_property
    def _parts(self) -> dict[str, memoryview] | None:
        """Keys that are not read yet; None where the prefetch is no object."""
        return texts(_keys, self._text)

    @property
    def _is_large(self) -> bool:
        """Whether it might take more than there is room for: of most the length tells it."""
        return len(self._text) * DENSEST > self._room

    def _size(self, part: memoryview) -> int:
        return memory_of(part) if self._is_large else 0

    def _take(self, key: str, part: memoryview, size: int = 0) -> None:
        if size <= self._room:
            self._read[key] = decode(bytes(part))
            self._room -= size
        else:
            self._read[key], self._room = _partly(part, self._room)


def _partly(text: memoryview, room: int) -> tuple[Json, int]:
    """The entries of a Bundle that fit, and what room is left."""
    parts = texts(_bundle, text)
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
