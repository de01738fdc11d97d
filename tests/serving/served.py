"""A service as a process, and clients that mean no good."""

from __future__ import annotations

import http.client
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
SELECT = "/cds-services/ketamine-order-select"
HEAD = (
    f"POST {SELECT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    "Content-Length: {}\r\n\r\n"
)


class Served:
    """A running service: `module` is started with the port, and with variables besides its own."""

    def __init__(self, folder: Path, module: list[str], variables: dict[str, str]) -> None:
        self.folder = folder
        self.connections: list[socket.socket] = []
        self.port = free_port()
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KETAMINE_CDS_", "PROMETHEUS_"))
        }
        command = [sys.executable, "-m", *(part.format(port=self.port) for part in module)]
        self.log = folder / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command,
                env=environment | {"TMPDIR": str(folder)} | variables,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def wait(self, seconds: float = 60) -> Served:
        """Until it answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                if self.get("/healthz")[0] == 200:
                    return self
            if self.process.poll() is not None:
                raise AssertionError(f"it ended: {self.log.read_text()}")
            time.sleep(0.02)
        raise AssertionError(f"did not start: {self.log.read_text()}")

    def call(self, method: str, path: str, body: bytes | None = None, timeout: float = 20) -> Any:
        """Status, headers and body, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(
                method, path, body, {"Content-Type": "application/json"} if body else {}
            )
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()

    def get(self, path: str, timeout: float = 20) -> tuple[int, bytes]:
        status, _, body = self.call("GET", path, timeout=timeout)
        return status, body

    def post(self, path: str, document: object) -> tuple[int, Any]:
        status, _, body = self.call("POST", path, json.dumps(document).encode())
        return status, json.loads(body)

    def metric(self, line: str) -> float:
        """The value of a sample, 0 when it is not there."""
        for text in self.get("/metrics")[1].decode().splitlines():
            if text.startswith(line):
                return float(text.rpartition(" ")[2])
        return 0.0

    def connect(self) -> socket.socket:
        """A connection that the caller misuses; it is closed with the service."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(20)
        self.connections.append(connection)
        return connection

    def workers(self) -> list[psutil.Process]:
        """The server processes."""
        return sorted(psutil.Process(self.process.pid).children(), key=lambda one: one.pid)

    def events(self) -> list[dict[str, Any]]:
        """What it has logged."""
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)


def serving(folder: Path, *options: str, **variables: str) -> AbstractContextManager[Served]:
    """`ketamine-cds serve` without authentication, and settings as variables."""
    module = ["cds", "serve", "--port", "{port}", *options]
    database = f"sqlite:///{folder}/store.sqlite"
    given = {"AUTH": "off", "DATABASE_URL": database, **variables}
    return stopped(
        Served(folder, module, {f"KETAMINE_CDS_{name}": value for name, value in given.items()})
    )


def small(
    folder: Path, begin: dict[str, str] | None = None, **settings: Any
) -> AbstractContextManager[Served]:
    """The small application of `tests.serving.app`; `begin` are variables of how it begins."""
    module = [
        "tests.serving.app",
        "{port}",
        json.dumps(settings).replace("{", "{{").replace("}", "}}"),
    ]
    return stopped(Served(folder, module, {"BEGUN": str(folder / "begun"), **(begin or {})}))


@contextmanager
def stopped(served: Served) -> Iterator[Served]:
    """A service that is stopped at the end, by force where it must be."""
    try:
        yield served.wait()
    finally:
        for connection in served.connections:
            connection.close()
        if served.process.poll() is None:
            family = [*served.workers(), psutil.Process(served.process.pid)]
            try:
                served.stop()
            except subprocess.TimeoutExpired:
                for one in family:
                    one.kill()
                served.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_answer(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; a time-out is none of it."""
    parts = []
    with suppress(ConnectionError):
        while part := connection.recv(65_536):
            parts.append(part)
    connection.close()
    return b"".join(parts)


class Crowd:
    """Connections that hold a service: silent ones, and ones that stall or drip."""

    def __init__(self, port: int, idle: int, stalled: int) -> None:
        self._port = port
        self.open: list[socket.socket] = []
        self._dripping: list[socket.socket] = []
        for _ in range(idle):
            self._begin(b"")
        half = HEAD.format(9_900_000)
        kinds = (
            (half.encode() + b'{"hook": "order-select", ', False),  # stalls in the body
            (half[:60].encode(), False),  # stalls in the head
            (half.encode(), True),  # drips in the body
            (half.rstrip().encode() + b"\r\nX-A: ", True),  # drips in the head
        )
        for number in range(stalled):
            self._begin(*kinds[number % len(kinds)])

    def _begin(self, text: bytes, drips: bool = False) -> None:
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.setblocking(False)
        if text:
            connection.send(text)
        self.open.append(connection)
        if drips:
            self._dripping.append(connection)

    def drip(self) -> None:
        """A byte more from each that drips."""
        for connection in self._dripping:
            with suppress(OSError):
                connection.send(b"a")

    def count(self) -> int:
        """How many are still open at the other side."""
        with selectors.DefaultSelector() as selector:
            for connection in self.open:
                selector.register(connection, selectors.EVENT_READ)
            ended = 0
            for key, _ in selector.select(0):
                with suppress(OSError):
                    while key.fileobj.recv(65_536):  # type: ignore[union-attr]
                        pass
                    ended += 1
                    continue
                # the text of a refusal was read, and no end yet; or a reset
                ended += _reset(key.fileobj)  # type: ignore[arg-type]
            return len(self.open) - ended

    def close(self) -> None:
        for connection in self.open:
            connection.close()


def _reset(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
