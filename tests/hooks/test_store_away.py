"""A store that is full, damaged, moved, locked or somebody else's costs feedback and never a card.

Over the endpoints and on real files. Each row: what happens to the store, what `/readyz` says, and
what makes it good again without a restart.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager, suppress
from types import SimpleNamespace

import hooktools
import pytest
from sqlalchemy import text

from cds.hooks.app import create_app
from cds.hooks.store import Store
from cds.metrics import AUDIT_DROPPED
from cds.settings import Settings
from cds.store import audit, sqlite_file
from cds.store import probe as probes
from cds.store.database import HEAD, Database, StoreError
from cds.store.probe import Probe

URL = f"{hooktools.SERVICES['order-select']}/feedback"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(audit, "PAUSE_S", 0.0)


def serving(path, **options):
    settings = Settings(auth="off", database_url=f"sqlite:///{path}{options.pop('query', '')}")
    store = Store(settings, timeout_s=0.2, fresh_s=0.0)
    client = create_app(settings, hooktools.one_card, store).test_client()
    return SimpleNamespace(store=store, client=client, path=path)


@pytest.fixture
def served(tmp_path):
    opened = serving(tmp_path / "store.sqlite")
    good(opened)
    return opened


def started(monkeypatch):
    """As after a start of the process, which has opened nothing yet."""
    monkeypatch.setattr(sqlite_file, "known", {})


def good(served):
    """Cards, feedback and readiness, as it should be."""
    card = hooktools.shown(served.client)
    assert served.store.drain()
    kept = served.client.post(URL, json=hooktools.overridden(card))
    assert (kept.status_code, kept.get_json()) == (200, {"stored": 1})
    ready = served.client.get("/readyz")
    assert (ready.status_code, ready.get_json()["store"]) == (200, "reachable")
    return card


def away(served, kind):
    """A card is answered, feedback is put off, the audit counts, and `/readyz` says why."""
    dropped = AUDIT_DROPPED._value.get()
    card = hooktools.shown(served.client)
    ready = served.client.get("/readyz")
    assert (ready.status_code, ready.get_json()["store"]) == (503, kind)
    refused = served.client.post(URL, json=hooktools.overridden(card))
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "30"
    assert hooktools.outcome(refused)["issue"][0]["code"] == "transient"
    assert served.store.drain()
    assert AUDIT_DROPPED._value.get() == dropped + 1


def outcomes(path):
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT count(*) FROM feedback").fetchone()[0]


def test_a_file_that_was_moved_away_is_missed_until_it_is_back(served):
    elsewhere = served.path.with_name("elsewhere.sqlite")
    served.path.rename(elsewhere)
    away(served, "moved")
    assert not served.path.exists(), "it is not made anew behind the back of its owner"
    assert outcomes(elsewhere) == 1, "what was acknowledged went with the file"
    elsewhere.rename(served.path)
    good(served)
    assert outcomes(served.path) == 2


def test_a_file_that_was_deleted_is_missed_until_a_start(served, monkeypatch):
    served.path.unlink()
    away(served, "moved")
    started(monkeypatch)
    good(serving(served.path))


def test_a_file_that_was_put_in_its_place_waits_for_a_start(served, tmp_path, monkeypatch):
    """Nothing of the old one gets into it, and nothing is missing in the old one."""
    other = tmp_path / "backup.sqlite"
    backup = Database(f"sqlite:///{other}")
    backup.migrate()
    backup.close()
    old = served.path.with_name("old.sqlite")
    served.path.rename(old)
    other.rename(served.path)
    away(served, "moved")
    assert (outcomes(old), outcomes(served.path)) == (1, 0)
    for path in (old, served.path):
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    started(monkeypatch)
    later = serving(served.path)
    good(later)
    assert (outcomes(old), outcomes(served.path)) == (1, 1)


def test_a_transaction_that_ends_in_a_file_without_a_name_is_not_acknowledged(served):
    def write():
        with served.store.database.transaction() as connection:
            connection.execute(text("DELETE FROM write_probe"))
            served.path.rename(served.path.with_name("gone.sqlite"))

    with pytest.raises(StoreError, match="moved"):
        write()


def test_a_damaged_file(served):
    served.store.drain()
    with sqlite3.connect(served.path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = served.path.read_bytes()
    with served.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (len(whole) - 4096))
    away(served, "corrupt")
    served.path.write_bytes(whole)
    good(served)


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"no database" * 1000)
    served = serving(path)
    away(served, "corrupt")
    path.write_bytes(b"")
    good(served)


TABLES = ("shown_card", "shown_rule", "feedback", "accepted_suggestion")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["DROP TABLE {}", "ALTER TABLE {} RENAME COLUMN {} TO other"])
@pytest.mark.parametrize("when", ["running", "at a start"])
def test_each_table_and_column_that_is_written_is_tried(served, table, change, when, monkeypatch):
    column = {"shown_card": "latency_ms", "shown_rule": "rule", "feedback": "content"}
    change = change.format(table, column.get(table, "suggestion"))
    with sqlite3.connect(served.path) as connection:
        connection.execute(change)
    if when != "running":
        started(monkeypatch)
        served = serving(served.path)
    ready = served.client.get("/readyz")
    assert (ready.status_code, ready.get_json()["store"]) == (503, "corrupt")


def test_what_is_tried_leaves_nothing(served):
    before = dump(served.path)
    for _ in range(3):
        served.store._durable.try_writing()
    assert dump(served.path) == before


def test_damage_that_only_feedback_meets_counts_until_feedback_is_stored(served, monkeypatch):
    card = hooktools.shown(served.client)
    work = served.store._durable.try_writing
    monkeypatch.setattr(served.store._probe, "_attempt", lambda: None)  # it misses it
    with sqlite3.connect(served.path) as connection:
        connection.execute("ALTER TABLE feedback RENAME COLUMN content TO other")
    assert served.client.get("/readyz").status_code == 200
    when = "2026-11-24T11:00:00Z"
    told = hooktools.overridden(card, outcomeTimestamp=when)
    assert served.client.post(URL, json=told).status_code == 503
    assert served.client.get("/readyz").get_json()["store"] == "corrupt"
    with sqlite3.connect(served.path) as connection:
        connection.execute("ALTER TABLE feedback RENAME COLUMN other TO content")
    work()
    assert served.client.get("/readyz").get_json()["store"] == "corrupt"
    assert served.client.post(URL, json=told).status_code == 200
    assert served.client.get("/readyz").status_code == 200


def test_damage_that_was_met_counts_for_some_minutes_at_most(monkeypatch):
    probe = Probe(lambda: None)
    probe.met("feedback", StoreError("unwritable"))  # an attempt would find it
    assert probe.state() == "reachable"
    probe.met("audit", StoreError("corrupt"))
    probe.met("feedback", None)
    assert probe.state() == "corrupt"
    monkeypatch.setattr(probes, "DAMAGED_S", 0.0)
    assert probe.state() == "reachable"


def emptied(path):
    os.truncate(path, 0)


def shortened(path):
    os.truncate(path, 8192)


def checkpointed(path):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def vacuum(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")


def test_a_file_that_was_emptied_is_made_whole_from_its_log(served):
    """Nothing is lost, since all of it is in the log."""
    vacuum(served.path)  # writes every page
    good(served)
    emptied(served.path)
    good(served)
    served.store.database.close()
    served.store._durable.close()
    assert outcomes(served.path) == 3


@pytest.mark.parametrize(
    ("harm", "begin"), [(emptied, "running"), (shortened, "running"), (emptied, "at a start")]
)
def test_a_file_that_lost_pages_acknowledges_nothing(served, harm, begin, monkeypatch):
    checkpointed(served.path)
    good(served)  # this is in the log
    harm(served.path)
    log = served.path.with_name("store.sqlite-wal")
    if begin != "running":
        started(monkeypatch)
        served = serving(served.path)
    for _ in range(2):
        away(served, "corrupt")
    assert log.stat().st_size


def test_a_file_that_became_smaller_by_a_vacuum_is_good(served):
    with sqlite3.connect(served.path) as connection:
        connection.execute("CREATE TABLE filler (x)")
        connection.execute("INSERT INTO filler VALUES (zeroblob(200000))")
    checkpointed(served.path)
    good(served)
    with sqlite3.connect(served.path) as connection:
        connection.execute("DROP TABLE filler")
    vacuum(served.path)
    before = served.path.stat().st_size
    checkpointed(served.path)
    assert served.path.stat().st_size < before
    good(served)


@pytest.mark.parametrize("ends", [["-wal"], ["-shm"], ["-wal", "-shm"]])
def test_a_log_that_was_deleted_is_written_home_and_waits_for_a_start(served, ends, monkeypatch):
    for end in ends:
        served.path.with_name(f"store.sqlite{end}").unlink()
    for _ in range(2):
        away(served, "moved")
    assert outcomes(served.path) == 1, "what was acknowledged is in the file"
    with sqlite3.connect(served.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    started(monkeypatch)
    good(serving(served.path))


def test_tables_that_went_are_damage(served):
    with sqlite3.connect(served.path) as connection:
        for table in ("accepted_suggestion", "feedback", "write_probe", "shown_rule", "shown_card"):
            connection.execute(f"DROP TABLE {table}")
    away(served, "corrupt")


@contextmanager
def revision(path, name):
    def put(value):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (value,))

    put(name)
    yield
    put(HEAD)


@pytest.mark.parametrize(
    ("name", "kind"), [("0099", "newer"), ("3f5a36ba", "foreign"), ("00", "foreign")]
)
def test_a_database_of_another_version_is_left_as_it_is(served, name, kind):
    path = served.path
    later = None
    with revision(path, name):
        before = dump(path)
        later = serving(path)
        away(later, kind)
        assert dump(path) == before
    good(later)


@pytest.mark.parametrize(
    "tables",
    [
        "CREATE TABLE feedback (x)",
        "CREATE TABLE invoice (x)",
        "CREATE TABLE alembic_version (other)",
        "CREATE TABLE alembic_version (version_num); CREATE TABLE feedback (x)",
    ],
)
def test_a_database_of_another_application_is_left_as_it_is(tmp_path, tables):
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(tables)
    before = path.read_bytes()
    away(serving(path), "foreign")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def dump(path):
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())


def test_a_folder_that_is_missing(tmp_path):
    served = serving(tmp_path / "later" / "store.sqlite")
    away(served, "unreachable")
    (tmp_path / "later").mkdir()
    good(served)


def test_a_database_that_may_not_be_written(served):
    served.store.database.close()
    reader = serving(f"file:{served.path}", query="?mode=ro&uri=true")
    away(reader, "unwritable")


def test_a_locked_database(served):
    other = sqlite3.connect(served.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    away(served, "busy")
    other.execute("ROLLBACK")
    other.close()
    good(served)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MB, where one may be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
    if mount is None or os.getuid() or subprocess.run(command, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk(small_disk):
    served = serving(small_disk / "store.sqlite")
    good(served)
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    acknowledged = 1
    card = hooktools.shown(served.client)
    for second in range(60):  # what was reserved for the log before takes some more
        when = f"2026-11-24T10:00:{second:02}Z"
        told = hooktools.overridden(card, outcomeTimestamp=when)
        response = served.client.post(URL, json=told)
        if response.status_code != 200:
            break
        acknowledged += 1
    served.store.drain()
    away(served, "unwritable")
    ballast.unlink()
    good(served)
    assert outcomes(served.path) == acknowledged + 1


def test_a_full_database(served):
    """No page can be added: what needs none could still be written, and the probe needs some."""
    for database in (served.store.database, served.store._durable):
        with database.transaction() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar()
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with served.store._durable.transaction() as connection:
        connection.execute(text("CREATE TABLE filler (x)"))
    ready = served.client.get("/readyz")
    assert (ready.status_code, ready.get_json()["store"]) == (503, "unwritable")
