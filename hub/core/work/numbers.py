"""Running numbers: SR-1, SR-2 …"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core.work.models import Counter


def take(session: Session, name: str, count: int = 1) -> int:
    """Take ``count`` numbers from one counter; gives the first. The row's lock keeps them unique."""
    taken = session.execute(
        update(Counter)
        .where(Counter.name == name)
        .values(value=Counter.value + count)
        .returning(Counter.value)
        .execution_options(synchronize_session=False)
    ).scalar()
    if taken is None:
        ensure(session, name)
        return take(session, name, count)
    return taken - count + 1


def ensure(session: Session, name: str) -> None:
    """Make the counter's row where it is missing; a twin made by somebody else meanwhile is fine."""
    if session.scalar(select(Counter.name).where(Counter.name == name)) is None:
        from sqlalchemy.exc import IntegrityError

        try:
            with session.begin_nested():
                session.add(Counter(name=name, value=0))
        except IntegrityError:
            pass
