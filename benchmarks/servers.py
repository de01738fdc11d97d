"""Servers in processes of their own, their processor time and their memory."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
STARTS_S = 60
CPUCLOCK_SCHED = 2
UNBOUNDED = {"KETAMINE_CDS_REQUEST_BYTES": "100000000", "KETAMINE_CDS_COMPUTING_MS": "60000"}
"""else the largest charts are refused, and on a busy machine large ones judged in part: both would
pass for speed"""


class Server:
    """One running server."""

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], folder: Path = ROOT
    ) -> None:
        """`command`: a port stands for `{port}`, in the variables as well."""
        self.port = free_port()
        filled = {
            name: value.replace("{port}", str(self.port)) for name, value in variables.items()
        }
        self.process = subprocess.Popen(
            [part.replace("{port}", str(self.port)) for part in command],
            cwd=folder,
            env=_environment() | filled,
            stdout=subprocess.DEVNULL,
        )

    def wait(self, path: str) -> None:
        """Until it answers a GET."""
        until = time.monotonic() + STARTS_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                probe = self.connect()
                probe.request("GET", path)
                if probe.getresponse().status < 500:
                    return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the server did not start")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)

    def family(self) -> list[psutil.Process]:
        """The process and those that it has started."""
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def pss(self) -> list[float]:
        """Megabytes of each process; of what several share, each has its part."""
        return [_pss(process.pid) / 1000 for process in self.family()]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def post(connection: http.client.HTTPConnection, path: str, body: bytes) -> bytes:
    """The answer. Raises RuntimeError where it is none."""
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"HTTP {answer.status}: {text[:300]!r}")
    return text


@contextmanager
def running(
    command: Sequence[str],
    variables: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    ready: str = "/healthz",
) -> Iterator[Server]:
    """A server that answers, until the end."""
    server = Server(command, variables or {}, folder)
    try:
        server.wait(ready)
        yield server
    finally:
        server.stop()


def benchmark(target: str, threads: int = 1) -> AbstractContextManager[Server]:
    """`floor` or `service`, with one worker."""
    command = [sys.executable, "-m", "benchmarks.serve", target, "{port}", str(threads)]
    return running(command, UNBOUNDED)


def cpu_of(pids: Sequence[int]) -> float:
    """Seconds of processor time that processes have used. The kernel keeps them to the nanosecond,
    as the clock of each process; what it tells elsewhere comes in hundredths of a second."""
    return sum(time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED) for pid in pids)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _pss(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _environment() -> dict[str, str]:
    """This one, without settings of the service."""
    return {name: v for name, v in os.environ.items() if not name.startswith("KETAMINE_CDS_")}
