"""PostgreSQL and Redis as real processes that can be stopped, killed and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest


class Partner:
    """A server on a port of its own, in a folder of its own."""

    def __init__(self, command: list[str], folder: Path, port: int, owner: dict[str, Any]) -> None:
        self._command = command
        self._folder = folder
        self._owner = owner
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until its port is open."""
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(
            self._command, cwd=self._folder, start_new_session=True, **quiet, **self._owner
        )
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < until, "it did not start in time"
                time.sleep(0.05)
            else:
                return

    def tell(self, number: int) -> None:
        """A signal to all its processes."""
        assert self._process is not None
        server = psutil.Process(self._process.pid)
        for process in [server, *server.children(recursive=True)]:
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def kill(self) -> None:
        """As a loss of the machine, but for its disk."""
        if self._process is not None and self._process.poll() is None:
            self.tell(signal.SIGKILL)
            self._process.wait(10)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def redis(keeps: bool = True) -> Iterator[Partner]:
    """Redis, that writes down each command before it answers, or nothing at all."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    pytest.importorskip("redis")
    folder, port = Path(tempfile.mkdtemp(prefix="ketamine-cds-redis-", dir="/tmp")), _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    if keeps:
        command += ["--appendonly", "yes", "--appendfsync", "always"]
    yield from _running(Partner(command, folder, port, {}), folder)


@contextmanager
def postgresql() -> Iterator[Partner]:
    """A throw-away cluster, with the durability that PostgreSQL has by default."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), Path("/usr/bin")]
    search = os.pathsep.join([*map(str, places), os.environ.get("PATH", "")])
    initdb, program = (shutil.which(name, path=search) for name in ("initdb", "postgres"))
    if initdb is None or program is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg", exc_type=ImportError)
    folder, port = Path(tempfile.mkdtemp(prefix="ketamine-cds-pg-", dir="/tmp")), _free_port()
    owner: dict[str, Any] = {}
    if os.getuid() == 0:
        try:
            account = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("running as root, and there is no account postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    create = [initdb, "-D", str(folder / "data"), "-U", "cds", "-A", "trust", "--no-sync"]
    subprocess.run(create, check=True, **quiet, **owner)
    command = [program, "-D", str(folder / "data"), "-p", str(port), "-k", str(folder)]
    command += ["-c", "listen_addresses=127.0.0.1"]
    yield from _running(Partner(command, folder, port, owner), folder)


def _running(partner: Partner, folder: Path) -> Iterator[Partner]:
    partner.start()
    try:
        yield partner
    finally:
        partner.kill()
        shutil.rmtree(folder, ignore_errors=True)
