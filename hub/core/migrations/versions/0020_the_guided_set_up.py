"""The guided set-up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.core.database import UtcDateTime

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table('setup_marks',
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('mark', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['people.id'], name=op.f('fk_setup_marks_by_id_people')),
    sa.PrimaryKeyConstraint('step', name=op.f('pk_setup_marks'))
    )
