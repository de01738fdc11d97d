"""Work on the store, on threads of its own: who asks waits so long and no longer.

Whatever holds the database (a stopped server, a disk that hangs, a name that is not resolved) holds
these few threads, and not those that answer calls. After some calls in a row without an answer
nobody waits at all. A thread then knocks until there is one: no caller has to try, and none is
refused because another one is trying.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from typing import Any, TypeVar

from cds.store.errors import StoreError

FAILURES = 3
"""calls in a row without an answer, after which nobody waits"""
KNOCK_S = 1.0

Answer = TypeVar("Answer")


class Bulkhead:
    """So many threads, and at most so many callers at once, those that wait included.

    The threads start with the first work, so after a worker was forked.
    """

    def __init__(
        self, threads: int, inside: int, knock: Callable[[], object], knock_s: float = KNOCK_S
    ) -> None:
        """`knock` asks something of the store, and raises StoreError when it is unreachable."""
        self._knock = knock
        self._knock_s = knock_s
        self._failures = 0
        self._away = False
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(inside)
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._wanted = threads
        self._starting = threading.Lock()

    def run(self, work: Callable[[], Answer], seconds: float) -> Answer:
        """What `work` returns or raises.

        Raises StoreError when it takes longer: it may be done all the same then, later.
        """
        if not self._room.acquire(blocking=False):
            raise StoreError("busy")
        if self._away:
            self._room.release()
            raise StoreError("unreachable")
        result: Future[Answer] = Future()
        result.add_done_callback(lambda _done: self._room.release())
        self._start()
        self._work.put((result, work))
        return self._outcome(result, seconds)

    def _outcome(self, result: Future[Answer], seconds: float) -> Answer:
        try:
            answer = result.result(seconds)
        except NotInTime:
            result.cancel()  # what was not begun is never done
            self._report(False)
            raise StoreError("unreachable") from None
        except StoreError as error:
            self._report(error.kind != "unreachable")
            raise
        except BaseException:
            self._report(True)
            raise
        self._report(True)
        return answer

    def _report(self, answered: bool) -> None:
        """There was an answer, were it an error; or none at all."""
        with self._lock:
            self._failures = 0 if answered else self._failures + 1
            if self._failures < FAILURES or self._away:
                return
            self._away = True
        threading.Thread(target=self._until_answered, name="knock", daemon=True).start()

    def _until_answered(self) -> None:
        while True:
            time.sleep(self._knock_s)
            try:
                self._knock()
            except StoreError as error:
                if error.kind == "unreachable":
                    continue
            except Exception:  # noqa: S110  # an answer, whatever it says
                pass
            with self._lock:
                self._failures, self._away = 0, False
            return

    def _start(self) -> None:
        if not self._wanted:
            return
        with self._starting:
            while self._wanted:
                threading.Thread(target=self._run, name="store", daemon=True).start()
                self._wanted -= 1

    def _run(self) -> None:
        while True:
            result, work = self._work.get()
            if not result.set_running_or_notify_cancel():
                continue
            try:
                result.set_result(work())
            except BaseException as error:  # it is raised where it was asked for
                result.set_exception(error)
            del result, work
