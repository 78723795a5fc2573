"""Trying a connection that rests again at once: somebody has mended what ailed it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections.models import Connection
from hub.core.execute.models import Link
from hub.core.execute.sync import promise_round
from hub.core.execute.sync.sweep import ILL
from hub.core.rights import require
from hub.core.values import Actor
from hub.core.workflow import chores

# So many links are woken; the sweep sees to the others.
WOKEN = 500


def try_now(session: Session, now: dt.datetime, actor: Actor, connection: Connection) -> int:
    """End the rest of a connection: it is tested, and what waits for it looks again; gives how many links.

    Of all who come one may call, as after any rest; where it fails the connection rests anew. A pause that
    the far side asked for is kept.
    """
    require(actor, "edit_connections", connection)
    if connection.breaker_until is not None:
        connection.breaker_until = now
    connection.state = {name: value for name, value in connection.state.items() if name != ILL}
    waiting = select(Link).where(
        Link.connection_id == connection.id, Link.state == "waiting", Link.due_at > now, ~Link.paused
    )
    woken = session.scalars(waiting.order_by(Link.waiting_since, Link.id).limit(WOKEN)).all()
    for link in woken:
        link.due_at = None
        promise_round(session, link.id)
    chores.promise_check(session, actor, connection)
    history.record(session, now, actor, "connection_tried", connection, links=len(woken))
    return len(woken)
