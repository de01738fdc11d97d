"""Hook calls without prefetch: `python -m benchmarks.fhir_latency`.

The service fetches 151 resources from a local FHIR server that answers each request after a delay.
A row gives the hook's median time as a ratio to the server's slowest single query, both measured
from outside over kept-alive connections; and the same for what fetching adds to a call that has
its data from prefetch, since the assessment takes its time either way. Then 50 such calls hang at
a dead server, while calls with a prefetch are timed beside them.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import payloads
from benchmarks.servers import free_port
from cds.fhir.queries import QUERIES

PATH = "/cds-services/ketamine-order-select"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
IN_FLIGHT = 50
HANGING_MS = 100_000


@contextmanager
def process(module: str, *arguments: str, **environment: str) -> Iterator[int]:
    """A server in a process of its own, whose id it gives."""
    command = [sys.executable, "-m", module, *arguments]
    running = subprocess.Popen(
        command, cwd=Path(__file__).parents[1], env={**os.environ, **environment}
    )
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait(10)


def wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("a server did not start")


@contextmanager
def running(delay_ms: int) -> Iterator[tuple[int, int, int]]:
    """Ports of a FHIR server and of the service that may ask it, and the service's process."""
    ehr, service = free_port(), free_port()
    listed = json.dumps([f"http://127.0.0.1:{ehr}/fhir"])
    with (
        process("benchmarks.fhir_server", str(ehr), str(delay_ms)),
        process("benchmarks.serve", "service", str(service), "32",
                KETAMINE_CDS_FHIR_SERVERS=listed) as pid,
    ):  # fmt: skip
        wait_for(ehr)
        wait_for(service)
        yield ehr, service, pid


def bodies(ehr: int) -> tuple[bytes, bytes]:
    """One call without and one with prefetch."""
    full = json.loads(payloads.ketamine(payloads.today(), "medium"))
    bare = {name: value for name, value in full.items() if name != "prefetch"}
    bare["fhirServer"] = f"http://127.0.0.1:{ehr}/fhir"
    return json.dumps(bare).encode(), json.dumps(full).encode()


def post(connection: http.client.HTTPConnection, body: bytes) -> tuple[float, int, bytes]:
    begin = time.perf_counter()
    connection.request("POST", PATH, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    return time.perf_counter() - begin, answer.status, text


def slowest_query(ehr: int, patient: str) -> float:
    """The largest of the median times of the single queries."""
    connection = http.client.HTTPConnection("127.0.0.1", ehr, timeout=60)
    medians = []
    for query in QUERIES.values():
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            connection.request("GET", f"/fhir/{query.url(patient, 'e')}")
            connection.getresponse().read()
            times.append(time.perf_counter() - begin)
        medians.append(statistics.median(times))
    return max(medians)


def latency(console: Console) -> None:
    table = Table(title="Hook without prefetch, 151 resources, medians")
    for column in (
        "delay ms",
        "hook ms",
        "with prefetch ms",
        "slowest query ms",
        "ratio",
        "fetching",
    ):
        table.add_column(column, justify="right")
    for delay in (0, 20, 100):
        with running(delay) as (ehr, service, _):
            bare, full = bodies(ehr)
            patient = json.loads(bare)["context"]["patientId"]
            connection = http.client.HTTPConnection("127.0.0.1", service, timeout=60)
            hooks, assessments = [], []
            for number in range(ROUNDS + 2):
                spent, status, text = post(connection, bare)
                if status != 200 or not json.loads(text)["cards"]:
                    raise RuntimeError(f"HTTP {status}")
                beside = post(connection, full)[0]
                if number > 1:
                    hooks.append(spent)
                    assessments.append(beside)
            hook, rest = statistics.median(hooks), statistics.median(assessments)
            slowest = slowest_query(ehr, patient)
            milliseconds = (f"{seconds * 1000:.1f}" for seconds in (hook, rest, slowest))
            ratios = (f"{hook / slowest:.2f}", f"{(hook - rest) / slowest:.2f}")
            table.add_row(str(delay), *milliseconds, *ratios)
    console.print(table)


def hanging(console: Console) -> None:
    """Calls that wait in vain, and those beside them that do not."""
    with running(HANGING_MS) as (ehr, service, pid):
        bare, full = bodies(ehr)
        beside = http.client.HTTPConnection("127.0.0.1", service, timeout=60)
        alone = [post(beside, full)[0] for _ in range(60)]
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        before = sum(one.memory_info().rss for one in family)
        threads = sum(one.num_threads() for one in family)
        spent: list[float] = []
        statuses: dict[int, int] = {}

        def wait_in_vain() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", service, timeout=60)
            seconds, status, _ = post(connection, bare)
            spent.append(seconds)
            statuses[status] = statuses.get(status, 0) + 1

        callers = [threading.Thread(target=wait_in_vain) for _ in range(IN_FLIGHT)]
        for caller in callers:
            caller.start()
        meanwhile: list[float] = []
        most, most_threads = before, threads
        while any(caller.is_alive() for caller in callers):
            meanwhile.append(post(beside, full)[0])
            most = max(most, sum(one.memory_info().rss for one in family))
            most_threads = max(most_threads, sum(one.num_threads() for one in family))
        table = Table(
            "what", "alone", f"beside {IN_FLIGHT} hanging calls", title="A server that hangs"
        )
        for name, share in (("median", 0.5), ("95th percentile", 0.95)):
            pair = (f"{at(times, share) * 1000:.1f} ms" for times in (alone, meanwhile))
            table.add_row(f"call with prefetch, {name}", *pair)
        table.add_row("memory", f"{before / 1e6:.0f} MB", f"{most / 1e6:.0f} MB")
        table.add_row("threads", str(threads), str(most_threads))
        console.print(table)
        console.print(
            f"The {IN_FLIGHT} calls were answered {statuses}"
            f" in {min(spent):.2f} to {max(spent):.2f} s;"
            f" {len(meanwhile)} calls with prefetch were answered meanwhile."
        )


def at(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


if __name__ == "__main__":
    latency(Console(width=100))
    hanging(Console(width=100))
