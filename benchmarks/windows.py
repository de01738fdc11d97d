"""Windows of calls to two servers by turns: what disturbs one of a pair disturbs the other."""

from __future__ import annotations

import http.client
import os
import statistics
import threading
import time
from dataclasses import dataclass

from benchmarks.feeds import Feed, Make
from benchmarks.servers import Server, cpu_of, post

WINDOWS = int(os.environ.get("BENCH_WINDOWS", "7"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "0.7"))
FEWEST = 3
"""counted calls of a window, however slow they are, where nothing else is said"""
APART = 1_000_013
"""between the numbers of two feeds: they never meet, nor stand at the same place in a mix"""


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds a counted call: by the clock, the median; of the processor, the mean."""

    time: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians over the windows: the service to the floor, and each in milliseconds."""

    cpu_ratio: float
    time_ratio: float
    cpu_ms: float
    floor_cpu_ms: float
    time_ms: float
    floor_time_ms: float


def compare(
    service: Server, floor: Server, make: Make, cycle: int = 1, fewest: int = FEWEST
) -> Pair:
    """`cycle`: calls that belong together; a window has as many whole ones as it takes."""
    asked = [Caller(server, make(0), fewest) for server in (floor, service)]
    for caller in asked:
        caller.window(cycle, 0)  # what is read or compiled with a first call of its kind
    pairs = [tuple(caller.window(cycle, SECONDS) for caller in asked) for _ in range(WINDOWS)]
    middle = statistics.median
    return Pair(
        middle(ours.cpu / base.cpu for base, ours in pairs),
        middle(ours.time / base.time for base, ours in pairs),
        middle(ours.cpu for _, ours in pairs) * 1000,
        middle(base.cpu for base, _ in pairs) * 1000,
        middle(ours.time for _, ours in pairs) * 1000,
        middle(base.time for base, _ in pairs) * 1000,
    )


class Caller:
    """What is sent to a server, over one kept-alive connection in each window: longer than that
    lasts, none may be left idle."""

    def __init__(self, server: Server, feed: Feed, fewest: int = FEWEST) -> None:
        self._feed = feed
        self._fewest = fewest
        self._connection = server.connect()
        self._pids = [process.pid for process in server.family()]

    def window(self, cycle: int, seconds: float) -> Window:
        self._connection.close()  # the next request opens it again
        times: list[float] = []
        uncounted = 0.0
        begin, before = time.perf_counter(), cpu_of(self._pids)
        while time.perf_counter() - begin < seconds or len(times) < self._fewest:
            for _ in range(cycle):
                call = next(self._feed)
                sent, used = time.perf_counter(), cpu_of(self._pids)
                post(self._connection, call.path, call.body)
                if call.counted:
                    times.append(time.perf_counter() - sent)
                else:
                    uncounted += cpu_of(self._pids) - used
        used = cpu_of(self._pids) - before - uncounted
        return Window(statistics.median(times), used / len(times))


def crowd(server: Server, make: Make, connections: int, seconds: float, first: int) -> list[float]:
    """Seconds of each call, over so many connections at once."""
    times: list[float] = []
    until = time.perf_counter() + seconds

    def call(feed: Feed, connection: http.client.HTTPConnection) -> None:
        done = 0
        while time.perf_counter() < until or done < FEWEST:
            request = next(feed)
            sent = time.perf_counter()
            post(connection, request.path, request.body)
            times.append(time.perf_counter() - sent)
            done += 1

    callers = [
        threading.Thread(target=call, args=(make(first + n * APART), server.connect()))
        for n in range(connections)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return times


def at(times: list[float], share: float) -> float:
    """Milliseconds within which such a share of the calls was answered."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000
