"""`ketamine-cds serve`, as a process: what it refuses, how it warns, how it stops."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import hooktools
import pytest
from click.testing import CliRunner

from cds.commands import serve as serving
from cds.commands.serve import serve
from cds.hooks.services import SERVICES


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("KETAMINE_CDS_", "PROMETHEUS_")):
            monkeypatch.delenv(name)


def test_it_does_not_start_when_nobody_could_call():
    result = CliRunner().invoke(serve, [])
    assert result.exit_code == 2
    assert "no trusted client" in result.output
    assert "KETAMINE_CDS_AUTH=off" in result.output


def test_it_does_not_start_with_an_unknown_setting(monkeypatch):
    monkeypatch.setenv("KETAMINE_CDS_COLOUR", "red")
    result = CliRunner().invoke(serve, [])
    assert result.exit_code == 2
    assert "KETAMINE_CDS_COLOUR" in result.output


class Served:
    """A running service."""

    def __init__(self, folder, **variables):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = os.environ | {
            "KETAMINE_CDS_AUTH": "off",
            "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/store.sqlite",
            **variables,
        }
        command = [sys.executable, "-m", "cds", "serve", "--port", str(self.port)]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def wait(self):
        """Until it answers."""
        while time.monotonic() - self.started < 30:
            try:
                self.get("/healthz")
            except OSError:
                if self.process.poll() is not None:
                    pytest.fail(f"did not start: {self.process.communicate()}")
                time.sleep(0.02)
            else:
                return self
        pytest.fail("did not start in 30 s")

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read()

    def post(self, path, body):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=20)


@pytest.fixture
def start(tmp_path):
    """Starts services, and leaves none behind when a test fails."""
    started = []

    def begin(**variables):
        started.append(Served(tmp_path, **variables))
        return started[-1].wait()

    yield begin
    for served in started:
        if served.process.poll() is None:
            served.stop()


def test_it_serves_with_a_warning_and_drains_on_sigterm(start):
    served = start()
    status, body = served.get("/cds-services")
    assert status == 200
    assert len(json.loads(body)["services"]) == len(SERVICES)
    path = "/cds-services/ketamine-order-select"
    feedback = hooktools.overridden(served.post(path, hooktools.request())[1]["cards"][0])
    assert served.post(f"{path}/feedback", feedback) == (200, {"stored": 1})
    assert served.post("/cds-services/ketamine-order-select", [])[0] == 400
    # a body that is still on its way when the signal comes is answered all the same
    answers = []
    with socket.create_connection(("127.0.0.1", served.port)) as slow:
        text = b'{"hook": "none"}'
        head = (
            "POST /cds-services/ketamine-order-select HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        )
        slow.sendall(head.encode() + text[:5])
        time.sleep(0.2)
        stopper = threading.Thread(target=lambda: answers.append(served.stop()))
        stopper.start()
        time.sleep(0.3)
        slow.sendall(text[5:])
        slow.settimeout(10)
        assert b"400 Bad Request" in slow.recv(200)
    stopper.join(20)
    output, errors = answers[0]
    assert served.process.returncode == 0
    assert "AUTH is off" in errors
    events = [json.loads(line) for line in output.splitlines()]
    assert "starting" in [event["event"] for event in events]
    assert "Traceback" not in errors


def test_two_workers_share_tables_and_metrics(start):
    served = start(KETAMINE_CDS_WORKERS="2")
    for _ in range(20):
        assert served.post("/cds-services/ketamine-order-select", {})[0] == 400
    _, text = served.get("/metrics")
    served.stop()
    line = next(x for x in text.decode().splitlines() if x.startswith("ketamine_cds_calls_total"))
    assert line.endswith(" 20.0")


def swallow_and_start():
    """A worker as it is after the fork, and a stop that comes while its settings are read."""
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    serving.load_settings = lambda: os.kill(os.getpid(), signal.SIGTERM)
    serving.application()


def test_a_worker_that_is_stopped_while_it_starts_ends():
    worker = multiprocessing.get_context("spawn").Process(target=swallow_and_start)
    worker.start()
    worker.join(20)
    assert worker.exitcode == -signal.SIGTERM
