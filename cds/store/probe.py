"""Whether the store can be written: tried once however many ask, and nobody waits for long.

An attempt writes what it takes back: it may miss damage that real rows meet. So damage that
feedback or the audit met counts too, until the same work succeeds or some minutes have passed: a
service that is sent nothing while it is not ready could not show otherwise that it was mended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from cds.store.errors import StoreError

FRESH_S = 1.0
WAIT_S = 2.0
DAMAGED_S = 300.0
"""so long damage that was met counts, at most"""
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
        self._damaged: dict[str, float] = {}

    def met(self, work: str, fault: StoreError | None) -> None:
        """How such work ended just now. Of faults only damage counts: an attempt finds others."""
        if fault is None:
            self._damaged.pop(work, None)
        elif fault.kind == "corrupt":
            self._damaged[work] = time.monotonic()

    def state(self) -> str:
        """`reachable`, or the kind of StoreError; from an attempt of this second, or a new one."""
        state = self._attempted()
        late = time.monotonic() - DAMAGED_S
        damaged = any(when > late for when in list(self._damaged.values()))
        return "corrupt" if damaged and state == REACHABLE else state

    def _attempted(self) -> str:
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
