"""Shown, accepted, overridden and why: per kind of card and per rule.

Of a card that had several outcomes the latest counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, distinct, func, select

from cds.store.database import Database
from cds.store.tables import feedback, shown_card, shown_rule

NO_REASON = "no reason given"


@dataclass(slots=True)
class Line:
    """What became of the cards of one kind, or of one rule. Counts are cards, each once."""

    name: str
    shown: int = 0
    accepted: int = 0
    overridden: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    """code of the override reason → cards"""


@dataclass(frozen=True, slots=True)
class Report:
    """Both views, and the feedback about cards that the audit does not know."""

    cards: tuple[Line, ...]
    rules: tuple[Line, ...]
    unknown_cards: int
    since: str | None = None
    """when the oldest card that is counted was shown; older ones may have been deleted"""
    changed: int = 0
    """cards whose outcome is not the one that they had first"""


def build_report(database: Database, since: str = "") -> Report:
    """Count the cards shown from the instant `since` on (text of `stamp`). Raises StoreError."""
    kind = shown_card.c.kind + " (" + shown_card.c.indicator + ")"
    recent = shown_card.c.shown_at >= since
    cards = select(kind.label("name"), shown_card.c.uuid.label("card")).where(recent)
    rules = (
        select(shown_rule.c.rule.label("name"), shown_rule.c.card.label("card"))
        .join(shown_card, shown_card.c.uuid == shown_rule.c.card)
        .where(recent)
    )
    stray = select(func.count(distinct(feedback.c.card))).where(
        feedback.c.card.not_in(select(shown_card.c.uuid)), feedback.c.received_at >= since
    )
    with database.transaction() as connection:
        return Report(
            _lines(connection, cards),
            _lines(connection, rules),
            connection.scalar(stray) or 0,
            connection.scalar(select(func.min(shown_card.c.shown_at)).where(recent)),
            connection.scalar(_changed(recent)) or 0,
        )


def _lines(connection: Connection, cards: Select[Any]) -> tuple[Line, ...]:
    """Lines for pairs of a name and a card, most shown first."""
    pairs = cards.subquery()
    counted = func.count(distinct(pairs.c.card))
    lines = {
        name: Line(name, shown=count)
        for name, count in connection.execute(select(pairs.c.name, counted).group_by(pairs.c.name))
    }
    counting = _entries(latest=True)
    outcomes = _outcomes(pairs, counted, counting, counting.c.outcome)
    for name, outcome, count in connection.execute(outcomes):
        setattr(lines[name], outcome, count)
    reason = func.coalesce(counting.c.reason_code, NO_REASON)
    reasons = _outcomes(pairs, counted, counting, reason)
    for name, code, count in connection.execute(reasons.where(counting.c.outcome == "overridden")):
        lines[name].reasons[code] = count
    return tuple(sorted(lines.values(), key=lambda line: (-line.shown, line.name)))


def _outcomes(
    pairs: Any, counted: ColumnElement[int], entries: Any, split: ColumnElement[str]
) -> Select[Any]:
    return (
        select(pairs.c.name, split, counted)
        .join(entries, (entries.c.card == pairs.c.card) & (entries.c.place == 1))
        .group_by(pairs.c.name, split)
        .order_by(pairs.c.name, counted.desc(), split)
    )


def _entries(*, latest: bool) -> Any:
    """The entries of each card by place: 1 is the latest, or the first.

    A clock of the EHR that is ahead decides nothing: no outcome is later than it was received.
    """
    early = feedback.c.outcome_at <= feedback.c.received_at
    when = case((early, feedback.c.outcome_at), else_=feedback.c.received_at)
    order = (when.desc(), feedback.c.id.desc()) if latest else (when, feedback.c.id)
    place = func.row_number().over(partition_by=feedback.c.card, order_by=order).label("place")
    return select(feedback.c.card, feedback.c.outcome, feedback.c.reason_code, place).subquery()


def _changed(recent: ColumnElement[bool]) -> Select[Any]:
    first, last = _entries(latest=False), _entries(latest=True)
    return (
        select(func.count())
        .select_from(shown_card)
        .join(first, (first.c.card == shown_card.c.uuid) & (first.c.place == 1))
        .join(last, (last.c.card == shown_card.c.uuid) & (last.c.place == 1))
        .where(recent, first.c.outcome != last.c.outcome)
    )
