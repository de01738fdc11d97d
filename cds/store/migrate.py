"""From any older version of the tables to this one; never back, and never in a store of others.

A migration adds: workers of the version before go on with the tables that it makes, so that one
machine after the other can be renewed.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import structlog
from sqlalchemy import Connection, Engine, inspect, text

from cds.store.errors import StoreError
from cds.store.tables import metadata

HEAD = "0002"
"""newest migration; a test compares it with the files"""
REVISIONS = ("0001", HEAD)
LOCK = 7219443
"""ours among the advisory locks of a PostgreSQL database"""
VERSIONS = "alembic_version"

log = structlog.get_logger()


def revision_of(engine: Engine) -> str | None:
    """The newest migration that a database has; None for an empty one.

    Raises StoreError for a database of a later version, or of another application.
    """
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        if VERSIONS not in there:
            # a PostgreSQL database may have tables of others beside ours, a file may not
            if there and (engine.dialect.name == "sqlite" or there & set(metadata.tables)):
                raise StoreError("foreign")
            return None
        columns = {column["name"] for column in inspect(connection).get_columns(VERSIONS)}
        if "version_num" not in columns:
            raise StoreError("foreign")
        found = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalars().all()  # noqa: S608
    if not found and not there & set(metadata.tables):
        return None
    revision = str(found[0]) if len(found) == 1 else ""
    if revision in REVISIONS:
        return revision
    ours = len(revision) == len(HEAD) and revision.isdecimal() and revision > HEAD
    raise StoreError("newer" if ours else "foreign")


def write_ahead(engine: Engine) -> None:
    """Let SQLite's readers go on while it is written: a property of the file, so of ours only."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def upgrade(engine: Engine) -> None:
    """Run the packaged migrations; of several processes that start together, one does it."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    with as_file(files("cds.store") / "migrations") as scripts, engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            _alone(connection)
            command.upgrade(config, "head")
            connection.commit()
        except CommandError:  # somebody migrated it further since
            raise StoreError("newer") from None
        finally:
            connection.invalidate()  # it was set up for this alone
    log.info("database migrated", version=HEAD)


def _alone(connection: Connection) -> None:
    """Wait until nobody else migrates, and keep others from it until the transaction ends."""
    if connection.dialect.name == "postgresql":
        # as long as it takes: a statement of a migration may have many rows to change
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        return
    # SQLite makes a changed table anew and drops the old one: what refers to it must not go with it
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.commit()
    connection.exec_driver_sql("BEGIN IMMEDIATE")
