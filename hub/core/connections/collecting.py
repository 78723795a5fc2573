"""Polled sources: what they hold is kept batch by batch, each together with the cursor behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.core.connections import bodies, manage
from hub.core.connections.letterbox import Letter, store
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opened, Opener
from hub.core.connections.settings import PolledSettings
from hub.core.database import Database
from hub.core.files import FileStore
from hub.core.jobs import promise
from hub.core.values import Collected, Refusal, Refused, Retry, SourceKind

# The job, and where in the connection's state its cursor and its last look stand.
COLLECT, CURSOR, LOOKED = "collect", "cursor", "looked"
# So far back a source looks whose cursor means nothing any more.
RESCAN = dt.timedelta(days=14)
# After a failure the source rests, each time twice as long; a wrong password is no matter of seconds.
RETRY, REFUSED, LONGEST = dt.timedelta(seconds=30), dt.timedelta(minutes=10), dt.timedelta(hours=6)


def promise_collecting(session: Session, connection_id: int) -> None:
    """Promise a look at this source (folded while one such job waits)."""
    promise(session, COLLECT, f"collect:{connection_id}", connection_id)


def is_polled(opened: Opened) -> bool:
    """Whether this connection is a source that must be asked."""
    return isinstance(opened.offered, SourceKind) and opened.offered.inbound == "poll"


def collect_due(database: Database, opener: Opener) -> int:
    """Promise a look at every polled source whose minutes are over; gives how many."""
    now = database.now()
    with database.reading() as session:
        wanted = select(Connection).where(
            Connection.family == "source",
            ~Connection.paused,
            or_(Connection.breaker_until.is_(None), Connection.breaker_until <= now),
        )
        due = [row.id for row in session.scalars(wanted.order_by(Connection.id)) if _is_due(opener, row, now)]
    with database.transaction() as session:
        for connection_id in due:
            promise_collecting(session, connection_id)
    return len(due)


def _is_due(opener: Opener, row: Connection, now: dt.datetime) -> bool:
    try:
        opened = opener.open(row)
    except Refusal:
        return False  # its plugin is not listed; the connection's page says so
    if not is_polled(opened):
        return False
    looked: Mapping[str, Any] = row.state.get(LOOKED) or {}
    # Changed settings, or a failure whose rest is over, need not wait for the minutes.
    if looked.get("version") != row.version or row.failures:
        return True
    pause = opened.settings.every_minutes if isinstance(opened.settings, PolledSettings) else 5
    return dt.datetime.fromisoformat(looked["at"]) <= now - dt.timedelta(minutes=pause)


def collect(database: Database, files: FileStore, opener: Opener, connection_id: int) -> int:
    """Ask a polled source for what came since its cursor; gives how many deliveries are new."""
    with database.reading() as session:
        row = session.get_one(Connection, connection_id)
        cursor = dict(row.state.get(CURSOR) or {})
        resting = row.breaker_until is not None and row.breaker_until > database.now()
    if row.paused or resting:
        return 0
    new = 0
    try:
        opened = opener.open(row)
        if not is_polled(opened):
            return 0
        for batch in opened.object.collect(cursor, (database.now() - RESCAN).date()):
            new += _keep(database, files, connection_id, batch)
            del batch  # before the next one is fetched: each may be large
    except (Retry, Refused) as error:
        _rest(database, connection_id, error)
        return new
    except Refusal as refusal:
        _rest(database, connection_id, Refused(refusal.message))
        return new
    now = database.now()
    with database.transaction() as session:
        row = session.get_one(Connection, connection_id, with_for_update=True)
        row.state = {**row.state, LOOKED: {"at": now.isoformat(), "version": row.version}}
        manage.worked(session, now, connection_id)
    return new


def _keep(database: Database, files: FileStore, connection_id: int, batch: Collected) -> int:
    """One batch and the cursor behind it: both or neither."""
    now = database.now()
    letters = []
    for found in batch.deliveries:
        body, aside = bodies.put_aside(files, found.body)
        letters.append(Letter(connection_id, found.key, found.headers, body, now, aside))
    with database.transaction() as session:
        became = [store(session, letter) for letter in letters]
        row = session.get_one(Connection, connection_id, with_for_update=True)
        if row.state.get(CURSOR) != dict(batch.cursor):
            row.state = {**row.state, CURSOR: dict(batch.cursor)}
    return became.count("new")


def _rest(database: Database, connection_id: int, error: Retry | Refused) -> None:
    now = database.now()
    with database.transaction() as session:
        manage.failed(session, now, connection_id, error.reason)
        row = session.get_one(Connection, connection_id)
        first = REFUSED if isinstance(error, Refused) else RETRY
        rest = min(first * 2 ** min(row.failures - 1, 10), LONGEST)
        asked = error.after if isinstance(error, Retry) else None
        row.breaker_until = now + max(rest, asked or rest)
        row.state = {**row.state, LOOKED: {"at": now.isoformat(), "version": row.version}}
