"""One thread asks the shared memory of used tokens, for all calls of a process.

Calls that come together are settled together, and a memory that hangs holds that thread and, for a
moment, the calls that wait for it; those that come later are told at once that it is away. While it
is away the thread tries it, and tells it in the end what was accepted meanwhile.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from itertools import islice
from typing import TypeAlias

import structlog

from cds.hooks.trust.replay import ReplayUnavailable
from cds.metrics import REPLAY_TWICE
from cds.store.database import StoreError
from cds.store.tokens import Claim, UsedTokens

PATIENCE_S = 2.0
"""how long the memory may take before it counts as away: a busy one is not"""
OPENING_S = 5.0
"""how long the start of a worker waits for it"""
LONGEST_S = 10.0
"""the most that a call waits on a machine that is too busy to ask the memory"""
AGAIN_S = 0.05
PAUSE_S = 0.5
SWEEP_S = 60.0
MOST_AT_ONCE = 256
MOST_LATE = 100_000

_Waiting: TypeAlias = "tuple[Claim, Future[bool]]"

log = structlog.get_logger()


class SharedClaims:
    """The shared memory, as the calls see it."""

    def __init__(self, tokens: UsedTokens, accepts: bool, patience_s: float = PATIENCE_S) -> None:
        """`accepts`: a call is served though the memory is away, which it then learns later."""
        self._tokens = tokens
        self._accepts = accepts
        self._patience_s = patience_s
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._opened = threading.Event()
        self._away = False
        self._fault = "no answer"
        self._closed = False
        self._since: float | None = None
        self._sweep_at = time.monotonic()
        self._late: OrderedDict[str, Claim] = OrderedDict()

    @property
    def began(self) -> float:
        return self._tokens.began

    def start(self, wait_s: float = OPENING_S) -> None:
        """Open the memory before the first call: it knows of what is used from then on."""
        with self._lock:
            self._begin()
        self._opened.wait(wait_s)

    def first_use(self, claim: Claim) -> bool:
        waiting: Future[bool] = Future()
        with self._lock:
            if self._away or self._hangs():
                self._keep_late(claim)
                raise ReplayUnavailable
            self._begin()
        self._queue.put((claim, waiting))
        most = time.monotonic() + LONGEST_S
        while True:
            try:
                return waiting.result(self._patience_s / 16)
            except NotYet:
                if self._hangs() or time.monotonic() > most:
                    return self._given_up(claim, waiting)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="replay", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._queue.put(None)

    def _hangs(self) -> bool:
        since = self._since
        return since is not None and time.monotonic() - since > self._patience_s

    def _given_up(self, claim: Claim, waiting: Future[bool]) -> bool:
        with self._lock:
            if waiting.done():
                return waiting.result()
            waiting.cancel()
            self._keep_late(claim)
            self._turn(away=self._away or self._hangs())
        raise ReplayUnavailable

    def _keep_late(self, claim: Claim) -> None:
        if self._accepts and len(self._late) < MOST_LATE:
            self._late[claim.owner] = claim

    def _run(self) -> None:
        self._sweep()
        self._opened.set()
        while not self._closed:
            batch = self._next()
            if batch:
                self._settle(batch)
            if self._away or self._late:
                self._try_again()
            elif time.monotonic() >= self._sweep_at:
                self._sweep()
        self._tokens.close()

    def _next(self) -> list[_Waiting]:
        """The calls that wait; none after a while in which nobody came."""
        pause = PAUSE_S if self._away or self._late else max(0.0, self._sweep_at - time.monotonic())
        batch: list[_Waiting] = []
        try:
            found = self._queue.get(timeout=pause)
            while found is not None:
                if found[1].set_running_or_notify_cancel():
                    batch.append(found)
                if len(batch) == MOST_AT_ONCE:
                    break
                found = self._queue.get_nowait()
        except queue.Empty:
            pass
        return batch

    def _settle(self, batch: list[_Waiting]) -> None:
        # those that came while the last ones found it away have waited: not as long again
        self._since = None if self._away else time.monotonic()
        first = None if self._away else self._claimed([claim for claim, _ in batch])
        with self._lock:
            self._since = None
            for claim, waiting in batch:
                if first is None:
                    self._keep_late(claim)
                    waiting.set_exception(ReplayUnavailable())
                    continue
                accepted = self._late.pop(claim.owner, None) is not None
                self._count_twice(accepted and claim.owner not in first)
                waiting.set_result(claim.owner in first)
            self._turn(away=first is None or bool(self._late))

    def _claimed(self, claims: list[Claim]) -> set[str] | None:
        """The owners that were first; None when the memory did not answer in time."""
        while True:
            try:
                return self._tokens.claim(claims)
            except Exception as error:  # whatever it is: the thread must live
                self._fault = _told(error)
                if self._hangs():
                    return None
                time.sleep(AGAIN_S)

    def _turn(self, away: bool) -> None:
        if away and not self._away:
            log.warning("used tokens can't be checked", error=self._fault)
        if self._away and not away:
            log.info("used tokens are checked again")
            self._fault = "no answer"
        self._away = away

    def _try_again(self) -> None:
        """Sweep, as a question whether it is there, then tell it what it missed."""
        try:
            self._tokens.forget(int(time.time()))
            while late := self._some_late():
                first = self._tokens.claim(late)
                with self._lock:
                    for claim in late:
                        if self._late.pop(claim.owner, None) is not None:
                            self._count_twice(claim.owner not in first)
        except Exception:
            return
        with self._lock:
            self._turn(away=bool(self._late))

    def _some_late(self) -> list[Claim]:
        with self._lock:
            return list(islice(self._late.values(), MOST_AT_ONCE))

    def _count_twice(self, twice: bool) -> None:
        if twice:
            REPLAY_TWICE.inc()
            log.warning("a token was accepted twice while used tokens could not be checked")

    def _sweep(self) -> None:
        allowed = 0.0 if self._opened.is_set() else OPENING_S
        self._since = time.monotonic() + allowed
        try:
            more = self._tokens.forget(int(time.time()))
        except Exception as error:
            log.warning("used tokens were not swept", error=_told(error))
            more = False
        self._since = None
        self._sweep_at = time.monotonic() + (0.0 if more else SWEEP_S)


def _told(error: Exception) -> str:
    """What went wrong, without a value: the store's own words, of others their kind."""
    return str(error) if isinstance(error, StoreError) else type(error).__name__
