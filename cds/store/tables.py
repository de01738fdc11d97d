"""The tables. The migrations in `migrations/` make them; a test proves that both agree.

Instants are text in UTC (`2026-11-22T10:00:00.000000Z`), since SQLite has no zoned type and text
of one form sorts as time does.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

MOST_CLIENT = 500
MOST_TENANT = 200
"""characters: PostgreSQL refuses a row with more"""

shown_card = Table(
    "shown_card",
    metadata,
    Column("uuid", String(64), primary_key=True),
    Column("shown_at", String(27), nullable=False),
    Column("service", String(64), nullable=False),
    Column("tenant", String(MOST_TENANT)),
    Column("patient_hash", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("indicator", String(16), nullable=False),
    Column("knowledge_version", String(32), nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("client", String(MOST_CLIENT)),
    Index("shown_card_by_patient", "patient_hash", "shown_at"),
    Index("shown_card_by_time", "shown_at"),
)
"""`client`: the `iss` of who was shown it; null where nobody is asked, and in rows of old"""

shown_rule = Table(
    "shown_rule",
    metadata,
    Column("card", ForeignKey("shown_card.uuid", ondelete="CASCADE"), primary_key=True),
    Column("rule", String(200), primary_key=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card", String(200), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("outcome_at", String(27), nullable=False),
    Column("received_at", String(27), nullable=False),
    Column("service", String(64), nullable=False),
    Column("client", String(MOST_CLIENT)),
    Column("reason_system", String(500)),
    Column("reason_code", String(200)),
    Column("comment", Text),
    Column("content", String(64), nullable=False, server_default=""),
    UniqueConstraint("card", "outcome", "outcome_at", "content", name="feedback_once"),
    Index("feedback_by_client", "client", "received_at"),
    Index("feedback_by_time", "received_at"),
)
"""`content`: a hash of what else was said, so that a repeat is told from a second opinion"""

accepted_suggestion = Table(
    "accepted_suggestion",
    metadata,
    Column("feedback", ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True),
    Column("suggestion", String(200), primary_key=True),
)

used_token = Table(
    "used_token",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("expires", Integer, nullable=False, index=True),
)

write_probe = Table(
    "write_probe",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("written_at", String(27), nullable=False),
    Column("filler", LargeBinary, nullable=False),
)
"""Empty, but for the moment in which it is tried whether the store can be written."""
