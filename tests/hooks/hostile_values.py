"""One outsized value at one place of a whole request, which has one resource of each type and
nearly every field that a reader looks at.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import hooktools
from hostile_chart import HERE, MARK, whole_request

Json = dict[str, Any]
ORDER_SELECT = hooktools.SERVICES["order-select"]
SIGN = hooktools.SERVICES["order-sign"]
VIEW = hooktools.SERVICES["patient-view"]
FEEDBACK = ORDER_SELECT + "/feedback"
NAMES = sorted(hooktools.prefetch())


@dataclass(frozen=True, slots=True)
class Shape:
    """One request, and what to say of it when it was too dear."""

    name: str
    body: bytes
    path: str = ORDER_SELECT
    gzip: bool = False
    token: str = ""
    """for the app that asks for one"""
    answer: bytes = b""
    """what the FHIR server answers to everything"""
    keys: bytes = b""
    """what the host of the client's keys answers; nothing else is sent"""

    @property
    def size(self) -> int:
        """Bytes that were sent."""
        return len(self.body) + len(self.answer) + len(self.keys)


# ---- one value at one place ----------------------------------------------------------------------


def _repeat(unit: str) -> Callable[[int], bytes]:
    """A string of some length made of a piece."""
    return lambda size: json.dumps((unit * (size // len(unit) + 1))[:size]).encode()


def _listed(item: bytes) -> Callable[[int], bytes]:
    return lambda size: b"[" + b",".join([item] * max(1, size // (len(item) + 1))) + b"]"


def _nested(
    opening: bytes, inner: bytes, closing: bytes, most: int = 400
) -> Callable[[int], bytes]:
    def made(size: int) -> bytes:
        depth = min(most, max(1, size // (len(opening) + len(closing))))
        return opening * depth + inner + closing * depth

    return made


def _members(form: str) -> Callable[[int], bytes]:
    return lambda size: (
        b"{" + ",".join(form % n for n in range(max(1, size // (len(form) + 4)))).encode() + b"}"
    )


NUMBERS: dict[str, Callable[[int], bytes]] = {
    "digits": lambda size: b"7" * max(1, size),
    "negative digits": lambda size: b"-" + b"7" * max(1, size),
    "decimals": lambda size: b"0." + b"3" * max(1, size),
    "zeros after the point": lambda size: b"1." + b"0" * max(1, size),
    "digits with a point": lambda size: b"7" * max(1, size) + b".5",
    "digits with an exponent": lambda size: b"7" * max(1, size) + b"e-" + str(size).encode(),
    "an exponent of 20 digits": lambda size: b"1e" + b"9" * 20,
    "a negative exponent of 20 digits": lambda size: b"1e-" + b"9" * 20,
    "an exponent of zeros": lambda size: b"1e" + b"0" * max(1, size) + b"1",
    "a long exponent": lambda size: b"1e" + b"9" * max(1, size),
    "a large exponent": lambda size: b"1e308",
    "28 nines": lambda size: b"9" * 28 + b".9",
    "30 nines": lambda size: b"9" * 30,
    "1e26": lambda size: b"1e26",
    "1e30": lambda size: b"1e30",
    "1e-30": lambda size: b"1e-30",
    "minus nought": lambda size: b"-0.0",
    "two to the 64": lambda size: b"18446744073709551616",
    "not a number": lambda size: b'"NaN"',
    "a text of digits": _repeat("7"),
    "a text with an exponent": lambda size: b'"1e' + b"9" * max(1, size) + b'"',
}
TEXTS: dict[str, Callable[[int], bytes]] = {
    name: _repeat(unit)
    for name, unit in {
        "letters": "x", "spaces": " ", "round brackets": "(", "square brackets": "[",
        "braces": "{", "closed brackets": "[]", "pairs of braces": "{}", "slashes": "/",
        "dots": ".",
        "line ends": "\n", "hyphens": "-", "commas": ", ", "signs": "<>&|*_`", "percent": "%41",
        "wide letters": "\uff4b", "marks": "\u0301", "marks of two classes": "\u0301\u0323",
        "joiners": "a\u200d", "directions": "\u202e", "hyphens of digits": "1\u00ad",
        "half": "\u00bd",
        "words": "word ", "instructions": "take 1 tablet twice daily then ", "numbers": "1 mg ",
        "doses": "35 mg IV over 40 min, ", "ranges": "1-2-", "or": "or ", "and": "and ",
        "maxima": "max 3 in 24 h ", "drugs": "ketamine ",
        "drugs with strengths": "ketamine 50 mg/ml / ",
        "denied": "no ", "doubted": "possible ", "cues": "denies history of possible ",
        "diagnoses": "depression, ", "months": "in january ", "days": "monday ",
        "units": "mg/kg/", "units in brackets": "mg/(", "exponents": "kg2", "dates": "2026-01-01 ",
        "instants": "2026-01-01T00:00:00.", "references": "Patient/p1/", "typed": "Aaa/a",
        "versions": "/_history/1", "conditional": "Patient?identifier=a|b&", "urn": "urn:uuid:",
        "urls": "https://a@", "codes": "F33.2 ", "numerals": "one hundred ", "quotes": "\"'",
        "zeros": "0", "points": "1.", "times": "10:00 ", "x by": "1 x ", "of": "of ", "per": "per ",
    }.items()
}  # fmt: skip
HOLDERS: dict[str, Callable[[int], bytes]] = {
    "objects": _listed(b"{}"),
    "lists": _listed(b"[]"),
    "noughts": _listed(b"0"),
    "nulls": _listed(b"null"),
    "short texts": _listed(b'""'),
    "texts": _listed(b'"ketamine"'),
    "fractions": _listed(b"0.1"),
    "objects of one": _listed(b'{"a":1}'),
    "codings": _listed(b'{"system":"http://snomed.info/sct","code":"373464007","display":"a"}'),
    "concepts": _listed(b'{"coding":[{"code":"F33.2"}],"text":"a"}'),
    "references to it": _listed(b'{"reference":"Patient/p1"}'),
    "identifiers": _listed(b'{"system":"urn:a","value":"1"}'),
    "dosages": _listed(b'{"text":"1 tablet daily"}'),
    "resources": _listed(b'{"resourceType":"Observation"}'),
    "entries": _listed(b'{"resource":{"resourceType":"Condition","id":"a"}}'),
    "members": _members('"a%d":0'),
    "members that are objects": _members('"a%d":{}'),
    "the same member": lambda size: b"{" + b",".join([b'"a":1'] * max(1, size // 6)) + b"}",
    "deep lists": _nested(b"[", b"", b"]"),
    "deeper lists": _nested(b"[", b"", b"]", 10**7),
    "deep objects": _nested(b'{"a":', b"0", b"}"),
    "deep extensions": _nested(b'{"extension":[', b"", b"]}"),
    "deep contained": _nested(b'{"resourceType":"Medication","contained":[', b"", b"]}"),
    "deep components": _nested(b'{"component":[', b"", b"]}"),
    "deep items": _nested(b'{"item":[', b"", b"]}"),
    "deep bundles": _nested(b'{"resourceType":"Bundle","entry":[{"resource":', b"{}", b"}]}"),
    "deep coding": _nested(b'{"coding":[', b"", b"]}"),
    "deep medication": _nested(b'{"ingredient":[{"itemCodeableConcept":', b"0", b"}]}"),
}
ESCAPES: dict[str, Callable[[int], bytes]] = {
    "escapes": lambda size: b'"' + b"\\u0041" * max(1, size // 6) + b'"',
    "surrogates": lambda size: b'"' + b"\\ud800" * max(1, size // 6) + b'"',
    "pairs": lambda size: b'"' + b"\\ud83d\\ude00" * max(1, size // 12) + b'"',
    "NUL": lambda size: b'"' + b"\\u0000" * max(1, size // 6) + b'"',
    "no UTF-8": lambda size: b'"' + b"\xff" * max(1, size) + b'"',
}
VALUES = {**NUMBERS, **TEXTS, **HOLDERS, **ESCAPES}


def _places(node: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Holder, key and path of every value of a message, the holders of others as well."""
    listed: Any = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in listed:
        name = f"{path}[{key}]" if isinstance(node, list) else f"{path}.{key}".lstrip(".")
        yield node, key, name
        if isinstance(value, dict | list):
            yield from _places(value, name)


def _put(message: Json, holder: Any, key: Any, value: bytes) -> bytes:
    before = holder[key]
    holder[key] = HERE
    try:
        return json.dumps(message).encode().replace(MARK, value, 1)
    finally:
        holder[key] = before


_SEEN: dict[str, tuple[Json, list[tuple[Any, Any, str]]]] = {}


def _message(hook: str) -> tuple[Json, list[tuple[Any, Any, str]]]:
    if hook not in _SEEN:
        message = FEEDBACK_BODY if hook == "feedback" else whole_request(hook)
        _SEEN[hook] = message, list(_places(message))
    return _SEEN[hook]


FEEDBACK_BODY: Json = {
    "feedback": [
        {
            "card": "a", "outcome": "overridden", "outcomeTimestamp": "2026-11-24T10:00:00Z",
            "overrideReason": {"reason": {"code": "c", "system": "s"}, "userComment": "text"},
        }
    ]
}  # fmt: skip


def at(place: str, value: bytes) -> Shape:
    """A value at the first place of a whole request whose path ends so."""
    message, places = _message("order-select")
    holder, key, path = next(found for found in places if found[2].endswith(place))
    return Shape(f"{len(value)} bytes at {path}", _put(message, holder, key, value))


def anywhere(chance: random.Random, size: int) -> Shape:
    """One outsized value, or a list of what stood there, at one place of a whole request."""
    hook = chance.choice(["order-select"] * 6 + ["order-sign", "patient-view", "feedback"])
    message, places = _message(hook)
    holder, key, path = chance.choice(places)
    url = FEEDBACK if hook == "feedback" else hooktools.SERVICES[hook]
    if chance.random() < 0.25:
        listed = holder[key] if isinstance(holder[key], list) else [holder[key]]
        item = json.dumps(listed[0] if listed else {}).encode()
        return Shape(f"copies at {path}", _put(message, holder, key, _listed(item)(size)), url)
    kind = chance.choice([*NUMBERS, *TEXTS, *TEXTS, *HOLDERS, *HOLDERS, *ESCAPES])
    value = VALUES[kind](size)
    if kind in TEXTS and isinstance(holder[key], str) and chance.random() < 0.5:
        value = json.dumps(holder[key] + " ").encode()[:-1] + value[1:]
    return Shape(f"{kind} at {path}", _put(message, holder, key, value), url)
