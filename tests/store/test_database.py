"""The database: migrations make what the tables say, and a lost one fails fast and says little."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files

import pytest
from sqlalchemy import create_engine, inspect, text

from cds.store.database import HEAD, Database, StoreError, stamp
from cds.store.tables import metadata


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.sqlite"


def shape(engine):
    """Tables with their columns, keys and indexes."""
    seen = inspect(engine)
    return {
        table: {
            "columns": {
                (c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)
            },
            "key": seen.get_pk_constraint(table)["constrained_columns"],
            "unique": {tuple(u["column_names"]) for u in seen.get_unique_constraints(table)},
            "indexes": {tuple(i["column_names"]) for i in seen.get_indexes(table)},
            "foreign": {tuple(f["constrained_columns"]) for f in seen.get_foreign_keys(table)},
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def test_the_migrations_make_the_tables(url, tmp_path):
    Database(url).migrate()
    declared = create_engine(f"sqlite:///{tmp_path}/declared.sqlite")
    metadata.create_all(declared)
    assert shape(create_engine(url)) == shape(declared)


def test_head_is_the_newest_migration():
    versions = files("cds.store") / "migrations" / "versions"
    names = sorted(f.name[:4] for f in versions.iterdir() if f.name[0].isdigit())
    assert names[-1] == HEAD


def test_a_second_start_migrates_nothing(url):
    Database(url).migrate()
    second = Database(url)
    second.migrate()
    with second.transaction() as connection:
        revisions = connection.execute(text("SELECT version_num FROM alembic_version")).all()
    assert [tuple(row) for row in revisions] == [(HEAD,)]


def test_processes_that_start_together_migrate_once(url):
    faults = []

    def start():
        try:
            Database(url).migrate()
        except StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


@pytest.mark.parametrize(("durable", "synchronous"), [(False, 1), (True, 2)])
def test_sqlite_writes_ahead_and_keeps_references(url, durable, synchronous):
    """`synchronous` 2 is FULL: the disk has a transaction when it ends; 1 is NORMAL."""
    database = Database(url, durable=durable)
    with database.transaction() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA synchronous")).scalar() == synchronous


def test_a_missing_folder_is_a_store_error_without_values(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/missing/store.sqlite")
    assert not database.reachable()
    with pytest.raises(StoreError) as caught:
        database.migrate()
    assert str(caught.value) == caught.value.kind == "unreachable"


def test_a_locked_database_fails_after_its_timeout(url, tmp_path):
    database = Database(url, timeout_s=0.2)
    with database.transaction() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 200
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError), database.transaction() as connection:
        connection.execute(text("DELETE FROM used_token"))
    other.close()


def test_a_database_that_comes_back_is_used(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/later/store.sqlite")
    assert not database.reachable()
    (tmp_path / "later").mkdir()
    assert database.reachable()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://localhost/x", "oracle://x"])
def test_other_databases_are_refused(url):
    with pytest.raises(ValueError, match="database_url"):
        Database(url)


def test_instants_are_text_that_sorts_as_time():
    moment = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert stamp(moment) == "2026-11-24T10:00:00.000000Z"
    assert stamp(moment.astimezone(timezone(timedelta(hours=5)))) == stamp(moment)
    later = [moment + timedelta(microseconds=n) for n in (0, 1, 10, 100_000, 1_000_000)]
    assert sorted(map(stamp, later)) == list(map(stamp, later))
