"""What is old enough is deleted: a little at a time, beside the calls, by any worker."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Column, ColumnElement, Connection, Select, Table, delete, select

from cds.metrics import DELETED
from cds.store.database import Database, StoreError, stamp
from cds.store.tables import feedback, shown_card

ROWS = 200
"""cards, with their rules and feedback, in one transaction: others wait for it"""
PAUSE_S = 0.2
"""between two, so that others have their turn"""
EVERY_S = 3600.0
FIRST_S = (10.0, 300.0)
"""between these: workers that start together begin apart"""

log = structlog.get_logger()


def forget_old(
    database: Database, days: int, pause: Callable[[float], object] = time.sleep
) -> dict[str, int]:
    """Delete cards shown more than `days` ago with their feedback, and other feedback as old.

    How many rows of each table. Raises StoreError; what was deleted before stays so.
    """
    before = stamp(datetime.now(UTC) - timedelta(days=days))
    counts = {"feedback": 0, "shown_card": 0}
    while _some_cards(database, before, counts):
        pause(PAUSE_S)
    while _some_feedback(database, before, counts):
        pause(PAUSE_S)
    return counts


def _some_cards(database: Database, before: str, counts: dict[str, int]) -> bool:
    old = _oldest(database, shown_card.c.uuid, shown_card.c.shown_at, before)
    with database.transaction() as connection:
        uuids = connection.scalars(old).all()
        _delete(connection, feedback, feedback.c.card.in_(uuids), counts)
        _delete(connection, shown_card, shown_card.c.uuid.in_(uuids), counts)
    return bool(uuids)


def _some_feedback(database: Database, before: str, counts: dict[str, int]) -> bool:
    """Of cards whose rows were dropped, or are gone already."""
    old = _oldest(database, feedback.c.id, feedback.c.received_at, before)
    with database.transaction() as connection:
        ids = connection.scalars(old).all()
        _delete(connection, feedback, feedback.c.id.in_(ids), counts)
    return bool(ids)


def _oldest(database: Database, key: Column[Any], when: Column[Any], before: str) -> Select[Any]:
    """Another worker may be at it too: it takes rows that this one has not."""
    some = select(key).where(when < before).order_by(when).limit(ROWS)
    return some.with_for_update(skip_locked=True) if database.dialect == "postgresql" else some


def _delete(
    connection: Connection, table: Table, which: ColumnElement[bool], counts: dict[str, int]
) -> None:
    count: int = connection.execute(delete(table).where(which)).rowcount
    DELETED.labels(table.name).inc(count)
    counts[table.name] += count


class Retention:
    """Deletes what is old every hour, on a thread of its own."""

    def __init__(self, database: Database, days: int) -> None:
        self._database = database
        self._days = days

    def start(self) -> None:
        """Begin soon, each worker at another moment. With no days nothing is ever deleted."""
        if self._days:
            threading.Thread(target=self._run, name="retention", daemon=True).start()

    def _run(self) -> None:
        time.sleep(random.uniform(*FIRST_S))  # noqa: S311  # no secret
        while True:
            try:
                deleted = forget_old(self._database, self._days)
            except StoreError as error:
                log.warning("old rows were not deleted", reason=error.kind)
            else:
                if any(deleted.values()):
                    log.info("old rows were deleted", count=sum(deleted.values()))
            time.sleep(EVERY_S)
