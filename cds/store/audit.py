"""Which cards were shown: written behind the answer, by one thread, from a bounded queue.

A card never waits for the database. What does not fit into the queue, or can't be written, is
dropped and counted.
"""

from __future__ import annotations

import hashlib
import hmac
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.util import Finalize

import structlog
from sqlalchemy import select

from cds.metrics import AUDIT_DROPPED
from cds.store.database import Database, StoreError, now, stamp
from cds.store.tables import shown_card, shown_rule

BATCH = 200
ATTEMPTS = 3
PAUSE_S = 0.5
DRAIN_S = 3.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shown:
    """One card that was sent. The patient is a keyed hash, never an id."""

    uuid: str
    service: str
    tenant: str | None
    patient_hash: str
    kind: str
    indicator: str
    rules: tuple[str, ...]
    knowledge_version: str
    latency_ms: int
    client: str | None = None
    """`iss` of who was shown it"""


def patient_hash(key: bytes, tenant: str | None, patient_id: str) -> str:
    """The patient, as the audit knows them: HMAC-SHA-256, different for each organisation."""
    return hmac.new(key, f"{tenant or ''}\x00{patient_id}".encode(), hashlib.sha256).hexdigest()


def recently_shown(database: Database, patient: str, rule: str, days: int) -> bool:
    """Whether a card of that rule was shown for a patient hash within `days`.

    False also when the store can't be asked: a card twice is better than none.
    """
    since = stamp(datetime.now(UTC) - timedelta(days=days))
    query = (
        select(shown_card.c.uuid)
        .join(shown_rule, shown_rule.c.card == shown_card.c.uuid)
        .where(
            shown_card.c.patient_hash == patient,
            shown_card.c.shown_at >= since,
            shown_rule.c.rule == rule,
        )
        .limit(1)
    )
    try:
        with database.transaction() as connection:
            return connection.execute(query).first() is not None
    except StoreError:
        return False


class Audit:
    """The writer. Its thread starts with the first card, so after a worker was forked.

    `tell` is called with what each batch met, None if it was written.
    """

    def __init__(
        self,
        database: Database,
        capacity: int,
        tell: Callable[[StoreError | None], object] = lambda _fault: None,
    ) -> None:
        self._database = database
        self._tell = tell
        self._waiting: queue.Queue[Shown] = queue.Queue(capacity)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def put(self, shown: Shown) -> None:
        """Keep a row soon; drop and count it when too many wait."""
        try:
            self._waiting.put_nowait(shown)
        except queue.Full:
            AUDIT_DROPPED.inc()
        if self._thread is None:
            self._start()

    def drain(self, seconds: float = DRAIN_S) -> bool:
        """Wait until everything is written, at most so long; whether it was."""
        until = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.01)
        return not self._waiting.unfinished_tasks

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
                self._thread.start()
                # also run at the end of a forked worker, where atexit is not
                Finalize(None, self.drain, exitpriority=1)

    def _run(self) -> None:
        while True:
            rows = [self._waiting.get()]
            while len(rows) < BATCH and not self._waiting.empty():
                rows.append(self._waiting.get())
            self._write(rows)
            for _ in rows:
                self._waiting.task_done()

    def _write(self, rows: list[Shown]) -> None:
        for attempt in range(ATTEMPTS):
            try:
                write(self._database, rows)
                self._tell(None)
                return
            except StoreError as error:
                self._tell(error)
                reason = str(error)
                time.sleep(PAUSE_S * attempt)
        AUDIT_DROPPED.inc(len(rows))
        log.warning("audit rows were dropped", count=len(rows), reason=reason)


def write(database: Database, rows: list[Shown]) -> None:
    """Store rows in one transaction. Raises StoreError."""
    instant = now()
    cards = [
        {
            "uuid": row.uuid,
            "shown_at": instant,
            "service": row.service,
            "tenant": row.tenant,
            "patient_hash": row.patient_hash,
            "kind": row.kind,
            "indicator": row.indicator,
            "knowledge_version": row.knowledge_version,
            "latency_ms": row.latency_ms,
            "client": row.client,
        }
        for row in rows
    ]
    rules = [{"card": row.uuid, "rule": rule} for row in rows for rule in dict.fromkeys(row.rules)]
    with database.transaction() as connection:
        connection.execute(database.insert_new(shown_card), cards)
        if rules:
            connection.execute(database.insert_new(shown_rule), rules)
