"""What feedback and the audit write, written and taken back: whether it could be done now."""

from __future__ import annotations

from secrets import randbits

from sqlalchemy import Connection, Integer, insert

from cds.store.tables import accepted_suggestion, feedback, shown_card, shown_rule

TABLES = (shown_card, shown_rule, feedback, accepted_suggestion)
"""each after those that it refers to"""


def rehearse(connection: Connection) -> None:
    """Write a row with all columns into each table, and take all back. Raises what a write does.

    The transaction has written something already: only then SQLite's driver has begun it. The ids
    are none that a sequence gives, and take none from it.
    """
    text, number = f"{randbits(64):016x}", -1 - randbits(31)  # the same in all: rows refer by them
    savepoint = connection.begin_nested()
    try:
        for table in TABLES:
            columns = table.columns
            row = {c.name: number if isinstance(c.type, Integer) else text for c in columns}
            connection.execute(insert(table), row)
    finally:
        savepoint.rollback()
