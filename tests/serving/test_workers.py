"""Workers that end, stand still, or can't begin, as real processes."""

from __future__ import annotations

import http.client
import inspect
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from threading import Thread

import granian.server.common as common
import granian.server.mp as mp
import psutil
import pytest
from granian.constants import Interfaces

from cds.serving import workers
from cds.serving.run import longest_stop_s
from cds.serving.sockets import NotBound, listen
from cds.settings import Settings
from tests.serving.served import ROOT, small


def wait_for(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def pids(served):
    return {worker.pid for worker in served.workers()}


def alive(served, number):
    """Until so many workers are there and one answers."""
    wait_for(lambda: len(pids(served)) == number and served.get("/pid")[0] == 200)


def test_a_worker_is_replaced_however_often_and_by_whatever_it_ends(tmp_path):
    """Three in a row, while the other one serves: nobody is refused."""
    with small(tmp_path, workers=2) as served:
        alive(served, 2)
        kept, victim = served.workers()
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT):
            victim.send_signal(number)
            psutil.wait_procs([victim], timeout=30)
            replaced = False
            while not replaced:
                assert served.get("/pid")[0] == 200
                replaced = len(pids(served) - {kept.pid, victim.pid}) == 1
            (victim,) = (one for one in served.workers() if one.pid != kept.pid)
        assert kept.pid in pids(served)
        ended = [event for event in served.events() if "worker ended" in event["event"]]
        assert [event["status"] for event in ended] == [-9, -11, -6]
        pauses = [event["ms"] for event in ended]
        assert pauses == sorted(pauses)
        assert pauses[-1] == 1000
        wait_for(lambda: served.metric("ketamine_cds_workers_replaced_total") == 3)
        assert served.stop() == 0


