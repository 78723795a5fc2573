"""What waited for a far side to rest, when it is back: the oldest change first."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.database import Database
from hub.core.execute.models import Link
from hub.core.execute.sync.links import hasten_round, promise_drain

RESTING = "sync_resting"
# So many are taken up at a time: whatever else the hub has to do comes in between.
BATCH, PAUSE = 50, dt.timedelta(seconds=2)
_APART = dt.timedelta(microseconds=1)


def drain(database: Database, connection_id: int) -> int:
    """Let links that wait for this connection to rest have their round now; gives how many.

    While there are more, another job is promised for them; where it rests again, they wait on.
    """
    with database.transaction() as session:
        connection = session.get(Connection, connection_id)
        if connection is None or not manage.is_well(connection):
            return 0
        now = database.now()
        waiting = select(Link).where(
            Link.connection_id == connection_id,
            Link.due_at > now,
            Link.reason["id"].as_string() == RESTING,
        )
        rows = session.scalars(waiting.order_by(Link.waiting_since, Link.id).limit(BATCH)).all()
        for n, link in enumerate(rows):
            link.due_at = now
            hasten_round(session, link.id, n * _APART)
        if len(rows) == BATCH:
            promise_drain(session, connection_id, PAUSE)
        return len(rows)
