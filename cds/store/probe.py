"""Whether the store can be written: tried once however many ask, and nobody waits for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from cds.store.errors import StoreError

FRESH_S = 1.0
WAIT_S = 2.0
REACHABLE = "reachable"

log = structlog.get_logger()


class Probe:
    """`attempt` writes to the store or raises StoreError."""

    def __init__(
        self, attempt: Callable[[], None], fresh_s: float = FRESH_S, wait_s: float = WAIT_S
    ) -> None:
        self._attempt = attempt
        self._fresh_s = fresh_s
        self._wait_s = wait_s
        self._changed = threading.Condition()
        self._state = REACHABLE
        self._known_at: float | None = None
        self._begun_at: float | None = None

    def state(self) -> str:
        """`reachable`, or the kind of StoreError; from an attempt of this second, or a new one."""
        with self._changed:
            present = time.monotonic()
            if self._begun_at is None:
                if self._known_at is not None and present - self._known_at < self._fresh_s:
                    return self._state
                self._begun_at = present
                threading.Thread(target=self._try, name="probe", daemon=True).start()
            # a wait that has lasted is not begun anew for each who asks
            left = self._begun_at + self._wait_s - present
            if self._changed.wait_for(lambda: self._begun_at is None, max(left, 0)):
                return self._state
            return "unreachable"

    def _try(self) -> None:
        state = "unreachable"
        try:
            self._attempt()
            state = REACHABLE
        except StoreError as error:
            state = error.kind
        finally:
            self._tell(state)

    def _tell(self, state: str) -> None:
        with self._changed:
            if state != self._state:
                log.warning("the store is now", reason=state)
            self._state, self._known_at, self._begun_at = state, time.monotonic(), None
            self._changed.notify_all()
