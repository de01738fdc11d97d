"""JSON on the wire: a number that is not an integer becomes a Decimal, and goes out as it came.

`decode` gives plain dictionaries; a dose of `0.50` is `Decimal("0.50")`, never a float, and
`encode` writes it back as `0.50`. So a draft order can be patched and returned untouched.
A byte order mark says nothing and is passed over, here as in RFC 8259.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = dict[str, Any]
"""A JSON object. FHIR that is read stays in this form: real data fails strict models daily."""

LARGEST_EXPONENT = 50
"""Powers of ten beyond which a number means nothing here, and costs time to compute with."""


def _exact(text: str) -> Decimal | None:
    """The number; None for an absurd one, which is no value and must not cost the rest its use."""
    number = Decimal(text)
    return number if abs(number.adjusted()) <= LARGEST_EXPONENT else None


_MARK = "\ufeff"
NOTHING = bytes(range(0x21)) + b"\x7f"
"""around a line or a file: NUL and Ctrl-Z fill the end of files that come from old systems"""
_scanner = json.JSONDecoder()
_decoder = msgspec.json.Decoder(float_hook=_exact)
_encoder = msgspec.json.Encoder(decimal_format="number")


class InvalidJson(ValueError):
    """The text is not JSON, not UTF-8, or nested too deeply. Its message never quotes the text."""

    remains = ""
    """of a file: the text from where it could not be read on, up to what is no UTF-8"""


def decode(data: bytes | str) -> Any:
    """Parse JSON with exact numbers.

    Raises InvalidJson, whose message names the position and never quotes the content.
    """
    mark = _MARK if isinstance(data, str) else codecs.BOM_UTF8
    if data.startswith(mark):  # type: ignore[arg-type]  # each kind has its own mark
        data = data[len(mark) :]
    try:
        return _decoder.decode(data)
    except RecursionError:
        raise InvalidJson("JSON is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidJson(str(error)) from None


def decode_lines(lines: bytes | str | Iterable[bytes | str]) -> Iterator[tuple[int, Any]]:
    """The values of NDJSON, each with the number of its line; never raises.

    Where a line is no JSON the value is the InvalidJson that says why. A line ends at LF, CR or
    both, and at no other character. Objects that stand in one line, as where files were joined, are
    read each.
    """
    if isinstance(lines, str):
        lines = lines.encode("utf-8", "surrogatepass")
    for number, line in enumerate(lines.splitlines() if isinstance(lines, bytes) else lines, 1):
        text = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
        text = text.strip(NOTHING)
        if text and text != codecs.BOM_UTF8:
            for value in values_in(text):
                yield number, value


def values_in(text: bytes) -> Iterator[Any]:
    """The JSON values that follow each other in a text; where one breaks, last an InvalidJson."""
    try:
        yield decode(text)
        return
    except InvalidJson as error:
        problem = error
    pieces = _joined(text)
    for piece in pieces[:-1]:
        yield decode(piece)
    try:
        if len(pieces) > 1:
            yield decode(pieces[-1])
            return
    except InvalidJson as error:
        problem = error
    problem.remains = pieces[-1]
    yield problem


def _joined(line: bytes) -> list[str]:
    """The JSON objects that follow each other in a line, and last what remains."""
    pieces: list[str] = []
    try:
        text = line.decode().lstrip(_MARK)
    except UnicodeDecodeError as error:
        return [line[: error.start].decode().lstrip(_MARK)]
    while text:
        try:
            _, end = _scanner.raw_decode(text)
        except (ValueError, RecursionError):
            return [*pieces, text]
        pieces.append(text[:end])
        text = text[end:].lstrip(_MARK + " \t\r\n")
    return pieces or [""]


def encode(value: Any) -> bytes:
    """Serialise to UTF-8 JSON; a Decimal is written as the number it is."""
    return _encoder.encode(value)
