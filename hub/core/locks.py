"""Doing something alone, of all processes of one database. SQLite has one writer anyway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from hub.core.database import Database, database_of

# Held until the transaction ends, and by nobody who died.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('service-hub: ' || :name, 0))")


def alone(session: Session, name: str) -> None:
    """Until this session commits, no other one passes here under this name."""
    if not database_of(session).is_sqlite:
        session.execute(_LOCK, {"name": name})


@contextmanager
def alone_while(database: Database, name: str) -> Iterator[None]:
    """Inside this block no other process is inside one of this name: for more than one transaction."""
    if database.is_sqlite:
        yield
        return
    with database.writer_engine.connect() as connection:
        connection.execute(_LOCK, {"name": name})
        yield
