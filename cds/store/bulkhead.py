"""Work on the store, on threads of its own: who asks waits so long and no longer.

Whatever holds the database (a stopped server, a disk that hangs, a name that is not resolved) holds
these few threads, and not those that answer calls. After some time-outs in a row nobody waits at
all, until one try gets an answer.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from time import monotonic
from typing import Any, TypeVar

from cds.circuit import REST_S, Circuit
from cds.store.errors import StoreError

Answer = TypeVar("Answer")


class Bulkhead:
    """So many threads, and at most so many callers at once, those that wait included.

    One more waits up to `room_s` for another to leave, unless the last one got no answer.

    The threads start with the first work, so after a worker was forked.
    """

    def __init__(
        self, threads: int, inside: int, circuit: Circuit | None = None, room_s: float = 0.0
    ) -> None:
        self._circuit = circuit or Circuit(longest_rest_s=REST_S)
        self._room = threading.BoundedSemaphore(inside)
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = queue.SimpleQueue()
        self._room_s = room_s
        self._well = True
        self._wanted = threads
        self._starting = threading.Lock()

    def run(self, work: Callable[[], Answer], seconds: float) -> Answer:
        """What `work` returns or raises.

        Raises StoreError when it takes longer: it may be done all the same then, later.
        """
        until = monotonic() + seconds
        if not self._room.acquire(timeout=self._room_s if self._well else 0):
            raise StoreError("crowded")
        if not self._circuit.admits():
            self._room.release()
            raise StoreError("unreachable")
        result: Future[Answer] = Future()
        result.add_done_callback(lambda _done: self._room.release())
        self._start()
        self._work.put((result, work))
        return self._outcome(result, max(0.0, until - monotonic()))

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
        self._well = answered
        self._circuit.report(answered)

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
