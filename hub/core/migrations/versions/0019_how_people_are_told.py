"""How people want to be told, and mails of several requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.core.database import UtcDateTime

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table('notice_wishes',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('channels', sa.JSON(), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=True),
    sa.Column('quiet_to', sa.Integer(), nullable=True),
    sa.Column('weekends', sa.Boolean(), nullable=False),
    sa.Column('digest_at', sa.Integer(), nullable=False),
    sa.Column('digest_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_notice_wishes_person_id_people')),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_notice_wishes'))
    )
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('digested_at', UtcDateTime(), nullable=True))
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.alter_column('request_id', existing_type=sa.INTEGER(), nullable=True)
