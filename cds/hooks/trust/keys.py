"""The public keys of one client: given in the settings, or fetched from its configured address.

The address in a token (`jku`) is never fetched. A fetch is bounded in time and size, follows no
redirect, and happens at most once in `RETRY_S` seconds however many unknown key ids arrive; where
it fails, keys that were fetched earlier stay in use for a day.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import jwt
import requests
import structlog

from cds.metrics import JWKS_FETCHES
from cds.wire import InvalidJson, decode

TIMEOUT_S = (2.0, 3.0)
TOTAL_S = 5.0
MOST_BYTES = 262_144
MOST_KEYS = 100
RETRY_S = 60.0
STALE_S = 86_400.0

_KEY_TYPES = {"ES256": ("EC", "P-256"), "ES384": ("EC", "P-384"), "ES512": ("EC", "P-521")}

log = structlog.get_logger()


class KeySource(Protocol):
    """Where a client's keys come from."""

    def find(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        """The key of that id that fits the algorithm, or None."""
        ...


class FixedKeys:
    """A JWK Set out of the settings."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        self._keys = read_jwks(jwks)

    def find(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        return pick(self._keys, kid, algorithm)


class FetchedKeys:
    """A JWK Set behind the client's configured URL, cached for `ttl` seconds."""

    def __init__(
        self,
        url: str,
        ttl: float,
        fetch: Callable[[str], Mapping[str, Any]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._ttl = ttl
        self._fetch = fetch or fetch_jwks
        self._clock = clock
        self._keys: tuple[Mapping[str, Any], ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching = threading.Lock()

    def find(self, kid: str, algorithm: str) -> jwt.PyJWK | None:
        now = self._clock()
        if self._fetched_at is None or now - self._fetched_at > self._ttl:
            self._refresh(now)
        key = pick(self._usable(now), kid, algorithm)
        if key is None and self._refresh(now):  # the client may have rotated its keys
            key = pick(self._usable(now), kid, algorithm)
        return key

    def _usable(self, now: float) -> tuple[Mapping[str, Any], ...]:
        fresh = self._fetched_at is not None and now - self._fetched_at <= STALE_S
        return self._keys if fresh else ()

    def _refresh(self, now: float) -> bool:
        """Fetch, unless that was tried lately; whether it is worth another look at the keys."""
        # the first callers have nothing to go by and wait; later ones use what there is
        if not self._fetching.acquire(timeout=TOTAL_S if self._fetched_at is None else 0):
            return False
        try:
            if self._tried_at is not None and now - self._tried_at < RETRY_S:
                return self._fetched_at is not None
            self._tried_at = now
            self._keys = read_jwks(self._fetch(self._url))
            self._fetched_at = now
            JWKS_FETCHES.labels("ok").inc()
            return True
        except (requests.RequestException, InvalidJson, ValueError) as error:
            JWKS_FETCHES.labels("failed").inc()
            log.warning("client keys could not be fetched", error=type(error).__name__)
            return False
        finally:
            self._fetching.release()


def fetch_jwks(url: str) -> Mapping[str, Any]:
    """GET a JWK Set. Raises requests.RequestException, InvalidJson or ValueError."""
    deadline = time.monotonic() + TOTAL_S
    with requests.get(
        url,
        timeout=TIMEOUT_S,
        allow_redirects=False,
        stream=True,
        headers={"Accept": "application/json"},
    ) as response:
        if response.status_code != 200:
            raise ValueError("not answered with 200")
        text = bytearray()
        for chunk in response.iter_content(16_384):
            text += chunk
            if len(text) > MOST_BYTES or time.monotonic() > deadline:
                raise ValueError("too long, or too slow")
    document = decode(bytes(text))
    if not isinstance(document, dict):
        raise ValueError("not a JWK Set")
    return document


def read_jwks(jwks: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The signature keys of a JWK Set. Raises ValueError when it is none."""
    keys = jwks.get("keys")
    if not isinstance(keys, list):
        raise ValueError("a JWK Set has an array `keys`")
    return tuple(
        key
        for key in keys[:MOST_KEYS]
        if isinstance(key, dict)
        and isinstance(key.get("kid"), str)
        and key.get("kty") in ("EC", "RSA")
        and key.get("use", "sig") == "sig"
    )


def pick(keys: tuple[Mapping[str, Any], ...], kid: str, algorithm: str) -> jwt.PyJWK | None:
    """The key of that id, if it is of the kind that the algorithm needs."""
    kind, curve = _KEY_TYPES.get(algorithm, ("RSA", None))
    for key in keys:
        fits = key["kty"] == kind and key.get("crv") == curve
        if key["kid"] == kid and fits and key.get("alg", algorithm) == algorithm:
            return _built(key, algorithm)
    return None


def _built(key: Mapping[str, Any], algorithm: str) -> jwt.PyJWK | None:
    public = {name: value for name, value in key.items() if name not in _PRIVATE}
    try:
        built = jwt.PyJWK(public, algorithm=algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    strong = key["kty"] == "EC" or built.key.key_size >= 2048
    return built if strong else None


_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""never needed; some test clients publish them all the same"""
