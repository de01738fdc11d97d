"""`make bench`: the service beside its floor, in alternating windows, as ratios.

Two servers run side by side, each Granian with one worker. Each window sends the same bytes over
one kept-alive connection, first to the floor, then to the service. A row shows the median ratio of
adjacent windows: of the response time, and of the server's CPU time (what one core could carry).
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import payloads

PATH = "/cds-services/ketamine-order-select"
WINDOWS = int(os.environ.get("BENCH_WINDOWS", "7"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "0.7"))


class Server:
    """One server process and a kept-alive connection to it."""

    def __init__(self, target: str) -> None:
        self.port = _free_port()
        command = [sys.executable, "-m", "benchmarks.serve", target, str(self.port)]
        self.process = subprocess.Popen(command, cwd=Path(__file__).parents[1])
        self.started = self._wait()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _wait(self) -> float:
        begin = time.perf_counter()
        while time.perf_counter() - begin < 30:
            try:
                probe = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
                probe.request("GET", "/healthz")
                if probe.getresponse().status == 200:
                    return time.perf_counter() - begin
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the server did not start")

    def post(self, body: bytes) -> bytes:
        self.connection.request("POST", PATH, body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"HTTP {answer.status}: {text[:300]!r}")
        return text

    def cpu(self) -> float:
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        return sum(sum(p.cpu_times()[:2]) for p in family)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def window(server: Server, body: bytes) -> tuple[float, float]:
    """Median response time and CPU time per request, in seconds, over one window."""
    times: list[float] = []
    cpu = server.cpu()
    begin = time.perf_counter()
    while time.perf_counter() - begin < SECONDS or len(times) < 3:
        sent = time.perf_counter()
        server.post(body)
        times.append(time.perf_counter() - sent)
    return statistics.median(times), (server.cpu() - cpu) / len(times)


def compare(floor: Server, service: Server, body: bytes) -> tuple[float, float, float, float]:
    """Median ratios (time, CPU) and the medians of the service and the floor in milliseconds."""
    pairs = [(window(floor, body), window(service, body)) for _ in range(WINDOWS)]
    return (
        statistics.median(ours[0] / base[0] for base, ours in pairs),
        statistics.median(ours[1] / max(base[1], 1e-9) for base, ours in pairs),
        statistics.median(ours[0] for _, ours in pairs) * 1000,
        statistics.median(base[0] for base, _ in pairs) * 1000,
    )


@contextmanager
def servers():  # type: ignore[no-untyped-def]
    floor, service = Server("floor"), Server("service")
    try:
        yield floor, service
    finally:
        floor.stop()
        service.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Print the table of ratios."""
    now = payloads.today()
    cases: dict[str, Callable[[], bytes]] = {
        "unrelated order, 151 resources": lambda: payloads.unrelated(now),
        **{
            f"ketamine, {1 + sum(payloads.SIZES[size]):,} resources": (
                lambda size=size: payloads.ketamine(now, size)  # type: ignore[misc]
            )
            for size in payloads.SIZES
        },
    }
    table = Table(title="Service over floor, same run (medians of adjacent windows)")
    for column in ("call", "body kB", "cards", "time ×", "CPU ×", "service ms", "floor ms"):
        table.add_column(column, justify="left" if column == "call" else "right")
    with servers() as (floor, service):
        for name, make in cases.items():
            body = make()
            cards = len(json.loads(service.post(body))["cards"])
            floor.post(body)
            times, cpu, ours, base = compare(floor, service, body)
            table.add_row(name, f"{len(body) / 1000:.0f}", str(cards), f"{times:.2f}",
                          f"{cpu:.2f}", f"{ours:.1f}", f"{base:.1f}")  # fmt: skip
        Console().print(table)
        Console().print(
            f"start-up to the first answer: service {service.started:.2f} s,"
            f" floor {floor.started:.2f} s"
        )


if __name__ == "__main__":
    main()
