"""From every older version of the tables to this one, with everything that was in them."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from cds.store.database import HEAD, Database
from cds.store.feedback import Addressee, Feedback, keep
from cds.store.migrate import REVISIONS
from cds.store.report import build_report
from cds.store.tables import accepted_suggestion, feedback, shown_card, shown_rule

WHEN = "2026-11-24T10:00:00.000000Z"
DATA = {
    # revision: (table, columns, values) that it could hold
    "0001": (
        ("shown_card", "uuid, shown_at, service, tenant, patient_hash, kind, indicator, "
         "knowledge_version, latency_ms", ("c1", WHEN, "s", "t", "h", "dose", "info", "v", 5)),
        ("shown_rule", "card, rule", ("c1", "iv")),
        ("feedback", "id, card, outcome, outcome_at, received_at, service, client, reason_system, "
         "reason_code, comment", (7, "c1", "accepted", WHEN, WHEN, "s", "iss", None, None, None)),
        ("feedback", "id, card, outcome, outcome_at, received_at, service, client, reason_system, "
         "reason_code, comment", (8, "c2", "overridden", WHEN, WHEN, "s", None, "y", "r", "why")),
        ("accepted_suggestion", "feedback, suggestion", (7, "s1")),
        ("accepted_suggestion", "feedback, suggestion", (7, "s2")),
        ("used_token", "token, expires", ("abc", 2_000_000_000)),
    ),
}  # fmt: skip


def at_revision(database: Database, revision: str) -> None:
    """Make the tables of an older version."""
    from importlib.resources import as_file, files

    from alembic import command
    from alembic.config import Config

    with as_file(files("cds.store") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts))
        with database._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            for table, columns, values in DATA[revision]:
                names = [name.strip() for name in columns.split(",")]
                marks = ", ".join(f":{name}" for name in names)
                statement = text(f"INSERT INTO {table} ({columns}) VALUES ({marks})")
                connection.execute(statement, dict(zip(names, values, strict=True)))
    database.close()


def check_kept(database: Database) -> None:
    """All that DATA put in is there, and new entries go beside it."""
    database.migrate()
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
        (card,) = connection.execute(select(shown_card)).all()
        assert (card.uuid, card.tenant, card.client) == ("c1", "t", None)
        assert connection.execute(select(shown_rule)).all() == [("c1", "iv")]
        entries = connection.execute(select(feedback).order_by(feedback.c.id)).all()
        assert [(e.id, e.card, e.comment) for e in entries] == [(7, "c1", None), (8, "c2", "why")]
        suggestions = connection.execute(select(accepted_suggestion)).all()
        assert sorted(suggestions) == [(7, "s1"), (7, "s2")]
        assert connection.scalar(text("SELECT count(*) FROM used_token")) == 1
    later = Feedback("c1", "overridden", datetime(2026, 11, 25, tzinfo=UTC))
    assert keep(database, Addressee("s", "iss", "t"), [later], unproven=[0]) == 1
    (line,) = build_report(database).cards
    assert (line.accepted, line.overridden) == (0, 1)


def test_every_older_version_has_its_data_here():
    assert set(DATA) == set(REVISIONS) - {HEAD}


@pytest.mark.parametrize("revision", DATA)
def test_nothing_is_lost_on_the_way(tmp_path, revision):
    url = f"sqlite:///{tmp_path}/store.sqlite"
    at_revision(Database(url), revision)
    database = Database(url)
    check_kept(database)
    with database.transaction() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_a_worker_of_the_version_before_goes_on_with_the_tables_of_this_one(tmp_path):
    url = f"sqlite:///{tmp_path}/store.sqlite"
    Database(url).migrate()
    with Database(url).transaction() as connection:
        for table, columns, values in DATA[REVISIONS[-2]]:
            marks = ", ".join("?" * len(values))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"
            connection.exec_driver_sql(statement, values)


def test_a_migration_that_breaks_off_leaves_what_was(tmp_path, monkeypatch):
    from alembic.operations import Operations

    path = tmp_path / "store.sqlite"
    at_revision(Database(f"sqlite:///{path}"), "0001")
    with sqlite3.connect(path) as connection:
        before = list(connection.iterdump())

    def fail(*_given, **_named):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Operations, "create_table", fail)
    database = Database(f"sqlite:///{path}")
    assert not database.reachable()
    with sqlite3.connect(path) as connection:
        assert list(connection.iterdump()) == before
    monkeypatch.undo()
    check_kept(database)


def test_workers_that_start_at_once_migrate_once(tmp_path):
    url = f"sqlite:///{tmp_path}/store.sqlite"
    at_revision(Database(url), "0001")
    program = f'from cds.store.database import Database\nDatabase("{url}", 20).migrate()'
    workers = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    check_kept(Database(url))
