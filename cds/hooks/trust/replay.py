"""Tokens that were used: each (iss, jti) is good once, until it has expired.

One process remembers in memory. Several share a database or Redis; while that can't be reached,
each process remembers for itself, which is counted and logged: cards matter more than a replay
that needs a stolen token within its few minutes.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from cds.metrics import REPLAY_DEGRADED

MOST_REMEMBERED = 200_000
PAUSE_S = 10.0

log = structlog.get_logger()


class ReplayUnavailable(Exception):
    """The shared memory can't be reached."""


class Replay(Protocol):
    """A memory of used tokens."""

    def first_use(self, iss: str, jti: str, expires: int) -> bool:
        """Remember a token until `expires` (seconds since the epoch); False if it was known."""
        ...


def token_id(iss: str, jti: str) -> str:
    """A fixed-length name of a token, so that a long `jti` costs nothing."""
    return hashlib.sha256(f"{len(iss)}:{iss}{jti}".encode()).hexdigest()


class ProcessReplay:
    """In memory. Expired tokens are forgotten now and then, so that it can't grow for ever."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._expires: dict[str, int] = {}
        self._lock = threading.Lock()
        self._sweep_at = 1000

    def first_use(self, iss: str, jti: str, expires: int) -> bool:
        name = token_id(iss, jti)
        with self._lock:
            if len(self._expires) >= self._sweep_at:
                self._sweep()
            if name in self._expires:
                return False
            self._expires[name] = expires
            return True

    def _sweep(self) -> None:
        now = self._clock()
        self._expires = {name: end for name, end in self._expires.items() if end >= now}
        while len(self._expires) >= MOST_REMEMBERED:  # tokens are signed, so this is a busy client
            self._expires.pop(next(iter(self._expires)))
        self._sweep_at = max(1000, 2 * len(self._expires))


class SharedReplay:
    """A shared memory, with this process's own while the shared one is out of reach."""

    def __init__(self, shared: Replay, clock: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._own = ProcessReplay()
        self._clock = clock
        self._again_at = 0.0

    def first_use(self, iss: str, jti: str, expires: int) -> bool:
        if not self._own.first_use(iss, jti, expires):
            return False
        if self._clock() < self._again_at:
            REPLAY_DEGRADED.inc()
            return True
        try:
            return self._shared.first_use(iss, jti, expires)
        except ReplayUnavailable:
            self._again_at = self._clock() + PAUSE_S
            REPLAY_DEGRADED.inc()
            log.warning("used tokens are remembered by this process only")
            return True
