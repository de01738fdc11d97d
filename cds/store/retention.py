"""What is old enough is deleted: a little at a time, beside the calls, by any worker."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Column, ColumnElement, Table, delete, select

from cds.metrics import DELETED
from cds.store.database import Database, StoreError, stamp
from cds.store.tables import feedback, shown_card

ROWS = 500
"""in one transaction: others wait for it"""
PAUSE_S = 0.2
"""between two, so that others have their turn"""
EVERY_S = 3600.0
FIRST_S = (10.0, 300.0)
"""between these: workers that start together begin apart"""

log = structlog.get_logger()


def forget_old(
    database: Database, days: int, pause: Callable[[float], object] = time.sleep
) -> dict[str, int]:
    """Delete cards shown more than `days` ago with their feedback, and feedback as old.

    How many rows of each table. Raises StoreError; what was deleted before stays so.
    """
    before = stamp(datetime.now(UTC) - timedelta(days=days))
    old_cards = select(shown_card.c.uuid).where(shown_card.c.shown_at < before)
    counts = {"feedback": 0, "shown_card": 0}
    for table, key, old in (
        (feedback, feedback.c.id, feedback.c.card.in_(old_cards)),
        (shown_card, shown_card.c.uuid, shown_card.c.shown_at < before),
        (feedback, feedback.c.id, feedback.c.received_at < before),
    ):
        while deleted := _delete_some(database, table, key, old):
            counts[table.name] += deleted
            pause(PAUSE_S)
    return counts


def _delete_some(
    database: Database, table: Table, key: Column[Any], old: ColumnElement[bool]
) -> int:
    """Another worker may be at it too: each takes rows that the other has not."""
    some = select(key).where(old).order_by(key).limit(ROWS)
    if database.dialect == "postgresql":
        some = some.with_for_update(of=table, skip_locked=True)
    with database.transaction() as connection:
        count: int = connection.execute(delete(table).where(key.in_(some))).rowcount
    DELETED.labels(table.name).inc(count)
    return count


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
