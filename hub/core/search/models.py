"""The table of what can be found; on SQLite a full-text index stands beside it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, ForeignKey, Index, Text, event, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base

INDEX = "search_index"


class SearchDocument(Base):
    """What is known of a request, folded (see ``grams``), with its terms; ``stale`` is to be read anew."""

    __tablename__ = "search_documents"
    __table_args__ = (
        Index(
            "ix_search_documents_stale",
            "request_id",
            sqlite_where=text("stale"),
            postgresql_where=text("stale"),
        ),
    )

    # Below the rooms that own this table, so by name only.
    request_id: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    folded: Mapped[str] = mapped_column(Text)
    # The terms with blanks between, or as PostgreSQL keeps such lists.
    terms: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
    stale: Mapped[bool] = mapped_column(default=False)


# Neither is known to SQLAlchemy as a table. The terms lie in the document, the index only points
# there; where in a document a term stands is not kept, for a match is looked at again anyway.
MAKE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5(terms, content='search_documents',"
        " content_rowid='request_id', detail='none', columnsize=0, prefix='1 2',"
        " tokenize='unicode61 remove_diacritics 0')"
    ),
    "postgresql": f"CREATE INDEX ix_{INDEX} ON search_documents USING gin (terms)",
}


def _with_the_table(moment: str, ddl: str, dialect: str) -> None:
    made: Any = DDL(ddl)  # type: ignore[no-untyped-call]
    event.listen(SearchDocument.__table__, moment, made.execute_if(dialect=dialect))


for _dialect, _ddl in MAKE.items():
    _with_the_table("after_create", _ddl, _dialect)
_with_the_table("after_drop", f"DROP TABLE {INDEX}", "sqlite")


def is_index(name: str) -> bool:
    """Whether a table or index is the database's own part of the search, which Alembic leaves alone."""
    return INDEX in name
