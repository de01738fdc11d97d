"""Answers that nobody takes: a client that does not read, or a byte a second.

An answer of some kilobytes fits into the buffers of the system. A longer one stays in the memory of
the process until the client has taken it, which the server does not tell. So the sockets are
looked at: one whose data have been waiting at every look for too long is cut, and answers that are
long are refused while too many bytes of them may be waiting.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import sys
import termios
import threading
from time import monotonic

from cds.metrics import TURNED_AWAY

LONG = 65_536
"""bytes of an answer that is counted"""
LOOK_S = 2.0


class Readers:
    """The clients of one process that are slow to read, at the port that it listens on."""

    def __init__(self, port: int, room: int, timeout_s: float) -> None:
        self._port = port
        self._room = room
        self._timeout_s = timeout_s
        self._looked = monotonic()
        self._waiting: dict[tuple[int, int], float] = {}  # descriptor and inode, since when
        self._lock = threading.Lock()
        self._long: list[tuple[float, int]] = []  # when, and how many bytes, the oldest first

    def room(self, length: int) -> bool:
        """Whether an answer may be sent now; if so it is counted."""
        if length < LONG:
            return True
        with self._lock:
            if self._long and sum(size for _, size in self._long) + length > self._room:
                return False
            self._long.append((monotonic(), length))
            return True

    def sweep(self) -> None:
        """Look at the sockets, if it is time to."""
        now = monotonic()
        if now - self._looked < LOOK_S or not sys.platform.startswith("linux"):
            return
        before, self._looked = self._looked, now
        waiting = {key: self._waiting.get(key, now) for key in _unsent()}
        for key, since in list(waiting.items()):
            if now - since > self._timeout_s and self._cut(*key):
                TURNED_AWAY.labels("slow-reader").inc()
        self._waiting = waiting
        # what was sent before the last look is taken, unless somebody has been slow since
        slow = any(since < now for since in waiting.values())
        until = now - self._timeout_s - 2 * LOOK_S if slow else before
        with self._lock:
            self._long = [(at, size) for at, size in self._long if at > until]

    def _cut(self, descriptor: int, inode: int) -> bool:
        try:
            own = os.dup(descriptor)
        except OSError:
            return False
        if os.fstat(own).st_ino != inode:
            os.close(own)
            return False
        with socket.socket(fileno=own) as connection:
            try:
                if connection.getsockname()[1] != self._port:
                    return False
                connection.shutdown(socket.SHUT_RDWR)
            except (OSError, IndexError):
                return False
        return True


def _unsent() -> list[tuple[int, int]]:
    """Sockets of this process with data that the other side has not taken: descriptor, inode."""
    found: list[tuple[int, int]] = []
    count = array.array("i", [0])
    for name in os.listdir("/proc/self/fd"):
        descriptor = int(name)
        count[0] = 0
        try:
            fcntl.ioctl(descriptor, termios.TIOCOUTQ, count)
            if count[0] > 0:
                found.append((descriptor, os.fstat(descriptor).st_ino))
        except OSError:
            continue  # no socket, or closed meanwhile
    return found
