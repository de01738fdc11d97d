"""One engine: SQLite in WAL mode, or PostgreSQL. Short timeouts, since a card must not wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import as_file, files
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

HEAD = "0001"
"""newest migration; a test compares it with the files"""

log = structlog.get_logger()

_migrating = threading.Lock()
"""Alembic keeps its context in the module, so that one process migrates one database at a time"""


class StoreError(Exception):
    """The database can't be reached or written now. Carries no SQL and no values."""


class Database:
    """Connections to the store. Opening one migrates the tables if that was not done yet."""

    def __init__(self, url: str, timeout_s: float = 2.0) -> None:
        self._engine = _engine(url, timeout_s)
        self._migrated = False

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction that commits at the end. Raises StoreError when the database fails."""
        try:
            self._ensure_tables()
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(type(error).__name__) from None

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

    def reachable(self) -> bool:
        """Whether a query is answered now."""
        try:
            with self.transaction() as connection:
                connection.execute(text("SELECT 1"))
        except StoreError:
            return False
        return True

    def close(self) -> None:
        """Let all connections go; a worker that is forked afterwards opens its own."""
        self._engine.dispose()

    def _ensure_tables(self) -> None:
        if self._migrated:
            return
        with _migrating:
            if not self._migrated:
                if _revision(self._engine) != HEAD:
                    _upgrade(self._engine)
                self._migrated = True


def now() -> str:
    """The present instant, as the tables hold it."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """An instant as text of one width in UTC, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _engine(url: str, timeout_s: float) -> Engine:
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError:
        raise ValueError("database_url is not a database URL") from None
    if kind == "sqlite":
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": timeout_s})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    if kind != "postgresql":
        raise ValueError("database_url must be sqlite:///… or postgresql+psycopg://…")
    options = f"-c statement_timeout={int(timeout_s * 1000)}"
    return create_engine(
        url,
        hide_parameters=True,
        pool_timeout=timeout_s,
        pool_pre_ping=True,
        connect_args={"connect_timeout": max(1, round(timeout_s)), "options": options},
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.execute(
            text("SELECT version_num FROM alembic_version")
        ).scalar()
        return revision


def _upgrade(engine: Engine) -> None:
    """Run the packaged migrations; of several processes that start together, one does it."""
    from alembic import command
    from alembic.config import Config

    with as_file(files("cds.store") / "migrations") as scripts, engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_lock(7219443)"))
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    log.info("database migrated", version=HEAD)
