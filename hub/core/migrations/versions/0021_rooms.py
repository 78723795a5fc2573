"""Alerts about a connection that is off, and notices of which nobody knows whether they have arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('connection_id', sa.Integer(), nullable=True))
        batch_op.alter_column('request_id', existing_type=sa.Integer(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f('fk_alerts_connection_id_connections'), 'connections', ['connection_id'], ['id']
        )
    op.drop_index('ix_notices_stuck', table_name='notices')
    stuck = sa.text("state IN ('held', 'failed', 'unclear')")
    op.create_index('ix_notices_stuck', 'notices', ['state', 'id'], sqlite_where=stuck, postgresql_where=stuck)
