"""What users did with cards. What was said later counts; what was said before is kept.

A card has one outcome at a time, and entries for each that it had: another time, another outcome or
other details make another entry, the same again makes none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Connection

from cds.store.database import Database, now, stamp
from cds.store.tables import accepted_suggestion, feedback, shown_card

MOST_PER_CARD = 20
"""entries of one card"""


class NotShown(Exception):
    """Cards that the client was not shown, by their numbers in the message."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(f"{len(numbers)} cards")
        self.numbers = tuple(numbers)


class TooManyOfCard(NotShown):
    """Cards with more entries than are kept of one."""


class TooMuch(Exception):
    """A client sends more than is kept of one; `seconds` until it may try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


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

    @property
    def content(self) -> str:
        """A hash of what else was said of this outcome at this time."""
        said = (sorted(set(self.suggestions)), self.reason_system, self.reason_code, self.comment)
        return hashlib.sha256(repr(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is shown the cards of a service, and tells what became of them."""

    service: str
    client: str | None = None
    """`iss`; None where authentication is off"""
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many entries are kept of one client."""

    minute: int = 2_000
    day: int = 100_000


def check_shown(
    database: Database, whose: Addressee, given: Sequence[Feedback], unproven: Sequence[int]
) -> None:
    """Raise NotShown for cards that are not among the shown ones, or StoreError.

    A row of old names no client: its organisation has to be the same then.
    """
    if not unproven:
        return
    query = select(shown_card.c.uuid).where(
        shown_card.c.uuid.in_({given[number].card for number in unproven}),
        shown_card.c.service == whose.service,
        shown_card.c.client.is_(None) | (shown_card.c.client == whose.client),
        shown_card.c.tenant.is_not_distinct_from(whose.tenant),
    )
    with database.transaction() as connection:
        shown = set(connection.scalars(query))
    if strange := [number for number in unproven if given[number].card not in shown]:
        raise NotShown(strange)


def keep(
    database: Database,
    whose: Addressee,
    given: Sequence[Feedback],
    unproven: Sequence[int] = (),
    limits: Limits = Limits(),  # it is frozen
) -> int:
    """Store feedback, all or none; how many entries were new.

    `unproven` are the numbers of those whose card must be found among the shown ones.
    Raises NotShown, TooManyOfCard, TooMuch or StoreError.
    """
    check_shown(database, whose, given, unproven)
    with database.transaction() as connection:
        new = [one for one in given if _keep_one(database, connection, whose, one)]
        _check_cards(connection, given, {one.card for one in new})
        if new:
            _check_client(connection, whose, limits)
    return len(new)


def _keep_one(database: Database, connection: Connection, whose: Addressee, one: Feedback) -> bool:
    key = connection.scalar(
        database.insert_new(feedback).returning(feedback.c.id),
        {
            "card": one.card,
            "outcome": one.outcome,
            "outcome_at": stamp(one.outcome_at),
            "received_at": now(),
            "service": whose.service,
            "client": whose.client,
            "reason_system": one.reason_system,
            "reason_code": one.reason_code,
            "comment": one.comment,
            "content": one.content,
        },
    )
    if key is not None and one.suggestions:
        rows = [{"feedback": key, "suggestion": uuid} for uuid in dict.fromkeys(one.suggestions)]
        connection.execute(insert(accepted_suggestion), rows)
    return key is not None


def _check_cards(connection: Connection, given: Sequence[Feedback], changed: set[str]) -> None:
    if not changed:
        return
    full = set(
        connection.scalars(
            select(feedback.c.card)
            .where(feedback.c.card.in_(changed))
            .group_by(feedback.c.card)
            .having(func.count() > MOST_PER_CARD)
        )
    )
    if full:
        raise TooManyOfCard([number for number, one in enumerate(given) if one.card in full])


def _check_client(connection: Connection, whose: Addressee, limits: Limits) -> None:
    """Raise TooMuch. It counts what is stored, so all workers and machines count together."""
    present = datetime.now(UTC)
    for most, seconds, again in ((limits.minute, 60, 60), (limits.day, 86_400, 3600)):
        kept = connection.scalar(
            select(func.count()).select_from(feedback).where(
                feedback.c.client.is_not_distinct_from(whose.client),
                feedback.c.received_at >= stamp(present - timedelta(seconds=seconds)),
            )
        )  # fmt: skip
        if (kept or 0) > most:
            raise TooMuch(again)
