"""mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.core.database import UtcDateTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table('mails',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=True),
    sa.Column('comment_id', sa.Integer(), nullable=True),
    sa.Column('connection_id', sa.Integer(), nullable=True),
    sa.Column('delivery_id', sa.Integer(), nullable=True),
    sa.Column('direction', sa.String(length=3), nullable=False),
    sa.Column('message_id', sa.String(length=250), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('sender', sa.String(length=254), nullable=False),
    sa.Column('recipients', sa.JSON(), nullable=False),
    sa.Column('subject', sa.String(length=500), nullable=False),
    sa.Column('in_reply_to', sa.String(length=250), nullable=True),
    sa.Column('references', sa.JSON(), nullable=False),
    sa.Column('nature', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comments.id'], name=op.f('fk_mails_comment_id_comments')),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_mails_connection_id_connections')),
    sa.ForeignKeyConstraint(['delivery_id'], ['deliveries.id'], name=op.f('fk_mails_delivery_id_deliveries')),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_mails_request_id_requests')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mails')),
    sa.UniqueConstraint('message_id', 'digest', name=op.f('uq_mails_message_id_digest'))
    )
    with op.batch_alter_table('mails', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mails_comment_id'), ['comment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mails_in_reply_to'), ['in_reply_to'], unique=False)
        batch_op.create_index('ix_mails_request_id_id', ['request_id', 'id'], unique=False)
