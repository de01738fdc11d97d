"""Requests that no client should send, for mixing in: none may get a 5xx or hold up the others."""

from __future__ import annotations

import gzip
import importlib
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.hooks import hooktools

LARGEST = 64_000
PATH = hooktools.SERVICES["order-select"]

Sample = tuple[str, str, bytes, bool]
"""its name, where it goes, the body, and whether that is gzip"""


def samples(seed: int) -> Iterator[Sample]:
    """Without end: of the generator of hostile shapes, where there is one, and of ours."""
    chance = random.Random(seed)
    made = _generated(seed)
    while True:
        yield _own(chance)
        yield next(made, None) or _own(chance)


def _generated(seed: int) -> Iterator[Sample]:
    sys.path.append(str(Path(hooktools.__file__).parent))  # its modules find each other there
    try:
        shapes: Callable[..., Iterator[Any]] = importlib.import_module("hostile").shapes
    except ImportError:
        return
    for number in range(1_000_000):
        for shape in shapes(100, seed + number, LARGEST):
            if not (shape.token or shape.answer):
                yield shape.name, shape.path, shape.body, shape.gzip


def _own(chance: random.Random) -> Sample:
    raw = json.dumps(hooktools.request()).encode()
    kind = chance.choice(sorted(OWN))
    body, packed = OWN[kind](chance, raw)
    return kind, chance.choice([PATH, PATH, PATH + "/feedback"]), body, packed


def _cut(chance: random.Random, raw: bytes) -> tuple[bytes, bool]:
    return raw[: chance.randrange(len(raw))], False


def _flipped(chance: random.Random, raw: bytes) -> tuple[bytes, bool]:
    text = bytearray(raw)
    for _ in range(5):
        text[chance.randrange(len(text))] ^= 1 << chance.randrange(8)
    return bytes(text), False


def _with(value: bytes) -> Callable[[random.Random, bytes], tuple[bytes, bool]]:
    """A real request with one value replaced."""
    return lambda chance, raw: (raw.replace(b'"1980-01-01"', value), False)


OWN: dict[str, Callable[[random.Random, bytes], tuple[bytes, bool]]] = {
    "cut short": _cut,
    "flipped bits": _flipped,
    "empty": lambda chance, raw: (b"", False),
    "nested": lambda chance, raw: (b"[" * 50_000, False),
    "many members": lambda chance, raw: (b'{"a":' * 5000 + b"1" + b"}" * 5000, False),
    "no gzip": lambda chance, raw: (raw, True),
    "half a gzip": lambda chance, raw: (gzip.compress(raw)[:-20], True),
    "a bomb": lambda chance, raw: (gzip.compress(b" " * 20_000_000), True),
    "a large exponent": _with(b"1e99999999999999999999"),
    "digits": _with(b"9" * 4000),
    "NUL and directions": _with(b'"\\u0000\\u202e\\ud800"'),
    "markup": _with(b'"<script>{{7*7}}</script>"'),
    "an array": lambda chance, raw: (b"[" + raw + b"]", False),
    "feedback at the end of time": lambda chance, raw: (
        b'{"feedback":[{"card":"c","outcome":"overridden",'
        b'"outcomeTimestamp":"9999-12-31T23:59:59-23:59"}]}', False,
    ),
}  # fmt: skip
