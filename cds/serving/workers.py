"""The server processes: each that ends, by whatever cause, is replaced while the others serve.

Granian's own supervision ends the service when a worker dies twice within seconds, and makes a
thread for each worker beside the forks. Here the parent has one thread, which waits for the
workers themselves, and for a sign of life that each of them sends:

- a worker that ends is started again, at once if it had lived for a while, else after a pause that
  grows to a few seconds;
- one that gives no sign for long (it is stopped, or computes without end) is killed, and replaced;
- the service ends on SIGTERM and SIGINT, or when no worker ever came up;
- workers whose parent is gone are killed: whatever they are doing, nothing may hold the port that
  the next service needs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from time import monotonic
from typing import Any

import structlog
from granian.net import SocketHolder
from granian.server.mp import MPServer

from cds.metrics import WORKERS_REPLACED

SETTLED_S = 10.0
"""a worker that lived so long is replaced at once"""
PAUSE_S = 0.25
LONGEST_PAUSE_S = 4.0
SILENT_S = 30.0
"""a worker without a sign of life for so long is killed"""
BEGIN_S = 90.0
"""so long it may be silent while it begins"""
LOOK_S = 1.0
PR_SET_PDEATHSIG = 1

log = structlog.get_logger()


class Life:
    """A worker's end of its pipe: it says that it lives, or why it can't. Never waits.

    It lives no longer than its parent.
    """

    def __init__(self, pipe: Connection, parent: int) -> None:
        self._pipe = pipe
        self._parent = parent
        os.set_blocking(pipe.fileno(), False)
        _die_with_parent()
        self._end_without_parent()  # it may be gone since before the line above

    def beat(self) -> None:
        """A sign of life."""
        self._end_without_parent()  # where the system does not see to it
        self._tell(b".")

    def _end_without_parent(self) -> None:
        """Not by a drain: that takes as long as the slowest request, and holds the port."""
        if os.getppid() != self._parent:
            os.kill(os.getpid(), signal.SIGKILL)

    def fail(self, reason: str) -> None:
        """Why this worker ends."""
        self._tell(b"!" + reason.encode())

    def _tell(self, text: bytes) -> None:
        with suppress(OSError):  # the parent is not reading now, or gone
            os.write(self._pipe.fileno(), text)


def _die_with_parent() -> None:
    """Have the system kill this process when its parent ends, even one that is stopped."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@dataclass(slots=True)
class Place:
    """One of the workers that there should be."""

    pipe: Connection
    began: float
    heard: float
    pause: float = 0.0
    due: float | None = None
    """when the next one is started, where there is none now"""
    up: bool = False
    """whether one ever served"""
    ended: bool = False
    """whether one ever ended"""
    reason: str = ""

    def listen(self, now: float) -> None:
        """Take what the worker said since."""
        told = b""
        with suppress(OSError):  # nothing there
            told = os.read(self.pipe.fileno(), 65_536)
        beats, failed, reason = told.partition(b"!")
        if failed:
            self.reason = reason.decode(errors="replace")
        if beats:
            self.up = True
            self.heard = now


class Workers(MPServer):  # type: ignore[misc]
    """Granian's server with this supervision, on a socket that the workers share.

    `on_death` is called with the number of a worker that ended. After `serve`, `never_up` is the
    reason if no worker could begin to serve.
    """

    def __init__(
        self, listener: socket.socket, on_death: Callable[[int], None], **options: Any
    ) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__("", address=host, port=port, **options)
        self.never_up: str | None = None
        self._listener = listener
        self._on_death = on_death
        self._places: dict[int, Place] = {}
        self._wakes, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    def _init_shared_socket(self) -> None:
        self._ssp = None
        self._sso = self._listener
        self._sfd = self._listener.fileno()
        self._shd = SocketHolder(self._sfd, False, self.backlog)

    # Granian's own handlers take a lock, which a second signal within the first (Ctrl-C, or whoever
    # signals a process and its group) would wait for for ever; nothing here waits for its event

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        self.interrupt_signal = True
        self._look_now()

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        self.reload_signal = True
        self._look_now()

    def _look_now(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._wake, b"!")

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        pipe, told = Pipe(duplex=False)
        os.set_blocking(pipe.fileno(), False)
        worker = super()._spawn_worker(
            idx, target, partial(callback_loader, idx, told, os.getpid())
        )
        worker._watch = lambda: None  # no thread: this process forks again
        now = monotonic()
        place = self._places.get(idx)
        if place is None:
            place = self._places[idx] = Place(pipe, now, now)
        place.pipe, place.began, place.due = pipe, now, None
        place.heard = now + BEGIN_S - SILENT_S
        return worker

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        looked = monotonic()
        while not self.interrupt_signal:
            if self.reload_signal:
                self._reload(spawn_target, target_loader)
            self._wait()
            now = monotonic()
            if now - looked > 5 * LOOK_S:  # this process stood still itself
                for place in self._places.values():
                    place.heard = now
            looked = now
            for idx, place in self._places.items():
                if place.due is None:
                    self._check(idx, place, now)
                elif place.due <= now:
                    WORKERS_REPLACED.inc()
                    self.wrks[idx] = self._spawn_worker(idx, spawn_target, target_loader)
                    self.wrks[idx].start()
            if all(place.ended and not place.up for place in self._places.values()):
                self.never_up = self._places[0].reason
                return

    def _wait(self) -> None:
        """Until there may be something to do."""
        now = monotonic()
        workers = [self.wrks[idx] for idx, place in self._places.items() if place.due is None]
        due = [place.due - now for place in self._places.values() if place.due is not None]
        watched = [self._wakes, *(worker.inner.sentinel for worker in workers)]
        if self._wakes in wait(watched, max(0.0, min([LOOK_S, *due]))):
            os.read(self._wakes, 4096)

    def _check(self, idx: int, place: Place, now: float) -> None:
        worker = self.wrks[idx]
        place.listen(now)
        if worker.is_alive():
            if now - place.heard > SILENT_S:
                log.error("a worker stands still: killed", key=f"worker {idx + 1}")
                worker.kill()
            return
        place.listen(now)
        lived = now - place.began
        place.pause = (
            0.0 if lived > SETTLED_S else min(max(PAUSE_S, place.pause * 2), LONGEST_PAUSE_S)
        )
        place.due = now + place.pause
        place.ended = True
        place.reason = place.reason or f"a worker ended with {worker.inner.exitcode}"
        log.error(
            "a worker ended: replaced",
            key=f"worker {idx + 1}",
            status=worker.inner.exitcode,
            ms=round(place.pause * 1000),
        )
        self._on_death(idx + 1)
