"""The same store on PostgreSQL: a throw-away cluster, where its programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds.store.audit import Shown, recently_shown, write
from cds.store.database import Database, StoreError
from cds.store.feedback import Feedback, keep
from cds.store.report import build_report
from cds.store.tokens import Claim, DatabaseTokens

pytestmark = pytest.mark.integration


def program(name: str) -> str:
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), Path("/usr/bin")]
    found = shutil.which(name, path=os.pathsep.join(map(str, places)))
    if found is None:
        pytest.skip(f"{name} of PostgreSQL is not installed")
    return found


def as_owner(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: its own account then owns the cluster."""
    if os.getuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("running as root, and there is no account postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    pytest.importorskip("psycopg", exc_type=ImportError)
    initdb, postgres = program("initdb"), program("postgres")
    folder = Path("/tmp") / f"ketamine-cds-pg-{os.getpid()}"
    folder.mkdir(mode=0o700)
    owner = as_owner(folder)
    data = folder / "data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/tmp"}
    subprocess.run(
        [initdb, "-D", data, "-U", "cds", "-A", "trust", "--no-sync"], check=True, **quiet, **owner
    )
    options = ["-p", str(port), "-k", folder, "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
    server = subprocess.Popen([postgres, "-D", data, *options], **quiet, **owner)
    address = f"postgresql+psycopg://cds@127.0.0.1:{port}/postgres"
    probe = Database(address)
    try:
        wait_until(probe.reachable)
        yield address
    finally:
        probe.close()
        server.send_signal(signal.SIGINT)
        server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until(ready, seconds=10):
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "PostgreSQL did not start in time"
        time.sleep(0.1)


@pytest.fixture
def opened(url):
    """Opens databases, and closes them at the end."""
    all_of_them = []

    def open_one():
        all_of_them.append(Database(url))
        return all_of_them[-1]

    yield open_one
    for database in all_of_them:
        database.close()


def test_processes_that_start_together_migrate_once(opened):
    faults = []

    def start():
        try:
            opened().migrate()
        except StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_feedback_audit_and_report(opened):
    database = opened()
    row = Shown("c1", "ketamine-order-select", None, "h", "dose", "info", ("iv",), "v", 5)
    write(database, [row])
    write(database, [row])
    given = [Feedback("c1", "accepted", datetime.now(UTC), ("s1", "s2"))]
    assert keep(database, "ketamine-order-select", "iss", given) == 1
    assert keep(database, "ketamine-order-select", "iss", given) == 0
    (line,) = build_report(database).cards
    assert (line.shown, line.accepted) == (1, 1)
    assert recently_shown(database, "h", "iv", 1)


def test_used_tokens_are_shared(opened):
    one, two = (DatabaseTokens(opened()) for _ in range(2))
    assert one.claim([Claim("a", 5, "x"), Claim("b", 2_000_000_000, "y")]) == {"x", "y"}
    assert two.claim([Claim("b", 2_000_000_000, "z"), Claim("c", 2_000_000_000, "z")]) == {"z"}
    assert not two.forget(6)
    assert two.claim([Claim("a", 5, "x")]) == {"x"}
