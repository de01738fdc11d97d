"""Used tokens, shared by all workers and machines of one database."""

from __future__ import annotations

import time

from sqlalchemy import delete

from cds.store.database import Database
from cds.store.tables import used_token


def remember(database: Database, token: str, expires: int) -> bool:
    """Remember a token until `expires`; False if it was known already. Raises StoreError."""
    with database.transaction() as connection:
        row = {"token": token, "expires": expires}
        statement = database.insert_new(used_token).returning(used_token.c.token)
        return connection.execute(statement, row).first() is not None


def forget_expired(database: Database) -> None:
    """Delete tokens that nobody could use any more. Raises StoreError."""
    with database.transaction() as connection:
        connection.execute(delete(used_token).where(used_token.c.expires < int(time.time())))
