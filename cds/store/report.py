"""Shown, accepted, overridden and why: per kind of card and per rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, distinct, func, select

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
            _lines(connection, cards), _lines(connection, rules), connection.scalar(stray) or 0
        )


def _lines(connection: Connection, cards: Select[Any]) -> tuple[Line, ...]:
    """Lines for pairs of a name and a card, most shown first."""
    pairs = cards.subquery()
    counted = func.count(distinct(pairs.c.card))
    lines = {
        name: Line(name, shown=count)
        for name, count in connection.execute(select(pairs.c.name, counted).group_by(pairs.c.name))
    }
    for name, outcome, count in connection.execute(_outcomes(pairs, counted, feedback.c.outcome)):
        setattr(lines[name], outcome, count)
    reason = func.coalesce(feedback.c.reason_code, NO_REASON)
    overridden = _outcomes(pairs, counted, reason).where(feedback.c.outcome == "overridden")
    for name, code, count in connection.execute(overridden):
        lines[name].reasons[code] = count
    return tuple(sorted(lines.values(), key=lambda line: (-line.shown, line.name)))


def _outcomes(pairs: Any, counted: ColumnElement[int], split: ColumnElement[str]) -> Select[Any]:
    return (
        select(pairs.c.name, split, counted)
        .join(feedback, feedback.c.card == pairs.c.card)
        .group_by(pairs.c.name, split)
        .order_by(pairs.c.name, counted.desc(), split)
    )
