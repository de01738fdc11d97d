"""Many calls at once against a real service with several workers: how often was each token good?

Of its own, so that the tests of the service and those with other partners have the same.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import hooktools
import psutil
import pytest

DISCOVERY = "/cds-services"
AT_ONCE = 200


class Service:
    """A running `serve` that asks for tokens; its port outlives a restart."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        given = {
            "base_url": hooktools.BASE,
            "clients": [hooktools.client()],
            "database_url": f"sqlite:///{folder}/store.sqlite",
            "workers": 2,
        } | settings
        self._environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KETAMINE_CDS_", "PROMETHEUS_"))
        } | {
            f"KETAMINE_CDS_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in given.items()
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Service:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "cds", "serve", "--port", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + 60
        while self.get("/healthz") != 200:
            if self.process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"did not start: {self.log[-2000:]}")
            time.sleep(0.05)
        return self

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def workers(self) -> list[psutil.Process]:
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]

    def get(self, path: str, token: str | None = None) -> int:
        """The status of a GET; 0 where the connection failed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers=hooktools.bearer(token) if token else {})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def metric(self, name: str) -> float:
        """The sum of a counter over its labels."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        return sum(
            float(line.split()[-1])
            for line in lines
            if line.startswith(name) and "_created" not in line
        )

    def kill(self) -> None:
        """All processes at once, without a word."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


def at_once(service: Service, tokens: list[str]) -> Counter[tuple[str, int]]:
    """Send all of them at the same moment; how often each token had which status."""
    told: Counter[tuple[str, int]] = Counter()
    lock, ready = threading.Lock(), threading.Barrier(len(tokens))

    def call(text: str) -> None:
        ready.wait(30)
        status = service.get(DISCOVERY, text)
        with lock:
            told[text, status] += 1

    threads = [threading.Thread(target=call, args=(text,)) for text in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def fresh(count: int) -> list[str]:
    """Tokens that nobody has used."""
    return [hooktools.token(DISCOVERY, jti=str(uuid4())) for _ in range(count)]


def accepted(told: Counter[tuple[str, int]], tokens: list[str]) -> list[int]:
    """How often each of the tokens was good."""
    return [told[text, 200] for text in tokens]
