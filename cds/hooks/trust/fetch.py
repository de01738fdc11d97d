"""Fetching a JWK Set: one transfer, bounded in time and size however slowly the other side sends.

The address is the operator's own, so it may lie anywhere; a redirect leads away from it and is not
followed. Neither proxies nor `.netrc` are used.
"""

from __future__ import annotations

import re
import time

import requests
from msgspec import Struct

from cds.fhir.server.addresses import ANYWHERE, Guard
from cds.fhir.server.sockets import until
from cds.fhir.server.transport import open_session
from cds.hooks.trust.jwks import KeySet

TOTAL_S = 5.0
MOST_BYTES = 262_144
_PIECE = 16_384
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"}
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])", re.IGNORECASE)


class Fetched(Struct, frozen=True):
    """The keys of a client, and for how many seconds their publisher says that they are good."""

    keys: KeySet
    max_age: int | None = None


def fetch_jwks(url: str, seconds: float = TOTAL_S) -> Fetched:
    """GET a JWK Set. Raises requests.RequestException, OSError or ValueError."""
    with (
        open_session(Guard(ANYWHERE), 1) as session,
        until(time.monotonic() + seconds),
        session.get(
            url, timeout=seconds, allow_redirects=False, stream=True, headers=_HEADERS
        ) as answer,
    ):
        if answer.status_code != 200:
            raise ValueError("not answered with 200")
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise ValueError("compressed, though that was not asked for")
        keys = KeySet(_body(answer))
        age = _MAX_AGE.search(answer.headers.get("Cache-Control", ""))
        return Fetched(keys, int(age[1]) if age else None)


def _body(answer: requests.Response) -> bytes:
    text = bytearray()
    for piece in answer.iter_content(_PIECE):
        text += piece
        if len(text) > MOST_BYTES:
            raise ValueError("too long")
    return bytes(text)
