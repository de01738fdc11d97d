"""What is old enough is deleted, a little at a time, and nothing else is."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from test_audit import shown

from cds.metrics import DELETED
from cds.settings import Settings, SettingsError, load_settings
from cds.store import audit, retention
from cds.store.database import Database, stamp
from cds.store.feedback import Addressee, Feedback, keep
from cds.store.report import build_report
from cds.store.retention import Retention, forget_old
from cds.store.tables import accepted_suggestion, feedback, shown_card, shown_rule

NOW = datetime.now(UTC)


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path}/store.sqlite")
    opened.migrate()
    return opened


def put(database, uuid, *, shown_before=None, told_before=None, outcome="overridden"):
    """A card shown so many days ago, and feedback received so many days ago."""
    if shown_before is not None:
        audit.write(database, [shown(uuid=uuid)])
    if told_before is not None:
        suggestions = ("s1",) if outcome == "accepted" else ()
        keep(database, Addressee("s"), [Feedback(uuid, outcome, NOW, suggestions)])
    with database.transaction() as connection:
        if shown_before is not None:
            at = stamp(NOW - timedelta(days=shown_before))
            connection.execute(
                update(shown_card).where(shown_card.c.uuid == uuid).values(shown_at=at)
            )
        if told_before is not None:
            at = stamp(NOW - timedelta(days=told_before))
            connection.execute(
                update(feedback).where(feedback.c.card == uuid).values(received_at=at)
            )


def left(database, column):
    with database.transaction() as connection:
        return sorted(connection.scalars(select(column)))


def no_pause(_seconds):
    pass


def test_cards_go_with_their_rules_and_feedback_at_the_day_and_not_before(database):
    put(database, "old", shown_before=10.01, told_before=3, outcome="accepted")
    put(database, "young", shown_before=9.99, told_before=3, outcome="accepted")
    put(database, "silent", shown_before=400)
    put(database, "stray and old", told_before=10.01)
    put(database, "stray", told_before=9.99)
    before = {name: DELETED.labels(name)._value.get() for name in ("shown_card", "feedback")}
    assert forget_old(database, 10, no_pause) == {"feedback": 2, "shown_card": 2}
    assert left(database, shown_card.c.uuid) == ["young"]
    assert set(left(database, shown_rule.c.card)) == {"young"}
    assert left(database, feedback.c.card) == ["stray", "young"]
    assert len(left(database, accepted_suggestion.c.suggestion)) == 1
    after = {name: DELETED.labels(name)._value.get() for name in before}
    assert after == {name: count + 2 for name, count in before.items()}
    assert forget_old(database, 10, no_pause) == {"feedback": 0, "shown_card": 0}


def test_the_report_says_since_when_it_counts(database):
    put(database, "old", shown_before=100)
    put(database, "young", shown_before=5)
    assert build_report(database).since == stamp(NOW - timedelta(days=100))
    forget_old(database, 10, no_pause)
    assert build_report(database).since == stamp(NOW - timedelta(days=5))


def test_others_have_their_turn_after_a_few_rows(database, monkeypatch):
    monkeypatch.setattr(retention, "ROWS", 4)
    for number in range(9):
        put(database, f"c{number}", shown_before=20, told_before=20)
    deleted = []

    @event.listens_for(database._engine, "after_cursor_execute")
    def count(_connection, cursor, statement, *_more):
        if statement.startswith("DELETE"):
            deleted.append(cursor.rowcount)

    pauses = []
    forget_old(database, 10, pauses.append)
    assert deleted == [4, 4, 4, 4, 1, 1, 0, 0, 0]
    assert len(pauses) == 3


def test_two_workers_may_delete_at_once(database, tmp_path, monkeypatch):
    monkeypatch.setattr(retention, "ROWS", 3)
    for number in range(20):
        put(database, f"c{number}", shown_before=20, told_before=20)
    counts, faults = [], []

    def work():
        try:
            mine = Database(f"sqlite:///{tmp_path}/store.sqlite", 20)
            counts.append(forget_old(mine, 10, no_pause))
        except Exception as error:
            faults.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert faults == []
    assert sum(count["shown_card"] for count in counts) == 20
    assert sum(count["feedback"] for count in counts) == 20


def test_the_thread_deletes_and_goes_on_after_a_fault(database, tmp_path, monkeypatch):
    monkeypatch.setattr(retention, "FIRST_S", (0.0, 0.0))
    monkeypatch.setattr(retention, "EVERY_S", 0.01)
    put(database, "old", shown_before=20)
    real, calls, done = retention.forget_old, [], threading.Event()

    def sometimes(*given):
        calls.append(1)
        if len(calls) == 1:
            raise retention.StoreError("busy")
        deleted = real(*given)
        done.set()
        return deleted

    monkeypatch.setattr(retention, "forget_old", sometimes)
    Retention(database, 10).start()
    assert done.wait(30)
    monkeypatch.setattr(retention, "EVERY_S", 3600.0)
    assert left(database, shown_card.c.uuid) == []


def test_zero_days_keep_everything(database, monkeypatch):
    monkeypatch.setattr(threading.Thread, "start", lambda self: pytest.fail("a thread was started"))
    Retention(database, 0).start()


def test_what_was_shown_is_kept_as_long_as_it_is_asked_for():
    assert Settings().store_days == 730
    for days in (0, 90, 91):
        assert load_settings(store_days=days).store_days == days
    for days in (1, 89):
        with pytest.raises(SettingsError, match="trigger_quiet_days"):
            load_settings(store_days=days)
