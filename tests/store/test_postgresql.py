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
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from sqlalchemy import create_engine, text, update
from test_migrations import at_revision, check_kept

from cds.hooks.errors import StoreUnavailable
from cds.hooks.request import HookRequest, HookResponse, ShownCard
from cds.hooks.store import Store
from cds.settings import Settings
from cds.store.audit import Shown, recently_shown, write
from cds.store.database import HEAD, Database, StoreError, stamp
from cds.store.feedback import Addressee, Feedback, Limits, NotShown, TooMuch, keep
from cds.store.report import build_report
from cds.store.retention import forget_old
from cds.store.tables import shown_card
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
def cluster():
    """The address of a server, and its process."""
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
        yield address, server
    finally:
        probe.close()
        server.send_signal(signal.SIGINT)
        server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def url(cluster):
    return cluster[0]


@pytest.fixture(scope="module")
def server(cluster):
    return cluster[1]


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
    whose = Addressee("ketamine-order-select", "iss")
    now = datetime.now(UTC)
    given = [
        Feedback("c1", "overridden", now - timedelta(seconds=1), reason_code="r"),
        Feedback("c1", "accepted", now, ("s1", "s2")),
    ]
    assert keep(database, whose, given, [0, 1]) == 2
    assert keep(database, whose, given, [0, 1]) == 0
    with pytest.raises(NotShown):
        keep(database, Addressee("ketamine-order-select", "iss", "t"), given, [1])
    with pytest.raises(TooMuch):
        keep(database, whose, [Feedback("c2", "accepted", now)], limits=Limits(2, 100))
    report = build_report(database)
    (line,) = report.cards
    assert (line.shown, line.accepted, line.overridden, report.changed) == (1, 1, 0, 1)
    assert recently_shown(database, "h", "iv", 1)


