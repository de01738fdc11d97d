"""Shown cards and their rules, feedback, and used tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "shown_card",
        sa.Column("uuid", sa.String(64), primary_key=True),
        sa.Column("shown_at", sa.String(27), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(200)),
        sa.Column("patient_hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("indicator", sa.String(16), nullable=False),
        sa.Column("knowledge_version", sa.String(32), nullable=False),
        sa.Column("latency_ms", sa.Integer, nullable=False),
    )
    op.create_index("shown_card_by_patient", "shown_card", ["patient_hash", "shown_at"])
    op.create_table(
        "shown_rule",
        sa.Column(
            "card",
            sa.String(64),
            sa.ForeignKey("shown_card.uuid", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("rule", sa.String(200), primary_key=True),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("card", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("outcome_at", sa.String(27), nullable=False),
        sa.Column("received_at", sa.String(27), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("client", sa.String(500)),
        sa.Column("reason_system", sa.String(500)),
        sa.Column("reason_code", sa.String(200)),
        sa.Column("comment", sa.Text),
        sa.UniqueConstraint("card", "outcome", "outcome_at", name="feedback_once"),
    )
    op.create_table(
        "accepted_suggestion",
        sa.Column(
            "feedback",
            sa.Integer,
            sa.ForeignKey("feedback.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("suggestion", sa.String(200), primary_key=True),
    )
    op.create_table(
        "used_token",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("expires", sa.Integer, nullable=False),
    )
    op.create_index("ix_used_token_expires", "used_token", ["expires"])
