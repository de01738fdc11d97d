"""Tokens that were used: each (iss, jti) is good once, until it has expired.

All workers share a memory: a file of the machine, PostgreSQL or Redis. Each process has its own
besides, which answers at once for what it saw itself, and alone where the shared one is away. Then
nobody can tell whether a token was used elsewhere, and the settings say what that means: `accept`,
since cards matter more than a replay that needs a stolen token within its few minutes, or `refuse`.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from cds.metrics import REPLAY_DEGRADED
from cds.store.probe import REACHABLE
from cds.store.tokens import Claim

MARGIN_S = 900
"""tokens are remembered so much longer than they are good, lest a clock goes back"""
MOST_REMEMBERED = 200_000
"""tokens in the memory of a process: some 40 MB"""


class ReplayUnavailable(Exception):
    """Nobody can tell now whether a token was used."""


class Use(Struct, frozen=True):
    """A token that is about to be used. Times in seconds since the epoch."""

    iss: str
    jti: str
    issued: float
    expires: int


class Shared(Protocol):
    """A memory that several processes share."""

    @property
    def began(self) -> float:
        """What was used before may have been forgotten. Seconds since the epoch."""
        ...

    def state(self) -> str:
        """`reachable`, or what is wrong with it. Nobody waits for it."""
        ...

    def first_use(self, claim: Claim) -> bool:
        """Whether the claim is the first of its token. Raises ReplayUnavailable."""
        ...


def token_id(iss: str, jti: str) -> str:
    """A fixed-length name of a token, so that a long `jti` costs nothing."""
    return hashlib.sha256(f"{len(iss)}:{iss}{jti}".encode()).hexdigest()


class OwnMemory:
    """In memory, for at least `seconds`: what is older than that is dropped all at once.

    Two generations make that cheap, and independent of the wall clock.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.began = time.time()
        self._seconds = seconds
        self._clock = clock
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()
        self._turn_at = clock() + seconds
        self._lock = threading.Lock()

    def first_use(self, token: str) -> bool | None:
        """Remember a token; False if it was known, None where there is no room for it."""
        name = bytes.fromhex(token)
        with self._lock:
            if self._clock() >= self._turn_at:
                quiet = self._clock() >= self._turn_at + self._seconds
                self._old, self._young = set() if quiet else self._young, set()
                self._turn_at = self._clock() + self._seconds
            if name in self._young or name in self._old:
                return False
            if len(self._young) + len(self._old) >= MOST_REMEMBERED:
                return None
            self._young.add(name)
            return True

    def withdraw(self, token: str) -> None:
        """Forget a token that was not used in the end."""
        with self._lock:
            self._young.discard(bytes.fromhex(token))


class Replay:
    """Whether tokens are new, as far as anybody knows."""

    def __init__(self, own: OwnMemory, shared: Shared | None, skew_s: float, refuse: bool) -> None:
        """`refuse` what nobody can tell, or accept and count it. Clocks differ by `skew_s`."""
        self._own = own
        self._shared = shared
        self._skew_s = skew_s
        self._refuse = refuse

    def first_use(self, use: Use) -> bool:
        """Remember a token; False if it was used. Raises ReplayUnavailable."""
        token = token_id(use.iss, use.jti)
        own = self._own.first_use(token)
        if own is False:
            return False
        try:
            return self._first_anywhere(use, token, own is not None)
        except ReplayUnavailable:
            if self._refuse:
                self._own.withdraw(token)
                raise
            REPLAY_DEGRADED.inc()
            return True

    def state(self) -> str:
        """`reachable`; `new` while it can vouch for no token yet; or what is wrong with it."""
        state = REACHABLE if self._shared is None else self._shared.state()
        if state == REACHABLE and time.time() < self._began + self._skew_s:
            return "new"
        return state

    @property
    def _began(self) -> float:
        return self._own.began if self._shared is None else self._shared.began

    def _first_anywhere(self, use: Use, token: str, remembered: bool) -> bool:
        if self._shared is None:
            new = remembered
            if not remembered:
                raise ReplayUnavailable
        else:
            new = self._shared.first_use(Claim(token, use.expires + MARGIN_S, secrets.token_hex(8)))
        if new and use.issued < self._began + self._skew_s:  # it may have been used before that
            raise ReplayUnavailable
        return new
