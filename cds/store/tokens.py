"""Used tokens, shared by all workers: in the database, or in a SQLite file of their own.

A token is claimed by an owner, one use of it. Who claims it first has it; a claim that is repeated,
because its answer was lost, is still the owner's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import delete, select

from cds.store.database import Database
from cds.store.tables import used_token

SWEPT_AT_ONCE = 1000
"""rows that one sweep deletes at most: a claim that waits for it waits a few milliseconds"""

MOST_AHEAD_S = 300.0
"""a memory that began so much later than now was begun by a clock that was wrong"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One use of a token."""

    token: str
    """a name of fixed length"""
    expires: int
    """seconds since the epoch until which the token could be used again"""
    owner: str
    """unique to this use"""


class UsedTokens(Protocol):
    """A memory that several processes share. One thread of each process uses it."""

    began: float
    """seconds since the epoch: what was used before may have been forgotten; 0 for never"""

    def claim(self, claims: Sequence[Claim]) -> set[str]:
        """Claim tokens; the owners that were first. Raises StoreError."""
        ...

    def forget(self, before: int) -> bool:
        """Delete some of what expired before; whether there may be more. Raises StoreError."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...


class DatabaseTokens:
    """In a table of the store: a unique key says whether a token is new."""

    began = 0.0

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, claims: Sequence[Claim]) -> set[str]:
        # in one order: two processes that claim the same tokens never wait for each other
        of_token = {claim.token: claim for claim in sorted(claims, key=lambda one: one.token)}
        rows = [{"token": name, "expires": claim.expires} for name, claim in of_token.items()]
        statement = self._database.insert_new(used_token).values(rows)
        with self._database.transaction() as connection:
            new = connection.execute(statement.returning(used_token.c.token)).scalars().all()
        return {of_token[name].owner for name in new}

    def forget(self, before: int) -> bool:
        old = select(used_token.c.token).where(used_token.c.expires < before).limit(SWEPT_AT_ONCE)
        with self._database.transaction() as connection:
            gone = connection.execute(delete(used_token).where(used_token.c.token.in_(old)))
        return gone.rowcount >= SWEPT_AT_ONCE

    def close(self) -> None:
        self._database.close()
