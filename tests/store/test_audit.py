"""The audit: what was shown, without a patient in it, and never in the way of a card."""

from __future__ import annotations

import multiprocessing
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from cds.metrics import AUDIT_DROPPED
from cds.store import audit
from cds.store.audit import Audit, Shown, patient_hash, recently_shown
from cds.store.database import Database, stamp
from cds.store.tables import shown_card, shown_rule
from tests.replaced import replace

KEY = b"secret"


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path}/store.sqlite")
    opened.migrate()
    return opened


def shown(patient="p1", rules=("trigger:trd-unipolar",), **changes):
    row = Shown(
        uuid=str(uuid4()),
        service="ketamine-order-select",
        tenant="north",
        patient_hash=patient_hash(KEY, "north", patient),
        kind="candidacy",
        indicator="info",
        rules=rules,
        knowledge_version="abc",
        latency_ms=12,
    )
    return replace(row, **changes)


def test_a_shown_card_is_kept_with_its_rules(database):
    written = Audit(database, 10)
    row = shown(rules=("b", "a", "a"))
    written.put(row)
    assert written.drain()
    with database.transaction() as connection:
        kept = connection.execute(select(shown_card)).one()._asdict()
        rules = connection.execute(select(shown_rule.c.rule)).scalars().all()
    assert sorted(rules) == ["a", "b"]
    assert kept["patient_hash"] == row.patient_hash
    assert kept["latency_ms"] == 12
    assert kept["knowledge_version"] == "abc"


def test_a_patient_is_a_keyed_hash_that_differs_between_organisations():
    assert len(patient_hash(KEY, "north", "p1")) == 64
    others = {
        patient_hash(KEY, "north", "p1"),
        patient_hash(KEY, "south", "p1"),
        patient_hash(KEY, None, "p1"),
        patient_hash(KEY, "north", "p2"),
        patient_hash(b"other", "north", "p1"),
    }
    assert len(others) == 5


def test_more_than_the_queue_holds_is_dropped_and_counted_and_nobody_waits(database, monkeypatch):
    """300 rows are put while the database takes none: all but those in the queue and its writer."""
    database_is_back = threading.Event()
    outlasted = []

    def write(*_given):
        outlasted.append(not database_is_back.wait(5))
        database_is_back.set()  # one long wait tells enough

    monkeypatch.setattr(audit, "write", write)
    before = AUDIT_DROPPED._value.get()
    written = Audit(database, 3)
    for _ in range(300):
        written.put(shown())
    assert not outlasted
    database_is_back.set()
    assert written.drain()
    assert 300 - 2 * 3 <= AUDIT_DROPPED._value.get() - before <= 300 - 3


def test_rows_that_can_t_be_written_are_dropped_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "PAUSE_S", 0.01)
    lost = Database(f"sqlite:///{tmp_path}/missing/store.sqlite")
    before = AUDIT_DROPPED._value.get()
    written = Audit(lost, 10)
    written.put(shown())
    assert written.drain()
    assert AUDIT_DROPPED._value.get() == before + 1


def test_a_worker_that_ends_writes_what_waits(database, monkeypatch):
    slow = audit.write
    monkeypatch.setattr(audit, "write", lambda *given: (time.sleep(0.3), slow(*given)))

    def work():
        Audit(database, 10).put(shown())

    database.close()
    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    worker.join(10)
    with database.transaction() as connection:
        assert len(connection.execute(select(shown_card)).all()) == 1


def test_recently_shown_is_by_patient_rule_and_time(database):
    audit.write(database, [shown(), shown("p2", ("trigger:pain",))])
    patient = patient_hash(KEY, "north", "p1")
    assert recently_shown(database, patient, "trigger:trd-unipolar", 90)
    assert not recently_shown(database, patient, "trigger:pain", 90)
    assert not recently_shown(
        database, patient_hash(KEY, "north", "p3"), "trigger:trd-unipolar", 90
    )
    old = stamp(datetime.now(UTC) - timedelta(days=91))
    with database.transaction() as connection:
        connection.execute(update(shown_card).values(shown_at=old))
    assert not recently_shown(database, patient, "trigger:trd-unipolar", 90)
    assert recently_shown(database, patient, "trigger:trd-unipolar", 92)


def test_without_a_database_nothing_counts_as_shown(tmp_path):
    lost = Database(f"sqlite:///{tmp_path}/missing/store.sqlite")
    assert not recently_shown(lost, "hash", "rule", 90)
