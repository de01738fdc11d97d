"""What the soak starts: the partners, the databases, and the service as a user starts it."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from tests.soak.warden import Warden, end, members

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0
STOP_S = 40.0


class Missing(Exception):
    """A program that this machine does not have, or a right that we lack."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path) -> dict[str, str]:
    """Ours, without settings of a service; temporary files go to the soak's folder.

    Output is not buffered, as in most containers.
    """
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("KETAMINE_CDS_", "PROMETHEUS"))
    }
    return kept | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}


def wait_for(ready: Callable[[], object], seconds: float, pause: float = 0.1) -> float | None:
    """The seconds until `ready`; None when it was not in time."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if ready():
            return time.monotonic() - begun
        time.sleep(pause)
    return None


def listens(port: int) -> bool:
    """Whether something accepts connections."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Started:
    """A process that leads a session of its own, known to the warden."""

    def __init__(self, warden: Warden, command: Sequence[object], **options: Any) -> None:
        self._warden = warden
        self.process = subprocess.Popen(list(map(str, command)), start_new_session=True, **options)
        warden.session(self.process.pid)

    @property
    def pid(self) -> int:
        return self.process.pid

    def all(self) -> list[int]:
        """Every process of it that lives."""
        return members(self.pid)

    def signal_all(self, number: int) -> None:
        """Stop or continue, the leader first, so that it can't notice."""
        for pid in sorted(self.all(), key=lambda pid: pid != self.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, number)

    def stop(self, number: int = signal.SIGTERM, seconds: float = STOP_S) -> float | None:
        """Signal the leader; the seconds until it ended, None if it had to be killed."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(seconds)
            took: float | None = time.monotonic() - begun
        except subprocess.TimeoutExpired:
            took = None
        return took

    def clear(self) -> int:
        """Kill what is left of it; how many processes that were."""
        left = len(self.all())
        end(self.pid)
        if self.process.poll() is None:
            self.process.wait(10)
        self._warden.gone(self.pid)
        return left


class Partners(Started):
    """The process of `partners.py`, and orders to it."""

    def __init__(self, warden: Warden, folder: Path, seed: int, day: str, each: int) -> None:
        module = [sys.executable, "-m", "tests.soak.partners", seed, day, each]
        super().__init__(
            warden, module, cwd=ROOT, env=environment(folder), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.ports: dict[str, int] = json.loads(self.process.stdout.readline())

    def order(self, server: str, **what: object) -> None:
        """`fault="hangs"` or `keys={…}`; `fault=None` makes the server honest again."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"server": server, **what}) + "\n")
        self.process.stdin.flush()
        self.process.stdout.readline()


class Service(Started):
    """`ketamine-cds serve`: one life of it."""

    def __init__(self, warden: Warden, folder: Path, port: int, workers: int, log: Path) -> None:
        self.port, self.wanted = port, workers
        command = [
            sys.executable, "-m", "cds", "serve", "--config", folder / "settings.toml",
            "--port", port, "--workers", workers,
        ]  # fmt: skip
        super().__init__(
            warden, command, cwd=folder, env=environment(folder),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        outputs = ((self.process.stdout, log), (self.process.stderr, log.with_suffix(".stderr")))
        self._pumps = [threading.Thread(target=_pump, args=pair, daemon=True) for pair in outputs]
        for pump in self._pumps:
            pump.start()

    def clear(self) -> int:
        left = super().clear()
        for pump in self._pumps:
            pump.join(10)
        return left

    def workers(self) -> list[int]:
        """The processes that take its connections, oldest first."""
        found = [pid for pid in self.all() if pid != self.pid and self._listening(pid)]
        return sorted(found)

    def served(self) -> dict[int, int]:
        """The worker that took a connection, by the connection's port on the client's side."""
        found: dict[int, int] = {}
        for pid in self.workers():
            with contextlib.suppress(psutil.Error):
                for link in psutil.Process(pid).net_connections("tcp"):
                    if link.raddr and link.laddr.port == self.port:
                        found[link.raddr.port] = pid
        return found

    def _listening(self, pid: int) -> bool:
        with contextlib.suppress(psutil.Error):
            return any(
                link.status == psutil.CONN_LISTEN and link.laddr.port == self.port
                for link in psutil.Process(pid).net_connections("tcp")
            )
        return False


def _pump(source: IO[bytes], target: Path) -> None:
    """Write down what a process says: that its own files can't grow does not silence it."""
    with source, target.open("ab") as out:
        for line in source:
            out.write(line)
            out.flush()


class Postgres:
    """A cluster of our own, which may crash and come back."""

    def __init__(self, warden: Warden, folder: Path) -> None:
        self._warden, self._data, self.port = warden, folder / "pg", free_port()
        self._folder, self._owner = folder, self._account(folder)
        self._quiet: dict[str, Any] = {
            "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **self._owner,
        }  # fmt: skip
        command = [_program("initdb"), "-D", self._data, "-U", "cds", "-A", "trust", "--no-sync"]
        subprocess.run(list(map(str, command)), check=True, **self._quiet)
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://cds@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = ["-p", self.port, "-k", self._folder, "-c", "listen_addresses=127.0.0.1"]
        command = [_program("postgres"), "-D", self._data, *options]
        self.running = Started(self._warden, command, **self._quiet)

    def crash(self) -> None:
        """Kill every process of it at once."""
        self.running.signal_all(signal.SIGKILL)
        self.running.clear()
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    @staticmethod
    def _account(folder: Path) -> dict[str, Any]:
        """PostgreSQL refuses to run as root: its own account then owns the cluster."""
        if os.getuid() != 0:
            return {}
        try:
            account = pwd.getpwnam("postgres")
        except KeyError:
            raise Missing("running as root, and there is no account postgres") from None
        os.chown(folder, account.pw_uid, account.pw_gid)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


class Redis:
    """A Redis that writes each token to its disk."""

    def __init__(self, warden: Warden, folder: Path) -> None:
        self._warden, self._folder, self.port = warden, folder, free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [
            _program("redis-server"), "--port", self.port, "--bind", "127.0.0.1", "--save", "",
            "--dir", self._folder, "--appendonly", "yes", "--appendfsync", "always",
        ]  # fmt: skip
        self.running = Started(self._warden, command, stdout=subprocess.DEVNULL)

    def crash(self) -> None:
        self.running.signal_all(signal.SIGKILL)
        self.running.clear()


def _program(name: str) -> str:
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), "/usr/bin", "/usr/local/bin"]
    found = shutil.which(name, path=os.pathsep.join(map(str, places)))
    if found is None:
        raise Missing(f"{name} is not installed")
    return found
