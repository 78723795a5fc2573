"""notes on mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table("mails") as batch_op:
        batch_op.add_column(sa.Column("notes", sa.JSON(), server_default="[]", nullable=False))
    # Only for the rows that were there: JSON defaults cannot be compared on PostgreSQL.
    with op.batch_alter_table("mails") as batch_op:
        batch_op.alter_column("notes", server_default=None)
