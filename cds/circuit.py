"""A server that does not answer is left alone for a while: calls to it then fail at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 3
"""calls in a row without any answer, after which the circuit opens"""
REST_S = 5.0
LONGEST_REST_S = 60.0


class Circuit:
    """Closed: calls pass. Open: none does. Half open, after the rest: one tries, alone.

    The rest doubles with each try in vain, up to `longest_rest_s`.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, longest_rest_s: float = LONGEST_REST_S
    ) -> None:
        self._clock = clock
        self._longest_rest = longest_rest_s
        self._lock = threading.Lock()
        self._failures = 0
        self._rest = REST_S
        self._opens_at: float | None = None
        self._trying = False

    def admits(self) -> bool:
        """Whether a call may be made now. Each admitted call is `report`ed."""
        with self._lock:
            if self._opens_at is None:
                return True
            if self._trying or self._clock() < self._opens_at:
                return False
            self._trying = True
            return True

    def report(self, answered: bool) -> None:
        """The server gave an answer to a call, were it an error; or none at all."""
        with self._lock:
            self._trying = False
            if answered:
                self._failures, self._rest, self._opens_at = 0, REST_S, None
                return
            self._failures += 1
            if self._opens_at is not None:
                self._rest = min(self._rest * 2, self._longest_rest)
            if self._failures >= FAILURES:
                self._opens_at = self._clock() + self._rest
