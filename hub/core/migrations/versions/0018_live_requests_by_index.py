"""All that the board counts and orders by stands in the index of live requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.drop_index('ix_requests_live', table_name='requests')
    alive = sa.text("state IN ('open', 'waiting')")
    op.create_index(
        'ix_requests_live',
        'requests',
        ['stage', 'priority', 'wanted_by', 'stage_since', 'state', 'id'],
        sqlite_where=alive,
        postgresql_where=alive,
    )
