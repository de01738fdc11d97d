"""What the calls to one FHIR server share: connections, threads, its circuit and its abilities."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from cds.circuit import Circuit
from cds.fhir.server.addresses import Guard
from cds.fhir.server.capability import UNKNOWN, Capability
from cds.fhir.server.transport import open_session

THREADS = 40
"""requests to one server at once"""
CALLS = 12
"""hook calls that may wait for one server at once: the others still find a free thread"""
SEAT_WAIT_S = 0.1
CAPABILITY_TTL_S = 3600.0
CAPABILITY_RETRY_S = 60.0
MOST_SERVERS = 64


class Busy(Exception):
    """The server may not be asked now; the text says why."""


class Server:
    """One FHIR server, by its base URL. A slow one holds up nobody but its own callers."""

    def __init__(self, base: str, guard: Guard) -> None:
        self.base = base.rstrip("/") + "/"
        self.session = open_session(guard, THREADS)
        self.circuit = Circuit()
        self._pool: ThreadPoolExecutor | None = None
        self._seats = threading.BoundedSemaphore(CALLS)
        self._lock = threading.Lock()
        self._capability = UNKNOWN
        self._ask_again = 0.0
        self._no_batch_until = 0.0

    @property
    def pool(self) -> ThreadPoolExecutor:
        """Threads for requests to this server, started when first needed."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="fhir")
            return self._pool

    @contextmanager
    def call(self, heard: Callable[[], bool]) -> Iterator[None]:
        """A seat for one hook call. Raises Busy when the circuit is open or all seats are taken.

        `heard` tells, at its end, whether the server gave any answer.
        """
        if not self._seats.acquire(timeout=SEAT_WAIT_S):
            raise Busy("too many calls wait for the FHIR server")
        try:
            if not self.circuit.admits():
                raise Busy("the FHIR server gave no answer a moment ago")
            try:
                yield
            finally:
                self.circuit.report(heard())
        finally:
            self._seats.release()

    @property
    def capability(self) -> Capability:
        """What is known of the server now; nothing, before it was read."""
        return self._capability

    @property
    def batches(self) -> bool:
        """Whether a batch is worth a try."""
        return self._capability.batch and time.monotonic() >= self._no_batch_until

    def no_batch(self) -> None:
        """A batch failed: ask singly for as long as the capability is believed."""
        self._no_batch_until = time.monotonic() + CAPABILITY_TTL_S

    def learn(self, ask: Callable[[], Capability | None]) -> None:
        """Read the capability in the background when it is due. Nobody waits for it."""
        with self._lock:
            if time.monotonic() < self._ask_again:
                return
            self._ask_again = time.monotonic() + CAPABILITY_RETRY_S

        def read() -> None:
            found = ask()
            if found is not None:
                self._capability = found
                self._ask_again = time.monotonic() + CAPABILITY_TTL_S

        self.pool.submit(read)

    def close(self) -> None:
        """Let go of connections and threads."""
        self.session.close()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


_servers: OrderedDict[tuple[str, Guard], Server] = OrderedDict()
_servers_lock = threading.Lock()


def server_at(base: str, guard: Guard) -> Server:
    """The one Server of a base URL in this process."""
    key = (base.rstrip("/") + "/", guard)
    with _servers_lock:
        server = _servers.pop(key, None) or Server(base, guard)
        _servers[key] = server
        if len(_servers) > MOST_SERVERS:
            _servers.popitem(last=False)  # calls to it may be under way: they finish, and it ends
        return server
