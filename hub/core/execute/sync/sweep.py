"""Staying in step without trusting hooks: ask the change feed, and look at what is due anyway."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, or_, select

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.database import Database
from hub.core.execute.models import Link
from hub.core.execute.sync.links import promise_round
from hub.core.values import Refusal, Refused, Retry

CURSOR = "sweep_cursor"
LOOK_ANYWAY = dt.timedelta(hours=6)
FORGOTTEN = dt.timedelta(minutes=2)
BATCH = 200


def sweep_all(database: Database, opener: Opener) -> int:
    """Sweep every tracker that is not resting; gives how many rounds were promised."""
    with database.reading() as session:
        wanted = select(Connection.id).where(
            Connection.family == "tracker",
            ~Connection.paused,
            or_(Connection.breaker_until.is_(None), Connection.breaker_until <= database.now()),
        )
        connection_ids = list(session.scalars(wanted.order_by(Connection.id)))
    bugs: list[Exception] = []
    promised = 0
    for connection_id in connection_ids:
        try:
            promised += sweep(database, opener, connection_id)
        except (Retry, Refused) as error:
            with database.transaction() as session:
                manage.failed(session, database.now(), connection_id, error.reason)
        except Exception as error:  # noqa: BLE001 a plugin's bug must not keep the others from being swept
            bugs.append(error)
    if bugs:
        raise ExceptionGroup("sweep", bugs)
    return promised


def sweep(database: Database, opener: Opener, connection_id: int) -> int:
    """Turn what changed there since the cursor into promised rounds, and what is due or was long not seen."""
    with database.reading() as session:
        connection = session.get_one(Connection, connection_id)
        cursor = connection.state.get(CURSOR)
    try:
        refs, next_cursor = opener.tracker(connection_id).changed_since(cursor)
    except Refusal as refusal:
        raise Refused(refusal.message) from None
    now, wanted = database.now(), set(refs)
    with database.transaction() as session:
        due = select(Link.id).where(
            Link.connection_id == connection_id,
            Link.state != "gone",
            ~Link.paused,
            or_(
                Link.looked_at < now - LOOK_ANYWAY,
                and_(Link.looked_at.is_(None), Link.created_at < now - FORGOTTEN),
                Link.due_at < now - FORGOTTEN,
            ),
        )
        ids = set(session.scalars(due.order_by(Link.looked_at).limit(BATCH)))
        for some in _batches(sorted(wanted)):
            seen = select(Link.id).where(Link.connection_id == connection_id, Link.ref.in_(some))
            ids.update(session.scalars(seen))
        for link_id in sorted(ids):
            promise_round(session, link_id)
        connection = session.get_one(Connection, connection_id)
        if connection.state.get(CURSOR) != next_cursor:
            connection.state = {**connection.state, CURSOR: next_cursor}
        manage.worked(session, now, connection_id)
    return len(ids)


def _batches(refs: list[str]) -> list[list[str]]:
    return [refs[at : at + BATCH] for at in range(0, len(refs), BATCH)]
