"""What a crowd of connections costs: `python -m tests.serving.hold [IDLE STALLED]`.

One worker is started. Honest calls are timed before and while 10,000 idle and 1,000 stalled
connections are held: stalled in the head, in the body, or dripping a byte a second into either.
Then it waits for the time-outs. Needs a limit of open files above the number of connections.
"""

from __future__ import annotations

import http.client
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import payloads
from tests.serving.served import SELECT, Crowd, Served, serving

SECONDS = 8.0


def honest(port: int, body: bytes, seconds: float, crowd: Crowd | None = None) -> dict[str, str]:
    """Honest calls, each over a connection of its own: median and 99th percentile by kind."""
    times: dict[str, list[float]] = {"GET /healthz": [], f"POST {len(body) // 1000} kB": []}
    until = time.monotonic() + seconds
    dripped = time.monotonic()
    while time.monotonic() < until:
        for kind in times:
            method, path, sent = (
                ("GET", "/healthz", None) if kind.startswith("GET") else ("POST", SELECT, body)
            )
            began = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request(method, path, sent, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            times[kind].append(time.perf_counter() - began)
            if answer.status != 200:
                raise SystemExit(f"{kind}: {answer.status}")
        if crowd is not None and time.monotonic() - dripped > 1:
            dripped = time.monotonic()
            crowd.drip()
    return {kind: told(values) for kind, values in times.items()}


def told(values: list[float]) -> str:
    """Median and 99th percentile in milliseconds, and of how many."""
    cut = statistics.quantiles(values, n=100)
    return f"{cut[49] * 1000:.1f} / {cut[98] * 1000:.1f} ms of {len(values)}"


def megabytes(served: Served) -> float:
    return sum(worker.memory_info().rss for worker in served.workers()) / 1e6


def main(idle: int = 10_000, stalled: int = 1_000) -> None:
    """Print the figures."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    body = payloads.unrelated(payloads.today())
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), LOG_LEVEL="error") as it:
        honest(it.port, body, 1)
        print("before, median / p99", honest(it.port, body, SECONDS), f"{megabytes(it):.0f} MB")
        began = time.monotonic()
        crowd = Crowd(it.port, idle, stalled)
        print(f"{crowd.count()} connections held after {time.monotonic() - began:.1f} s")
        print("during", honest(it.port, body, SECONDS, crowd), f"{megabytes(it):.0f} MB")
        print(f"{crowd.count()} of them still open")
        while (still := crowd.count()) and time.monotonic() - began < 90:
            crowd.drip()
            time.sleep(1)
        print(f"{still} open after {time.monotonic() - began:.0f} s, {megabytes(it):.0f} MB")
        print("after", honest(it.port, body, 2))
        crowd.close()


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
