"""JSON on the wire: a number that is not an integer becomes a Decimal, and goes out as it came.

`decode` gives plain dictionaries; a dose of `0.50` is `Decimal("0.50")`, never a float, and
`encode` writes it back as `0.50`. So a draft order can be patched and returned untouched.
A number that could measure nothing is no value for any reader, and goes out as it came as well.
A byte order mark says nothing and is passed over, here as in RFC 8259.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec

from cds.limits import LARGEST_BODY, LARGEST_EXPONENT, LONGEST_INTEGER, LONGEST_NUMBER

Json: TypeAlias = dict[str, Any]
"""A JSON object. FHIR that is read stays in this form: real data fails strict models daily."""

Unread: TypeAlias = msgspec.Raw
"""An absurd number: no reader knows the type, so that it is no value; it is written as it came."""


def _exact(text: str) -> Decimal | Unread:
    """The number, or an absurd one as its text: it must not cost the rest its use."""
    if len(text) > LONGEST_NUMBER:
        return Unread(text.encode())
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent of 20 digits
        return Unread(text.encode())
    return number if abs(number.adjusted()) <= LARGEST_EXPONENT else Unread(text.encode())


_MARK = "\ufeff"
NOTHING = bytes(range(0x21)) + b"\x7f"
"""around a line or a file: NUL and Ctrl-Z fill the end of files that come from old systems"""
_scanner = json.JSONDecoder()
_decoder = msgspec.json.Decoder(float_hook=_exact)
_encoder = msgspec.json.Encoder(decimal_format="number")
_TOO_LONG = re.compile(rb"(?<![0-9.eE+])(?<![eE]-)[0-9]{%d,}+(?![0-9.eE])" % (LONGEST_INTEGER + 1))
_AS_FLOAT = "e+00000000"
"""behind an integer that is to be read as a number with an exponent"""
_of_long_integers = msgspec.json.Decoder(
    float_hook=lambda text: (
        Unread(text.removesuffix(_AS_FLOAT).encode()) if text.endswith(_AS_FLOAT) else _exact(text)
    )
)


class InvalidJson(ValueError):
    """The text is not JSON, not UTF-8, or nested too deeply. Its message never quotes the text."""

    remains = ""
    """of a file: the text from where it could not be read on, up to what is no UTF-8"""


def decode(data: bytes | bytearray | str) -> Any:
    """Parse JSON with exact numbers.

    Raises InvalidJson, whose message names the position and never quotes the content.
    """
    try:
        return _decoded(_without_mark(data))
    except RecursionError:
        raise InvalidJson("JSON is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(error) from None


def _without_mark(data: bytes | bytearray | str) -> bytes | bytearray | str:
    mark = _MARK if isinstance(data, str) else codecs.BOM_UTF8
    # each kind has its own mark
    return data[len(mark) :] if data.startswith(mark) else data  # type: ignore[arg-type]


def utf_8(data: bytes) -> bytes:
    """The text, without its mark. Raises InvalidJson where it is not UTF-8.

    To be asked where a part of it is kept as it is: only what is read is checked by reading it.
    """
    if not data.isascii():
        checked = codecs.getincrementaldecoder("utf-8")()
        try:
            for at in range(0, len(data), _BLOCK):  # a text as a whole takes four times its length
                checked.decode(data[at : at + _BLOCK])
            checked.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise invalid(error) from None
    return data.removeprefix(codecs.BOM_UTF8)


def invalid(error: msgspec.DecodeError | UnicodeDecodeError) -> InvalidJson:
    """Why a text could not be read, without the words of a codec."""
    if isinstance(error, UnicodeDecodeError):
        return InvalidJson("JSON is not UTF-8")
    return InvalidJson(str(error))


def _decoded(data: bytes | bytearray | str) -> Any:
    try:
        return _decoder.decode(data)
    except msgspec.ValidationError:  # of nothing but an integer that is too long
        text = data.encode() if isinstance(data, str) else bytes(data)
        return _of_long_integers.decode(_with_exponents(text))


def _with_exponents(text: bytes) -> bytes:
    """The text with an exponent of nought behind each integer that is too long to be converted."""
    parts: list[bytes] = []
    end, inside = 0, 0
    for found in _TOO_LONG.finditer(text):
        between = text[end : found.start()]
        plain = between.replace(b"\\\\", b"")
        inside ^= (plain.count(b'"') - plain.count(b'\\"')) & 1
        parts += (between, found[0], b"" if inside else _AS_FLOAT.encode())
        end = found.end()
    return b"".join((*parts, text[end:]))


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


_OBJECT, _LIST, _VALUE = 208, 72, 48
"""bytes that Python takes for one: of a value its place, and what a short text has around it"""
TAKES = {ord("{"): _OBJECT, ord("["): _LIST, ord(","): _VALUE}
_WIDE = 8
"""bytes more that a letter takes beside one of a far alphabet: Python gives all of a text four, and
as much again while it reads it"""
_BLOCK = 65_536
_FEW_QUOTES = 16
"""in a block of nothing but long texts"""
DENSEST = 30
"""bytes that one byte of JSON takes at most"""


def memory_of(text: bytes | bytearray | memoryview | msgspec.Raw) -> int:
    """The bytes that JSON takes once it is read, nearly; too many where texts are full of signs."""
    data = text if isinstance(text, bytes | bytearray) else bytes(text)
    objects, lists, values = data.count(b"{"), data.count(b"["), data.count(b",")
    plain = len(data) // 2 + objects * _OBJECT + lists * _LIST + values * _VALUE
    return plain + _WIDE * _in_long_texts(data)


def _in_long_texts(data: bytes | bytearray) -> int:
    """The bytes of long texts, where any of them may hold a letter of a far alphabet."""
    if data.isascii() and b"\\u" not in data:
        return 0
    blocks = (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK))
    return sum(
        len(block) for block in blocks if block.count(b'"') - block.count(b'\\"') <= _FEW_QUOTES
    )


def is_dense(text: bytes) -> bool:
    """Whether it takes more memory than one body may. Of most the length tells it."""
    return len(text) * DENSEST > LARGEST_BODY and memory_of(text) > LARGEST_BODY


def encode(value: Any) -> bytes:
    """Serialise to UTF-8 JSON; a Decimal is written as the number it is."""
    return _encoder.encode(value)
