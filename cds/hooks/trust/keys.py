"""The public keys of one client: given in the settings, or fetched from its configured address.

The address in a token (`jku`) is never fetched. A thread of the client's own fetches the keys in
the background, when they are due and when a token names a key that is not known; a host that hangs
holds that thread, and no call for longer than `Pace.wait_s`. While a host does not answer, the last
keys stay good for a day.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import structlog
from msgspec import Struct

from cds.hooks.trust.fetch import Fetched, fetch_jwks
from cds.hooks.trust.jwks import Key, KeySet
from cds.metrics import JWKS_FETCHES

log = structlog.get_logger()


class KeySource(Protocol):
    """Where a client's keys come from."""

    def find(self, kid: str, algorithm: str) -> Key | None:
        """The key of that id that fits the algorithm, or None."""
        ...


class FixedKeys:
    """A JWK Set out of the settings."""

    def __init__(self, jwks: Mapping[str, Any]) -> None:
        # Python's own JSON takes what TOML and JSON bring, dates and lone surrogates too
        self._keys = KeySet(json.dumps(dict(jwks), default=str).encode())

    def find(self, kid: str, algorithm: str) -> Key | None:
        return self._keys.find(kid, algorithm)


class Pace(Struct, frozen=True):
    """How often keys are fetched, in seconds, and how long a call waits for them."""

    wait_s: float = 1.0
    """the most that a call waits, counted from the begin of the fetch"""
    soonest_s: float = 60.0
    """the shortest time for which fetched keys are used, whatever their publisher says"""
    stale_s: float = 86_400.0
    """how long keys stay good that can't be fetched again"""
    first_pause_s: float = 1.0
    most_pause_s: float = 15.0
    """after a fetch that failed; each pause is twice the last"""
    burst: int = 4
    refill_s: float = 10.0
    """fetches for unknown keys: so many at once, then one each so often"""
    missing_s: float = 30.0
    """how long a key that a fetch did not bring is not looked for again"""
    most_missing: int = 256


