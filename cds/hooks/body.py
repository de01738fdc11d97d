"""Reading a request body: declared as JSON, of bounded length even when compressed or chunked."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from cds.hooks.envelope import NO_OBJECT, read_envelope
from cds.hooks.errors import (
    BodyTooDense,
    BodyTooLarge,
    InvalidRequest,
    Issue,
    UnsupportedBody,
    no_json,
)
from cds.limits import MOST_MEMBERS
from cds.wire import InvalidJson, Json, decode, is_dense

CHUNK = 65_536


class Readable(Protocol):
    """The part of `wsgi.input` that is used."""

    def read(self, size: int = -1, /) -> bytes: ...


def read_call(environ: Mapping[str, Any], limit: int) -> Json:
    """The hook call that a WSGI request carries, its prefetch not looked at yet.

    A member that an object names twice has its last value, as RFC 8259 lets us choose.
    Raises UnsupportedBody, BodyTooLarge, BodyTooDense or InvalidRequest.
    """
    return _read_as(read_envelope, environ, limit)


def read_json(environ: Mapping[str, Any], limit: int) -> Json:
    """The JSON object that a WSGI request carries; likewise."""
    return _read_as(_object, environ, limit)


def _read_as(reader: Callable[[bytes], Json], environ: Mapping[str, Any], limit: int) -> Json:
    _require_json(environ.get("CONTENT_TYPE") or "")
    raw = _inflated(environ, limit)
    if not raw.strip():
        raise InvalidRequest(Issue("The body is empty; a JSON object is expected."))
    try:
        return reader(raw)
    except InvalidJson as error:
        raise no_json(error) from None


def _object(raw: bytes) -> Json:
    if is_dense(raw):
        raise BodyTooDense(None)
    document = decode(raw)
    if not isinstance(document, dict):
        raise InvalidRequest(NO_OBJECT)
    return document


def _require_json(content_type: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    main, _, subtype = media_type.partition("/")
    if main != "application" or not (subtype == "json" or subtype.endswith("+json")):
        raise UnsupportedBody("The body must be declared as Content-Type: application/json.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip(' "') not in ("utf-8", "utf8"):
            raise UnsupportedBody("JSON is read as UTF-8 only.")


def _inflated(environ: Mapping[str, Any], limit: int) -> bytes:
    coding = (environ.get("HTTP_CONTENT_ENCODING") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise UnsupportedBody("Content-Encoding must be gzip, or left out.")
    stream: Readable = environ["wsgi.input"]
    declared = environ.get("CONTENT_LENGTH") or ""
    length = int(declared) if declared.isascii() and declared.isdigit() else None
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""  # no length and no end: there is no body that could be read safely
    if length is not None and length > limit:
        raise BodyTooLarge(limit)
    if coding == "identity":
        return _read(stream, length, limit)
    return _gunzip(_read(stream, length, limit), limit)


def _read(stream: Readable, length: int | None, limit: int) -> bytes:
    """All of the body; one byte more than `limit` is enough to refuse it."""
    if length is not None:
        return stream.read(length)
    chunks: list[bytes] = []
    total = 0
    while chunk := stream.read(CHUNK):
        total += len(chunk)
        if total > limit:
            raise BodyTooLarge(limit)
        chunks.append(chunk)
    return b"".join(chunks)


def _gunzip(packed: bytes, limit: int) -> bytes:
    """Inflate all members, and never more than `limit` bytes of a bomb."""
    chunks: list[bytes] = []
    place, room = 0, limit + 1
    for _ in range(MOST_MEMBERS + 1):
        if place == len(packed):
            return b"".join(chunks)
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            piece = memoryview(packed)[place : place + CHUNK]
            try:
                chunk = member.decompress(piece, room)
            except zlib.error:
                raise _not_gzip() from None
            room -= len(chunk)
            if room <= 0:
                raise BodyTooLarge(limit)
            if not piece:
                raise _not_gzip()
            chunks.append(chunk)
            place += len(piece) - len(member.unused_data)
    raise InvalidRequest(
        Issue(f"The body has more than {MOST_MEMBERS} gzip members.", code="too-long")
    )


def _not_gzip() -> InvalidRequest:
    text = "The body is declared as gzip and is not, or is cut short."
    return InvalidRequest(Issue(text, code="structure"))
