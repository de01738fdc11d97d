"""The store's database: its tables are made and migrated at first use, and its file is watched."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Insert, Table, delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from cds.store.engines import open_engine, within
from cds.store.errors import StoreError, kind_of
from cds.store.migrate import HEAD, revision_of, upgrade, write_ahead
from cds.store.rehearsal import rehearse
from cds.store.sqlite_file import SQLiteFile
from cds.store.tables import write_probe

__all__ = ["HEAD", "Database", "StoreError", "now", "stamp"]

TIMEOUT_S = 1.5
"""for a transaction: longer than the store needs, shorter than a caller waits"""
PROBE_BYTES = 8192
"""more than a page, so that a store without room for a new one is found out"""

log = structlog.get_logger()

_migrating = threading.Lock()
"""Alembic keeps its context in the module, so that one process migrates one database at a time"""


class Database:
    """Connections to the store. Opening one migrates the tables if that was not done yet.

    `durable`: on SQLite a transaction is on the disk when it ends, so that it outlasts a loss of
    power too. On PostgreSQL the server's `synchronous_commit` decides.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S, *, durable: bool = False) -> None:
        self._engine = open_engine(url, timeout_s, durable)
        self._timeout_s = timeout_s
        self._migrated = False
        self._file = _sqlite_file(self._engine)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that commits at the end. Raises StoreError when the database fails."""
        try:
            self._watch_file()
            self._ensure_tables()
            with within(self._timeout_s), self._engine.begin() as connection:
                yield connection
            if self._file:
                self._file.used()
            self._watch_file()  # what was written may have gone with the file
        except (SQLAlchemyError, sqlite3.Error) as error:
            failed = StoreError(kind_of(error))
            if failed.kind != "busy":
                self._start_anew()
            raise failed from None

    def insert_new(self, table: Table) -> Insert:
        """An INSERT that leaves a row alone that is already there."""
        dialect: Any = postgresql if self.dialect == "postgresql" else sqlite
        statement: Insert = dialect.insert(table).on_conflict_do_nothing()
        return statement

    def migrate(self) -> None:
        """Bring the tables up to date. Raises StoreError."""
        self._migrated = False
        with self.transaction():
            pass

    def try_writing(self) -> None:
        """Write, take new room, and give it back, in each table of ours. Raises StoreError."""
        with self.transaction() as connection:
            row = {"id": randbits(31), "written_at": now(), "filler": bytes(PROBE_BYTES)}
            connection.execute(insert(write_probe), row)
            rehearse(connection)
            connection.execute(delete(write_probe).where(write_probe.c.id == row["id"]))

    def reachable(self) -> bool:
        """Whether it can be written now."""
        try:
            self.try_writing()
        except StoreError:
            return False
        return True

    def close(self) -> None:
        """Let all connections go; a worker that is forked afterwards opens its own."""
        self._engine.dispose()
        if self._file:
            self._file.closed()

    def _ensure_tables(self) -> None:
        if self._migrated:
            return
        if not _migrating.acquire(timeout=self._timeout_s):
            raise StoreError("busy")
        try:
            if not self._migrated:
                with within(self._timeout_s):
                    newest = revision_of(self._engine) == HEAD
                write_ahead(self._engine)
                if not newest:
                    upgrade(self._engine)
                if self._file:
                    self._file.opened()
                self._migrated = True
        finally:
            _migrating.release()

    def _watch_file(self) -> None:
        """Raise StoreError when the SQLite file is not the one any more, or lost its end.

        It is not made anew, and one in its place is not opened, before the next start: what was
        written would be lost when the old one comes back, and the log of the old one, which other
        workers may have open, would be taken for that of the new one.
        """
        fault = self._file.fault() if self._file else None
        if fault == "moved":
            self._bring_home("TRUNCATE")  # or what is put back goes without its log
            self._start_anew()
            raise StoreError("moved")
        if fault == "shrunk" and not self._whole():
            raise StoreError("corrupt")

    def _bring_home(self, how: str) -> None:
        """Write what waits in the write-ahead log to the file; both are open, whatever is named."""
        pool = self._engine.pool
        if not isinstance(pool, QueuePool) or not pool.checkedin():
            return
        with suppress(SQLAlchemyError, sqlite3.Error):
            connection = pool.connect()
            connection.cursor().execute(f"PRAGMA wal_checkpoint({how})")
            connection.close()

    def _whole(self) -> bool:
        """Whether a file that became smaller is whole: made so by its log, or by a VACUUM.

        One that was emptied and can't be made whole stays so, for all workers to see.
        """
        if self._file is None:
            return True
        if self._file.empty():
            if self._file.log_has_all():
                self._bring_home("PASSIVE")
            if self._file.empty():
                return False  # nor may anybody open it: that deletes the log
        self._start_anew()
        with self._engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
                return False
        self._file.accept()
        return True

    def _start_anew(self) -> None:
        """Look at which tables there are, and at the file; the driver knows of lost servers."""
        self._migrated = False
        if self._file and not self._file.empty():
            self.close()


def now() -> str:
    """The present instant, as the tables hold it."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """An instant as text of one width in UTC, so that text order is time order.

    Raises OverflowError for one that lies outside the years 1 to 9999 in UTC.
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _sqlite_file(engine: Engine) -> SQLiteFile | None:
    """The file, where there is one that can be watched."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name.startswith(("file:", ":memory:")):
        return None
    return SQLiteFile(Path(name).absolute())
