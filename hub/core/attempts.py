"""Counting attempts (sign-in, public forms) where every web process sees the same number."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from hub.core.database import Base, Database


class AttemptWindow(Base):
    """How often something was tried since the first time, until the window ends."""

    __tablename__ = "attempt_windows"

    # A digest: who tried what is nobody's business once it is counted.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)


def count_one(database: Database, key: str, window: dt.timedelta, amount: int = 1) -> int:
    """Count an attempt; gives how many it were in this window, which begins with the first of them."""
    now = database.now()
    insert = (sqlite if database.is_sqlite else postgresql).insert(AttemptWindow)
    new = insert.values(key=key, count=amount, ends_at=now + window)
    over = AttemptWindow.ends_at <= now
    # In one statement: two processes must not both see the same number.
    statement = new.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((over, new.excluded.count), else_=AttemptWindow.count + amount),
            "ends_at": case((over, new.excluded.ends_at), else_=AttemptWindow.ends_at),
        },
    ).returning(AttemptWindow.count)
    with database.transaction() as session:
        number: int = session.execute(statement).scalar_one()
    return number


def counted(database: Database, key: str) -> tuple[int, dt.datetime]:
    """How many attempts there were in the present window, and when it ends."""
    now = database.now()
    with database.reading() as session:
        found = session.execute(
            select(AttemptWindow.count, AttemptWindow.ends_at).where(
                AttemptWindow.key == key, AttemptWindow.ends_at > now
            )
        ).first()
    return (found[0], found[1]) if found else (0, now)


def forget_key(database: Database, key: str) -> None:
    """Begin anew for one key."""
    with database.transaction() as session:
        session.execute(delete(AttemptWindow).where(AttemptWindow.key == key))


def forget_ended(database: Database) -> int:
    """Forget windows that have ended; gives how many."""
    ended = delete(AttemptWindow).where(AttemptWindow.ends_at <= database.now()).returning(AttemptWindow.key)
    with database.transaction() as session:
        return len(session.execute(ended).all())