def test_what_is_old_is_deleted(opened):
    database = opened()
    row = Shown("old", "s", None, "h", "dose", "info", ("iv",), "v", 5)
    write(database, [row])
    keep(database, Addressee("s"), [Feedback("old", "accepted", datetime.now(UTC), ("s1",))])
    with database.transaction() as connection:
        old = stamp(datetime.now(UTC) - timedelta(days=11))
        connection.execute(
            update(shown_card).where(shown_card.c.uuid == "old").values(shown_at=old)
        )
    counts = []
    workers = [
        threading.Thread(target=lambda: counts.append(forget_old(opened(), 10, lambda _s: None)))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sum(count["shown_card"] for count in counts) == 1
    assert sum(count["feedback"] for count in counts) == 1


@pytest.fixture
def of_old(url):
    """A schema with the tables of the first version, and rows in them."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA old"))
    engine.dispose()
    address = f"{url}?options=-csearch_path%3Dold"
    database = Database(address)
    at_revision(database, "0001")
    yield database
    database.close()


def test_nothing_is_lost_on_the_way_from_an_older_version(of_old):
    # the sequence of the ids knows nothing of rows that were put in with theirs
    with of_old._engine.begin() as connection:
        connection.execute(text("SELECT setval('feedback_id_seq', 8)"))
    check_kept(of_old)


@pytest.mark.parametrize(("name", "kind"), [("0099", "newer"), ("3f5a36ba", "foreign")])
def test_a_database_of_another_version_is_left_alone(opened, name, kind):
    database = opened()
    database.migrate()

    def put(revision):
        with database._engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})

    put(name)
    try:
        with pytest.raises(StoreError, match=kind):
            opened().migrate()
    finally:
        put(HEAD)


def test_a_transaction_that_may_not_write_is_told(url):
    database = Database(f"{url}?options=-cdefault_transaction_read_only%3Don")
    with pytest.raises(StoreError, match="unwritable"):
        database.try_writing()
    database.close()


def test_a_table_that_somebody_locked_is_busy(url, opened):
    database = Database(url, 0.3)
    database.migrate()
    with opened().transaction() as connection:
        connection.execute(text("LOCK TABLE write_probe"))
        with pytest.raises(StoreError, match="busy"):
            database.try_writing()
    database.try_writing()
    database.close()


def test_used_tokens_are_shared(opened):
    one, two = (DatabaseTokens(opened()) for _ in range(2))
    assert one.claim([Claim("a", 5, "x"), Claim("b", 2_000_000_000, "y")]) == {"x", "y"}
    assert two.claim([Claim("b", 2_000_000_000, "z"), Claim("c", 2_000_000_000, "z")]) == {"z"}
    assert not two.forget(6)
    assert two.claim([Claim("a", 5, "x")]) == {"x"}


@pytest.fixture
def stopped(url, server):
    """Stops every process of the server, as a machine that hangs would, and lets them go on."""
    pids = []

    def stop():
        family = [server.pid, *(child.pid for child in psutil.Process(server.pid).children())]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
            pids.append(pid)

    def let_go():
        while pids:
            os.kill(pids.pop(), signal.SIGCONT)

    yield SimpleNamespace(now=stop, over=let_go)
    let_go()


def test_a_server_that_was_stopped_holds_no_card_and_feedback_for_a_moment(url, stopped):
    settings = Settings(auth="off", database_url=url)
    store = Store(settings, fresh_s=0.0)
    shown = ShownCard("c", "dose", "info", ("iv",))
    request = HookRequest("patient-view", "i", "ketamine-patient-view", None, "p1")

    def call():
        """What a hook call asks of the store."""
        store.shown_lately(request, "iv", 9)
        answer = store.issued(request, HookResponse(({"uuid": "c"},), (shown,), "v"))
        store.shown(request, answer, 1)
        return answer.cards[0]["uuid"]

    def tell(card):
        return store.keep(request.service_id, None, [Feedback(card, "accepted", datetime.now(UTC))])

    card = call()
    assert (tell(card), store.state(), store.drain()) == (1, "reachable", True)
    stopped.now()
    done = {"calls": [], "refused": [], "states": []}

    def refused():
        with pytest.raises(StoreUnavailable):
            tell(call())
        done["refused"].append(1)

    callers = [
        *(threading.Thread(target=lambda: done["calls"].append(call())) for _ in range(20)),
        *(threading.Thread(target=refused) for _ in range(20)),
        *(threading.Thread(target=lambda: done["states"].append(store.state())) for _ in range(20)),
    ]
    begun = time.monotonic()
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    # all are answered while the server still hangs
    assert (len(done["calls"]), len(done["refused"])) == (20, 20)
    assert done["states"] == ["unreachable"] * 20
    print(f"all answered after {time.monotonic() - begun:.1f} s")
    stopped.over()
    until = time.monotonic() + 60
    while store.state() != "reachable":
        assert time.monotonic() < until
        time.sleep(0.1)
    while True:
        try:
            assert tell(card) == 1
            break
        except StoreUnavailable:
            assert time.monotonic() < until
            time.sleep(0.1)
    store.database.close()
    store._durable.close()


def test_after_a_crash_the_first_feedback_is_taken(url, server, opened):
    """Connections of before are dead: none of them costs an answer."""
    store = Store(Settings(auth="off", database_url=url))
    request = HookRequest("patient-view", "i", "ketamine-patient-view", None, "p1")
    answer = HookResponse(({"uuid": "c"},), (ShownCard("c", "dose", "info", ("iv",)),), "v")
    card = store.issued(request, answer).cards[0]["uuid"]

    def tell():
        return store.keep(request.service_id, None, [Feedback(card, "accepted", datetime.now(UTC))])

    with ThreadPoolExecutor(4) as pool:  # several connections
        assert list(pool.map(lambda _n: tell(), range(8))) == [1] * 8
    backends = [one for one in psutil.Process(server.pid).children() if "cds" in one.cmdline()[0]]
    backends[0].kill()  # the server then ends all others, and recovers
    psutil.wait_procs(backends, timeout=30)
    wait_until(opened().reachable, 30)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _n: tell(), range(8))) == [1] * 8
    store.database.close()
    store._durable.close()


def test_each_call_ends_at_its_deadline_though_the_server_hangs(url, stopped):
    database = Database(url, 0.3)
    database.migrate()
    ended = threading.Event()

    def ask():
        with pytest.raises(StoreError, match="unreachable"):
            database.try_writing()
        ended.set()

    stopped.now()
    threading.Thread(target=ask).start()
    assert ended.wait(30), "while it still hangs"
    stopped.over()
    database.try_writing()
    database.close()
