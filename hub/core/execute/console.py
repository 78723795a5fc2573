"""How a tracker's connection stands, for those who operate it: only read here, nothing is changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from hub.core.connections.models import Connection
from hub.core.execute.models import Link
from hub.core.execute.sync.hooks import HOOK
from hub.core.execute.sync.sweep import ILL, SWEPT
from hub.core.work.models import Task

# The feed is read every minute; older than this something is wrong.
LATE = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Feed:
    """How old what the hub knows of a tracker may be: since ``swept_at`` nothing was missed.

    ``again_at``: the last look failed, and this is when the next one is due.
    """

    swept_at: dt.datetime | None
    again_at: dt.datetime | None
    is_late: bool


def feed(connection: Connection, now: dt.datetime) -> Feed:
    """How far the change feed of this connection was read."""
    swept_at, ill = _moment(connection.state.get(SWEPT)), connection.state.get(ILL)
    again_at = _moment(ill["until"]) if ill else None
    return Feed(swept_at, again_at, swept_at is not None and swept_at < now - LATE)


def hook(connection: Connection) -> dict[str, Any] | None:
    """Whether the tracker sends to us by itself: what the last look at its own hooks found."""
    found = connection.state.get(HOOK)
    return {**found, "at": _moment(found["at"])} if found else None


def link_counts(session: Session, connection_id: int) -> dict[str, int]:
    """How many links of a connection there are in each state."""
    query = select(Link.state, func.count()).where(Link.connection_id == connection_id)
    return dict(session.execute(query.group_by(Link.state)).all())


def links(
    session: Session, connection_id: int, state: str | None, before: int | None, limit: int
) -> list[tuple[Link, str, str]]:
    """Links of a connection (of one state) with reference and title of their tasks, newest first."""
    mine: list[ColumnElement[bool]] = [Link.connection_id == connection_id]
    if state is not None:
        mine.append(Link.state == state)
    if before is not None:
        mine.append(Link.id < before)
    query = select(Link, Task.ref, Task.title).join(Task, Task.id == Link.task_id).where(*mine)
    query = query.options(joinedload(Link.connection)).order_by(Link.id.desc()).limit(limit)
    return [(link, ref, title) for link, ref, title in session.execute(query)]


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
