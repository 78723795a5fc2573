"""Running numbers: SR-1, SR-2 …"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from hub.core.work.models import Counter

# Not as the ORM's update, which costs three times as much: every request takes a number.
_TABLE: Any = Counter.__table__
_TAKE = (
    update(_TABLE)
    .where(_TABLE.c.name == bindparam("counter"))
    .values(value=_TABLE.c.value + bindparam("count"))
    .returning(_TABLE.c.value)
)


def take(session: Session, name: str, count: int = 1) -> int:
    """Take ``count`` numbers from one counter; gives the first. The row's lock keeps them unique."""
    taken: int | None = session.connection().execute(_TAKE, {"counter": name, "count": count}).scalar()
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