class Seats:
    """Calls that may wait for keys at once: few enough that the others find free threads."""

    def __init__(self, threads: int = 32) -> None:
        self._all = threading.BoundedSemaphore(max(1, threads // 2))
        self._of_one_client = max(1, threads // 4)

    def for_one_client(self) -> tuple[threading.BoundedSemaphore, threading.BoundedSemaphore]:
        """Of one client's calls a quarter of the threads may wait, of all calls one half."""
        return threading.BoundedSemaphore(self._of_one_client), self._all


class FetchedKeys:
    """A JWK Set behind the client's configured URL, fetched anew every `ttl` seconds."""

    def __init__(
        self,
        url: str,
        ttl: float,
        client: str = "",
        seats: Seats | None = None,
        pace: Pace | None = None,
        fetch: Callable[[str], Fetched] = fetch_jwks,
    ) -> None:
        self._url = url
        self._ttl = ttl
        self._client = client
        self._seats = (seats or Seats()).for_one_client()
        self._pace = pace or Pace()
        self._fetch = fetch
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._keys = KeySet()
        self._fetched_at: float | None = None
        self._asked = False
        self._begun: float | None = None
        self._rounds = 0
        self._failures = 0
        self._due = 0.0
        self._fetches = float(self._pace.burst)
        self._counted_at = time.monotonic()
        self._missing: OrderedDict[bytes, float] = OrderedDict()

    def start(self) -> None:
        """Begin to fetch, so that the first call finds the keys."""
        with self._changed:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="keys", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Fetch no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def ready(self, seconds: float) -> None:
        """Wait until the first fetch is over, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._rounds > 0, max(0.0, seconds))

    def find(self, kid: str, algorithm: str) -> Key | None:
        """The key of that id, waiting a moment for a fetch where that could bring it."""
        self.start()
        for _ in range(2):  # a fetch that was under way may have come before the new key
            with self._changed:  # or else a fetch that ends in between would be asked for again
                key = self._usable().find(kid, algorithm)
                rounds = self._wanted(kid) if key is None else None
            if rounds is None:
                return key
            self._wait(rounds)
        return self._usable().find(kid, algorithm)

    def _usable(self) -> KeySet:
        with self._changed:
            at, keys = self._fetched_at, self._keys
        fresh = at is not None and time.monotonic() - at <= self._pace.stale_s
        return keys if fresh else KeySet()

    def _wanted(self, kid: str) -> int | None:
        """Ask for a fetch if a key that is not known is worth one.

        The number of fetches so far, if it is worth to wait for another; while the host fails
        nobody waits: the next attempt comes by itself.
        """
        with self._changed:
            if self._failures:
                return None
            if self._begun is None and not self._asked and self._fetched_at is not None:
                if self._known_missing(kid) or not self._may_fetch(kid):
                    return None
                self._asked = True
                self._changed.notify_all()
            return self._rounds

    def _known_missing(self, kid: str) -> bool:
        asked_at = self._missing.get(_name(kid), -math.inf)
        return time.monotonic() - asked_at < self._pace.missing_s

    def _may_fetch(self, kid: str) -> bool:
        """Whether a fetch for that key is allowed now; it then counts as looked for.

        Forged ids use the allowance up, and others wait no longer than until it is earned again.
        """
        now = time.monotonic()
        earned = (now - self._counted_at) / self._pace.refill_s
        self._counted_at = now
        self._fetches = min(float(self._pace.burst), self._fetches + earned)
        if self._fetches < 1:
            return False
        self._fetches -= 1
        self._missing[_name(kid)] = now
        self._missing.move_to_end(_name(kid))
        if len(self._missing) > self._pace.most_missing:
            self._missing.popitem(last=False)
        return True

    def _wait(self, rounds: int) -> None:
        """Until that fetch is over, or has lasted too long; not where many wait already."""
        with self._seat() as free, self._changed:
            if free:
                until = (self._begun or time.monotonic()) + self._pace.wait_s
                left = max(0.0, until - time.monotonic())
                self._changed.wait_for(lambda: self._rounds > rounds, left)

    @contextmanager
    def _seat(self) -> Iterator[bool]:
        own, all_clients = self._seats
        if not own.acquire(blocking=False):
            yield False
            return
        try:
            free = all_clients.acquire(blocking=False)
            try:
                yield free
            finally:
                if free:
                    all_clients.release()
        finally:
            own.release()

    def _run(self) -> None:
        while self._until_due():
            self._attempt()

    def _until_due(self) -> bool:
        """Sleep until the keys are to be fetched; False when they never are."""
        with self._changed:
            while not (self._asked or self._closed):
                left = self._due - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            self._asked = False
            self._begun = time.monotonic()
            return not self._closed

    def _attempt(self) -> None:
        fetched: Fetched | None = None
        try:
            fetched = self._fetch(self._url)
        except Exception as error:  # whatever the other side made of it: the thread must live
            kind = type(error).__name__
            log.warning("client keys could not be fetched", client=self._client, error=kind)
        JWKS_FETCHES.labels("ok" if fetched else "failed").inc()
        with self._changed:
            now = time.monotonic()
            self._begun = None
            self._rounds += 1
            if fetched is None:
                pause = self._pace.first_pause_s * 2.0 ** min(self._failures, 10)
                self._due = now + min(pause, self._pace.most_pause_s)
                self._failures += 1
            else:
                self._keys, self._fetched_at, self._failures = fetched.keys, now, 0
                self._due = now + self._lifetime(fetched)
            self._changed.notify_all()

    def _lifetime(self, fetched: Fetched) -> float:
        """Until the next fetch: as the settings say, or sooner where the publisher says so."""
        wished = self._ttl if fetched.max_age is None else float(fetched.max_age)
        return min(self._ttl, max(wished, self._pace.soonest_s))


def _name(kid: str) -> bytes:
    """A short name of a key id, which is as long as a token may be."""
    return hashlib.sha256(kid.encode("utf-8", "replace")).digest()
