"""Who was shown a card; several entries of one card at one time; room to try writing."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("shown_card", sa.Column("client", sa.String(500)))
    op.create_index("shown_card_by_time", "shown_card", ["shown_at"])
    with op.batch_alter_table("feedback") as feedback:
        feedback.add_column(sa.Column("content", sa.String(64), nullable=False, server_default=""))
        feedback.drop_constraint("feedback_once", type_="unique")
        feedback.create_unique_constraint(
            "feedback_once", ["card", "outcome", "outcome_at", "content"]
        )
    op.create_index("feedback_by_client", "feedback", ["client", "received_at"])
    op.create_index("feedback_by_time", "feedback", ["received_at"])
    op.create_table(
        "write_probe",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("written_at", sa.String(27), nullable=False),
        sa.Column("filler", sa.LargeBinary, nullable=False),
    )
