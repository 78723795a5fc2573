"""parents there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table('links', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parent', sa.JSON(none_as_null=True), nullable=True))
