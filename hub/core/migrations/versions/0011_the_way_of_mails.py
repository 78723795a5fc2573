"""the way of mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table("mails") as batch_op:
        batch_op.add_column(sa.Column("way", sa.String(length=8), nullable=True))
        batch_op.create_index(batch_op.f("ix_mails_delivery_id"), ["delivery_id"], unique=False)
    mails = sa.table(
        "mails", *map(sa.column, ("way", "direction", "nature", "request_id", "comment_id"))
    )
    # Until now a mail without a comment was the one that opened its request, unless a machine wrote it.
    op.execute(
        mails.update()
        .where(
            mails.c.direction == "in",
            mails.c.request_id.is_not(None),
            mails.c.comment_id.is_(None),
            mails.c.nature.in_(("human", "list", "auto_generated")),
        )
        .values(way="new")
    )
