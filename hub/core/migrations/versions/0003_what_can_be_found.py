"""What can be found: documents and the database's own full-text index beside them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MAKE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_index USING fts5(terms, content='search_documents',"
        " content_rowid='request_id', detail='none', columnsize=0, prefix='1 2',"
        " tokenize='unicode61 remove_diacritics 0')"
    ),
    "postgresql": "CREATE INDEX ix_search_index ON search_documents USING gin (terms)",
}


def upgrade() -> None:
    """Forward only. The requests that are there already are read by the next regular job."""
    op.create_table(
        "search_documents",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name=op.f("fk_search_documents_request_id_requests")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_search_documents")),
    )
    op.create_index(
        "ix_search_documents_stale",
        "search_documents",
        ["request_id"],
        sqlite_where=sa.text("stale"),
        postgresql_where=sa.text("stale"),
    )
    op.execute(MAKE[op.get_bind().dialect.name])
