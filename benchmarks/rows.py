"""What is measured, each part as rows of figures."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from benchmarks import feeds, payloads
from benchmarks.feeds import Make
from benchmarks.servers import ROOT, Server, benchmark, post, running
from benchmarks.windows import FEWEST, SECONDS, WINDOWS, at, compare, crowd

Row = dict[str, Any]
CONNECTIONS = 8
THREADS = 32
"""of a server that is asked over several connections: as many as the service has by itself"""
STARTS = 5
BEFORE_MEMORY = 100
"""calls before memory is looked at"""


def calls() -> list[Row]:
    """One connection: each kind of call beside the floor."""
    unrelated, ketamine = "unrelated order", "ketamine"
    cases: list[tuple[str, str, Make, int]] = [
        (unrelated, "medium", feeds.plain("unrelated", "medium"), 1),
        *((ketamine, size, feeds.plain("ketamine", size), 1) for size in payloads.SIZES),
        (unrelated, "large", feeds.plain("unrelated", "large"), 1),
        ("same chart again", "medium", feeds.again("medium"), 3),
        ("99 unrelated : 1 ketamine", "medium", feeds.mixed("medium"), feeds.UNRELATED_TO_ONE + 1),
    ]
    with pair() as (floor, service):
        return [_row(floor, service, *case) for case in cases]


def growth() -> list[Row]:
    """Ketamine orders upon ever larger charts: processor time for each kilobyte."""
    with pair() as (floor, service):
        rows = [
            _row(floor, service, "ketamine", size, feeds.plain("ketamine", size), 1, fewest=1)
            for size in ("large", *payloads.GROWN)
        ]
    for row in rows:
        row["cpu_ms_per_kb"] = row["cpu_ms"] / row["body_kb"]
        row["relative"] = row["cpu_ms_per_kb"] / rows[0]["cpu_ms_per_kb"]
    return rows


def crowds() -> list[Row]:
    """Several connections at once, by turns to the floor and to the service."""
    cases = {
        "unrelated order": feeds.plain("unrelated", "medium"),
        "ketamine": feeds.plain("ketamine", "medium"),
        "99 unrelated : 1 ketamine": feeds.mixed("medium"),
    }
    rows = []
    with pair(THREADS) as (floor, service):
        for name, make in cases.items():
            times: dict[str, list[float]] = {"service": [], "floor": []}
            for number in range(WINDOWS):
                first = (number + 1) * 100_000_000
                times["floor"] += crowd(floor, make, CONNECTIONS, SECONDS, first)
                times["service"] += crowd(service, make, CONNECTIONS, SECONDS, first)
            rows.append(
                {"call": name, "resources": payloads.resources("medium")}
                | {
                    f"{whose}_p{percent}_ms": at(each, percent / 100)
                    for whose, each in times.items()
                    for percent in (50, 99)
                }
            )
    return rows


def memory() -> Row:
    """Megabytes (PSS) of each process of the service as `ketamine-cds serve` runs it, the one that
    starts the workers first, after some calls."""
    one, two = _megabytes(1), _megabytes(2)
    return {"one_worker": one, "two_workers": two, "further_worker": sum(two) - sum(one)}


def start() -> Row:
    """Medians of several starts, in milliseconds of processor time."""
    command = [sys.executable, "-m", "benchmarks.start"]
    told = [
        json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
        for _ in range(STARTS)
    ]
    return {f"{name}_ms": statistics.median(one[name] for one in told) * 1000 for name in told[0]}


@contextmanager
def pair(threads: int = 1) -> Iterator[tuple[Server, Server]]:
    """The floor and the service."""
    with benchmark("floor", threads) as floor, benchmark("service", threads) as service:
        yield floor, service


def _row(
    floor: Server,
    service: Server,
    name: str,
    size: str,
    make: Make,
    cycle: int,
    fewest: int = FEWEST,
) -> Row:
    feed = make(feeds.LOOK)
    looked = [next(feed) for _ in range(cycle)][-1]
    answer = json.loads(post(service.connect(), looked.path, looked.body))
    return {
        "call": name,
        "resources": payloads.resources(size),
        "body_kb": len(looked.body) / 1000,
        "cards": len(answer["cards"]),
        **asdict(compare(service, floor, make, cycle, fewest)),
    }


def _megabytes(workers: int) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="ketamine-cds-bench-") as folder:
        command = [sys.executable, "-m", "cds", "serve", "--port", "{port}"]
        variables = {
            "AUTH": "off",
            "LOG_LEVEL": "error",
            "WORKERS": str(workers),
            "DATABASE_URL": f"sqlite:///{folder}/store.sqlite",
        }
        given = {f"KETAMINE_CDS_{name}": value for name, value in variables.items()}
        with running(command, given) as server:
            feed = feeds.plain("ketamine", "medium")(0)
            for _ in range(BEFORE_MEMORY * workers):
                call = next(feed)
                post(server.connect(), call.path, call.body)
            return server.pss()
