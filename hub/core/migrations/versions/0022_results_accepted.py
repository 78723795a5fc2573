"""When the customer accepted the result."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.core.database import UtcDateTime

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table('requests', schema=None) as batch_op:
        batch_op.add_column(sa.Column('accepted_at', UtcDateTime(), nullable=True))
