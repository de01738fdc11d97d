"""Answers that nobody takes: a client that does not read, or a byte a second.

An answer of some kilobytes fits into the buffers of the system. A longer one stays in the memory of
the process until the client has taken it, which the server does not tell. So the sockets are looked
at: of those that have data to send at look after look, each may hold one long answer, and one that
takes hardly anything all that time is cut. Only Linux tells enough of a socket; elsewhere answers
are not watched.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from cds.metrics import TURNED_AWAY

LONG = 65_536
"""bytes of an answer that is counted"""
LOOK_S = 2.0
SLOWEST = 8_000
"""bytes a second that a client takes at least"""
_NOT_SENT = 0x894B
"""SIOCOUTQNSD: bytes in the send buffer that the other side has no room for yet"""
_ACKNOWLEDGED = struct.Struct("120xQ")
"""`tcpi_bytes_acked` in `struct tcp_info`"""

Key = tuple[int, int]
"""descriptor and inode: a descriptor is used again, with another inode"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A connection that has had data to send since a look, and what it had taken then."""

    since: float
    taken: int


class Readers:
    """The clients of one process that are slow to read, at the port that it listens on."""

    def __init__(self, port: int, room: int, timeout_s: float) -> None:
        self._port = port
        self._room = room
        self._timeout_s = timeout_s
        self._looked = monotonic()
        self._seen: dict[Key, Seen] = {}
        self._lock = threading.Lock()
        self._long: list[tuple[float, int]] = []
        """long answers that may not be taken yet: when, and of how many bytes"""

    def room(self, length: int) -> bool:
        """Whether an answer may be sent now; if so it is counted."""
        if length < LONG or not sys.platform.startswith("linux"):
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
        seen: dict[Key, Seen] = {}
        again = 0
        for key, connection in _with_data_to_send(self._port):
            with connection:
                first = self._seen.get(key)
                again += first is not None
                seen[key] = self._judged(connection, first, now)
        self._seen = seen
        with self._lock:
            fresh = [answer for answer in self._long if answer[0] >= before]
            older = [answer for answer in self._long if answer[0] < before]
            older.sort(key=lambda answer: answer[1], reverse=True)
            self._long = older[:again] + fresh

    def _judged(self, connection: socket.socket, first: Seen | None, now: float) -> Seen:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKNOWLEDGED.size)
        (taken,) = _ACKNOWLEDGED.unpack(info)
        if first is None:
            return Seen(now, taken)
        lasted = now - first.since
        if lasted <= self._timeout_s:
            return first
        if taken - first.taken < SLOWEST * lasted:
            TURNED_AWAY.labels("slow-reader").inc()
            with suppress(OSError):  # it is gone already
                connection.shutdown(socket.SHUT_RDWR)
        return Seen(now, taken)


def _with_data_to_send(port: int) -> Iterator[tuple[Key, socket.socket]]:
    """Connections to a port of this process that have data to send, each by a handle of its own."""
    count = array.array("i", [0])
    for name in os.listdir("/proc/self/fd"):
        count[0] = 0
        try:
            fcntl.ioctl(int(name), _NOT_SENT, count)
            if count[0] == 0:
                continue
            connection = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue  # no connection, or closed meanwhile
        try:
            if connection.getsockname()[1] == port:
                yield (int(name), os.fstat(connection.fileno()).st_ino), connection
        except (OSError, IndexError):
            pass
        finally:
            connection.close()