def test_a_single_worker_is_replaced_too_and_metrics_do_not_pile_up(tmp_path):
    folder = tmp_path / "metrics"
    folder.mkdir()
    variables = {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    with small(tmp_path, variables, workers=1, request_bytes=1000) as served:
        files = set()
        for round_ in range(2):
            assert served.call("POST", "/echo", b"a" * 1001)[0] == 413  # counted
            (worker,) = served.workers()
            worker.kill()
            psutil.wait_procs([worker], timeout=30)
            assert served.get("/pid")[0] == 200
            if round_ == 0:
                files = set(os.listdir(folder))
        assert set(os.listdir(folder)) == files


def test_a_worker_that_stands_still_is_killed_and_replaced(tmp_path):
    with small(tmp_path, {"SILENT": "6"}, workers=2) as served:
        alive(served, 2)
        stopped = psutil.Process(int(served.get("/pid")[1]))  # one that has begun
        stopped.suspend()
        wait_for(lambda: stopped.status() == psutil.STATUS_STOPPED)
        for _ in range(20):  # it is not given a connection meanwhile
            assert int(served.get("/pid", timeout=10)[1]) != stopped.pid
        wait_for(lambda: len(pids(served)) == 2 and stopped.pid not in pids(served))
        assert "a worker stands still: killed" in [event["event"] for event in served.events()]


def test_what_a_worker_inherits_no_collection_looks_at(tmp_path):
    """A collection marks each object that it looks at, and memory that is written is not shared."""
    with small(tmp_path, workers=2) as served:
        alive(served, 2)
        assert int(served.get("/kept")[1]) > 10_000


def test_a_worker_that_fails_to_begin_is_tried_again(tmp_path):
    fails = tmp_path / "fails"
    fails.touch()
    with small(tmp_path, {"FAIL": "1", "FAILS": str(fails)}, workers=2) as served:
        alive(served, 2)
        assert fails.read_text() == "."


def test_a_service_of_which_no_worker_can_begin_ends_and_says_why(tmp_path):
    fails = tmp_path / "fails"
    fails.touch()
    environment = os.environ | {"FAIL": "1000", "FAILS": str(fails), "BEGUN": "x"}
    command = [sys.executable, "-m", "tests.serving.app", "0", '{"workers": 2}']
    ended = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("Error: no worker could begin to serve: ZeroDivisionError at ")


def test_a_restart_by_hup_answers_all_the_while(tmp_path):
    """A connection that was opened as the old worker ended is closed unused, as any idle one."""
    with small(tmp_path, workers=1) as served:
        before = pids(served)
        served.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 30
        closed = 0
        while before & pids(served):
            assert time.monotonic() < until
            try:
                assert served.get("/pid")[0] == 200
            except http.client.RemoteDisconnected:
                closed += 1
        assert closed <= 1
        assert served.get("/pid")[0] == 200


def ended(process):
    """Whether it is gone, or waits for nothing but to be noted."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_free(port):
    try:
        listen("127.0.0.1", port).close()
    except NotBound:
        return False
    return True


@pytest.mark.parametrize("busy", [False, True])
def test_workers_end_with_their_parent_and_leave_the_port(tmp_path, busy):
    """Also a stopped one, and one that has a call and a body on their way: none is waited for."""
    with small(tmp_path, workers=2) as served:
        alive(served, 2)
        left = served.workers()
        if busy:
            for _ in range(2):
                half = served.connect()
                half.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n[")
            served.connect().sendall(b"GET /sleep/60?a HTTP/1.1\r\nHost: x\r\n\r\n")
            wait_for((tmp_path / "begun").exists)
            left[0].suspend()
        served.process.kill()
        served.process.wait(20)
        try:
            wait_for(lambda: all(map(ended, left)), 20)
            wait_for(lambda: is_free(served.port), 5)  # a thread may still be ending
        finally:
            for one in left:
                with suppress(psutil.NoSuchProcess):
                    one.kill()


def test_a_stop_that_each_process_hears_several_times_is_one_stop(tmp_path):
    """As systemd and a terminal stop a service: the group, and then the parent each worker."""
    for number in (signal.SIGTERM, signal.SIGINT):
        folder = tmp_path / number.name
        folder.mkdir()
        with small(folder, workers=4) as served:
            alive(served, 4)
            left = served.workers()
            served.process.send_signal(number)
            for _ in range(100):
                for one in left:
                    with suppress(psutil.NoSuchProcess):
                        one.send_signal(number)
                time.sleep(0.001)
            assert served.process.wait(30) == 0  # a worker that hangs is killed after 35
        assert not [one for one in left if one.is_running()]


def test_a_stop_within_a_stop_waits_for_nothing():
    """The second signal interrupts the handler of the first, wherever that one is."""
    with listen("127.0.0.1", 0) as listener:
        server = workers.Workers(listener, lambda number: None, interface=Interfaces.RSGI)
    for handler in (server.signal_handler_interrupt, server.signal_handler_reload):
        with server.main_loop_interrupt._cond:
            second = Thread(target=handler, daemon=True)
            second.start()
            second.join(5)
            assert not second.is_alive()
    assert server.interrupt_signal
    assert server.reload_signal


def test_the_longest_stop_is_what_the_docs_say():
    text = (ROOT / "docs" / "operations.md").read_text()
    assert f"{longest_stop_s(Settings())} seconds after the signal with the defaults" in text


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (mp.MPServer, "_spawn_worker", ["self", "idx", "target", "callback_loader"]),
        (mp.MPServer, "_init_shared_socket", ["self"]),
        (mp.MPServer, "_serve_loop", ["self", "spawn_target", "target_loader"]),
        (mp.MPServer, "_reload", ["self", "spawn_target", "target_loader"]),
        (mp.MPServer, "signal_handler_interrupt", ["self", "args", "kwargs"]),
        (mp.MPServer, "signal_handler_reload", ["self", "args", "kwargs"]),
        (mp.WorkerProcess, "_watch", ["self"]),
    ],
)
def test_the_server_has_what_is_overridden(owner, name, parameters):
    """An upgrade of Granian that renames or calls these otherwise must be seen here."""
    assert list(inspect.signature(getattr(owner, name)).parameters) == parameters
    assert name in vars(workers.Workers) or name in ("_watch", "_reload")


def test_the_server_calls_what_is_overridden():
    source = inspect.getsource(common.AbstractServer)
    for call in (
        "self._init_shared_socket()",
        "self._serve_loop(spawn_target, target_loader)",
        "self._spawn_worker(idx=idx, target=spawn_target, callback_loader=target_loader)",
        "self.interrupt_signal = True",
        "self.reload_signal = True",
    ):
        assert call in source
    assert "self._watch()" in inspect.getsource(common.AbstractWorker.start)
    spawn = inspect.getsource(mp.MPServer._spawn_worker)
    worker = inspect.getsource(mp.MPServer._spawn_rsgi_worker)
    assert "from granian._signals import set_loop_signals" in worker
    assert "shutdown_event = set_loop_signals(loop)" in worker
    assert "((self._ssp, self._shd), self._sso)" in spawn
