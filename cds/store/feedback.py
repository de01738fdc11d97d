"""What users did with cards: each (card, outcome, timestamp) is kept once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.engine import Connection

from cds.store.database import Database, now, stamp
from cds.store.tables import accepted_suggestion, feedback


@dataclass(frozen=True, slots=True, repr=False)
class Feedback:
    """One outcome of one card. No repr: a comment may name a patient."""

    card: str
    outcome: str
    """accepted or overridden"""
    outcome_at: datetime
    suggestions: tuple[str, ...] = ()
    """uuids of the accepted ones"""
    reason_system: str | None = None
    reason_code: str | None = None
    comment: str | None = None


def keep(database: Database, service: str, client: str | None, given: Sequence[Feedback]) -> int:
    """Store feedback; how many were new. Raises StoreError."""
    with database.transaction() as connection:
        return sum(_keep_one(database, connection, service, client, one) for one in given)


def _keep_one(
    database: Database, connection: Connection, service: str, client: str | None, one: Feedback
) -> bool:
    key = connection.scalar(
        database.insert_new(feedback).returning(feedback.c.id),
        {
            "card": one.card,
            "outcome": one.outcome,
            "outcome_at": stamp(one.outcome_at),
            "received_at": now(),
            "service": service,
            "client": client,
            "reason_system": one.reason_system,
            "reason_code": one.reason_code,
            "comment": one.comment,
        },
    )
    if key is not None and one.suggestions:
        rows = [{"feedback": key, "suggestion": uuid} for uuid in dict.fromkeys(one.suggestions)]
        connection.execute(insert(accepted_suggestion), rows)
    return key is not None
