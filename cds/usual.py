"""CodeableConcepts of the usual shape, and readers that remember what they made of one.

Charts write the same few concepts many times: the same status, the same diagnosis at each visit. A
concept of that shape is reduced to its strings, which tell all of it, so that what is remembered
depends on nothing else. Any other is read each time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from cds.wire import Json

Read = TypeVar("Read")
Usual = tuple[str, ...]
"""the text; and of each coding system, code, display, and `CHOSEN` or nothing"""

_CONCEPT = frozenset({"coding", "text"})
_CODING = frozenset({"system", "code", "display", "userSelected", "version"})
"""what a coding may hold: of these no reader asks for the version"""
_CHOSEN = "chosen"
_MOST = 16
"""codings; vendors that send many have some six"""
_LONGEST = 1_000
"""characters of all its strings: what is longer is rather a note than a name"""


def usual(concept: object) -> Usual | None:
    """A concept as its strings; None of one of another shape, with an extension, or long."""
    if not isinstance(concept, dict) or not concept.keys() <= _CONCEPT:
        return None
    parts = [concept.get("text", "")]
    listed = concept.get("coding", [])
    if not isinstance(listed, list) or len(listed) > _MOST:
        return None
    for coding in listed:
        if not isinstance(coding, dict) or not coding.keys() <= _CODING:
            return None
        get = coding.get
        chosen = _CHOSEN if get("userSelected") is True else ""
        parts += (get("system", ""), get("code", ""), get("display", ""), chosen)
    try:
        return tuple(parts) if len("".join(parts)) <= _LONGEST else None
    except TypeError:  # a code that was sent as a number
        return None


def concept_of(strings: Usual) -> Json:
    """The concept that was reduced to these strings."""
    text, *rest = strings
    listed = zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True)
    codings = [
        {"system": system, "code": code, "display": display}
        | ({"userSelected": True} if chosen else {})
        for system, code, display, chosen in listed
    ]
    return ({"coding": codings} if codings else {}) | ({"text": text} if text else {})


def once(most: int) -> Callable[[Callable[[object], Read]], Callable[[object], Read]]:
    """A reader of a concept, and of nothing else, that remembers so many of the usual shape."""

    def of(read: Callable[[object], Read]) -> Callable[[object], Read]:
        remembered = lru_cache(most)(lambda strings: read(concept_of(strings)))

        @wraps(read)
        def reader(concept: object) -> Read:
            strings = usual(concept)
            return read(concept) if strings is None else remembered(strings)

        return reader

    return of
