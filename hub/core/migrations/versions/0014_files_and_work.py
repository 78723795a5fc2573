"""files and work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        'file_links',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('link_id', sa.Integer(), nullable=False),
        sa.Column('origin', sa.String(length=5), nullable=False),
        sa.Column('key', sa.String(length=200), nullable=False),
        sa.Column('name', sa.String(length=300), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('sha256', sa.String(length=64), nullable=True),
        sa.Column('far_ref', sa.String(length=200), nullable=True),
        sa.Column('state', sa.String(length=8), nullable=False),
        sa.Column('reason', sa.JSON(none_as_null=True), nullable=True),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['link_id'], ['links.id'], name=op.f('fk_file_links_link_id_links')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_file_links')),
        sa.UniqueConstraint('link_id', 'far_ref', name=op.f('uq_file_links_link_id_far_ref')),
        sa.UniqueConstraint('link_id', 'origin', 'key', name=op.f('uq_file_links_link_id_origin_key')),
    )
    op.create_index(op.f('ix_file_links_sha256'), 'file_links', ['sha256'], unique=False)
    op.create_table(
        'work_logs',
        sa.Column('link_id', sa.Integer(), nullable=False),
        sa.Column('far_ref', sa.String(length=200), nullable=False),
        sa.Column('author', sa.String(length=120), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('minutes', sa.Integer(), nullable=False),
        sa.Column('note', sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(['link_id'], ['links.id'], name=op.f('fk_work_logs_link_id_links')),
        sa.PrimaryKeyConstraint('link_id', 'far_ref', name=op.f('pk_work_logs')),
    )
