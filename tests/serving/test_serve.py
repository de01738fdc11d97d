"""`ketamine-cds serve`, as a process: what it refuses, how it warns, how it stops."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from click.testing import CliRunner

from cds.commands.serve import serve
from cds.hooks.services import SERVICES
from cds.serving import run
from cds.settings import Settings
from tests.hooks import hooktools
from tests.serving.served import HEAD, ROOT, SELECT, read_answer, serving


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


def test_it_serves_with_a_warning_and_shares_counts_and_drains_on_sigterm(tmp_path):
    """One service, since it takes seconds to start."""
    sample = 'ketamine_cds_calls_total{service="ketamine-order-select",status="400"}'
    with serving(tmp_path, WORKERS="2") as served:
        status, body = served.get("/cds-services")
        assert status == 200
        assert len(json.loads(body)["services"]) == len(SERVICES)
        feedback = hooktools.overridden(served.post(SELECT, hooktools.request())[1]["cards"][0])
        assert served.post(f"{SELECT}/feedback", feedback) == (200, {"stored": 1})
        for _ in range(20):
            assert served.post(SELECT, [])[0] == 400
        # counts outlive the workers
        assert served.metric(sample) == 20
        dead = served.workers()
        for worker in dead:
            worker.kill()
        psutil.wait_procs(dead, timeout=10)
        assert served.post(SELECT, [])[0] == 400
        assert served.metric(sample) == 21
        (folder,) = tmp_path.glob("ketamine-cds-metrics-*")
        # a body that is still on its way when the signal comes is answered all the same, and a
        # connection without a request is let go
        idle, slow = served.connect(), served.connect()
        text = b'{"hook": "none"}'
        slow.sendall(HEAD.format(len(text)).encode() + text[:5])
        time.sleep(0.2)
        served.process.send_signal(signal.SIGTERM)
        assert read_answer(idle) == b""
        slow.sendall(text[5:])
        assert b"400 Bad Request" in read_answer(slow)
        assert served.stop() == 0
        assert not folder.exists()
        output = served.log.read_text()
        assert "AUTH is off" in output
        assert "Traceback" not in output
        assert "starting" in [event["event"] for event in served.events()]


@pytest.mark.parametrize("command", [["serve"], ["demo"]])
def test_a_port_in_use_is_one_line(command, tmp_path):
    """Also one that another service of this kind listens on."""
    environment = os.environ | {"KETAMINE_CDS_AUTH": "off"}
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "cds", *command, "--port", port],
            env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 2
    *_, line = ended.stderr.splitlines()
    assert line == f"Error: can't listen on 127.0.0.1 port {port}: Address already in use"
    assert len(ended.stderr.splitlines()) == (2 if command == ["serve"] else 1)


@pytest.mark.parametrize(
    ("host", "reason"),
    [("192.0.2.1", "Cannot assign requested address"), ("no.such.host.invalid", "not known")],
)
def test_a_host_that_is_not_here_is_one_line(host, reason, monkeypatch):
    monkeypatch.setenv("KETAMINE_CDS_AUTH", "off")
    result = CliRunner().invoke(serve, ["--host", host])
    assert result.exit_code == 2
    (line,) = (line for line in result.output.splitlines() if line.startswith("Error"))
    assert line.startswith(f"Error: can't listen on {host} port 8000: ")
    assert reason in line or host.endswith("invalid")  # a resolver has words of its own


def signalled(settings):
    os.kill(os.getpid(), signal.SIGTERM)


def swallow_and_start():
    """A worker as it is after the fork, and a stop that comes while it begins."""
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    _, told = multiprocessing.Pipe(duplex=False)
    run._begin(signalled, Settings(), 8000, 0, told, os.getppid())


def test_a_worker_that_is_stopped_while_it_starts_ends():
    worker = multiprocessing.get_context("spawn").Process(target=swallow_and_start)
    worker.start()
    worker.join(20)
    assert worker.exitcode == -signal.SIGTERM
