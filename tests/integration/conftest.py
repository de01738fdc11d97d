"""A running HAPI FHIR server with the fixture patients, where one is installed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "hapi-server"
HOME = ROOT / "var" / "hapi"
START_S = 300


@pytest.fixture(scope="session")
def hapi() -> Iterator[str]:
    """Base URL of the server. `KETAMINE_TEST_FHIR` names one that runs already."""
    running = os.environ.get("KETAMINE_TEST_FHIR")
    if running:
        yield running.rstrip("/")
        return
    if not (HOME / "installed").is_file():
        why_not = HOME / "why-not"
        pytest.skip(
            why_not.read_text()
            if why_not.is_file()
            else "HAPI FHIR is not installed: `make test-integration` installs it"
        )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(SCRIPT), "run", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    timer = threading.Timer(START_S, process.terminate)
    timer.start()
    assert process.stdout is not None
    line = process.stdout.readline()
    timer.cancel()
    try:
        assert line.startswith("ready: "), "HAPI FHIR was installed and did not start"
        yield line.removeprefix("ready: ").strip()
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
