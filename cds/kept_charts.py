"""Charts that were read lately: an order is selected, signed and selected again within minutes.

What is kept is a chart and the history that was made of it, nothing of an order and nothing of an
answer. It is found again by a keyed digest of whose it is and of every byte that it was read from:
who can't send the same chart again for the same client and patient finds nothing. What a FHIR
server added, and what was cut for want of time, is not kept.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b

from msgspec import Struct

from cds.allowance import Clock
from cds.chart.entries import Chart
from cds.history.model.history import History

MOST = 500
"""charts; a worker has no more sessions at once, and the bytes bind first"""
GROWTH = 4
"""bytes that a chart and its history take for each byte of prefetch: measured 1.9 to 3.4 in charts
of 14 kB to 1.4 MB"""
_OF_AN_ENTRY = 3_500
"""bytes that an entry takes at most, however few it was read from: measured 3,337, of an order
of a drug that nobody knows, and nothing else"""
_LEAST = 60_000
"""bytes that any chart takes: measured 58,000 of one of 12 resources"""

Later = Callable[[float, Callable[[], None]], None]
"""So many seconds from now, in another thread."""


class Key(Struct, frozen=True):
    """What a chart is found by, and the bytes that it is read from."""

    digest: bytes
    size: int


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A chart that was read, with its history where that was made. It is patient data: no repr."""

    chart: Chart
    history: History | None = None


class KeptCharts:
    """At most so many bytes of charts, each for so many seconds from when it was read.

    Those that were not asked for longest go first. One instance serves all threads of a process.
    """

    def __init__(
        self,
        most_bytes: int,
        seconds: float,
        clock: Clock = time.monotonic,
        later: Later | None = None,
    ) -> None:
        self._most_bytes, self._seconds = most_bytes, seconds
        self._clock, self._later = clock, later or _in_a_thread
        self._secret = secrets.token_bytes(32)  # of this process: no digest means anything outside
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, tuple[float, int, Seen]] = OrderedDict()
        """by digest: when it is dropped, its bytes, and what is kept"""
        self._bytes = 0
        self._waiting = False

    def key(self, whose: Iterable[str | None], read_from: Iterable[bytes | memoryview]) -> Key:
        """`whose`: what the chart must have in common, besides all bytes that it is read from."""
        digest, size = blake2b(key=self._secret, digest_size=32), 0
        for name in whose:
            told = b"" if name is None else name.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % (-1 if name is None else len(told)))
            digest.update(told)
        for part in read_from:
            digest.update(b"%d:" % len(part))
            digest.update(part)
            size += len(part)
        return Key(digest.digest(), size)

    def get(self, key: Key) -> Seen | None:
        """What is kept under the key, if it is there still."""
        with self._lock:
            found = self._kept.get(key.digest)
            if found is None or found[0] <= self._clock():
                return None
            self._kept.move_to_end(key.digest)
            return found[2]

    def keep(self, key: Key, seen: Seen) -> None:
        """Keep a chart that was read as a whole; one that alone takes all the room is not."""
        takes = _bytes_of(seen.chart, key.size)
        if seen.chart.cut or takes > self._most_bytes:
            return
        # of the request itself nothing is held: the little JSON that a chart has becomes a copy
        apart = replace(seen.chart, referred=seen.chart.referred.apart())
        with self._lock:
            self._drop(key.digest)
            until = self._clock() + self._seconds
            self._kept[key.digest] = until, takes, replace(seen, chart=apart)
            self._bytes += takes
            while self._bytes > self._most_bytes or len(self._kept) > MOST:
                self._drop(next(iter(self._kept)))
            waiting, self._waiting = self._waiting, True
        if not waiting:
            self._later(self._seconds, self._drop_expired)

    def _drop(self, digest: bytes) -> None:
        found = self._kept.pop(digest, None)
        self._bytes -= found[1] if found is not None else 0

    def _drop_expired(self) -> None:
        """Drop what its time is over for, though nobody calls any more."""
        with self._lock:
            now = self._clock()
            for digest in [digest for digest, kept in self._kept.items() if kept[0] <= now]:
                self._drop(digest)
            first = min((kept[0] for kept in self._kept.values()), default=None)
            self._waiting = first is not None
        if first is not None:
            self._later(first - now, self._drop_expired)


def _bytes_of(chart: Chart, read_from: int) -> int:
    """The memory that a chart takes with its history, for as much as that can be told."""
    entries = sum(
        map(
            len,
            (chart.conditions, chart.results, chart.allergies, chart.procedures, chart.services,
             chart.medications, chart.encounters, chart.unread, chart.overlong, chart.left_out),
        )
    )  # fmt: skip
    return max(read_from * GROWTH, entries * _OF_AN_ENTRY, _LEAST)


def _in_a_thread(seconds: float, do: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, do)
    timer.daemon = True
    timer.start()
