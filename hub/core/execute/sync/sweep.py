"""Staying in step without trusting hooks: ask the change feed, and look at what is due anyway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random

from sqlalchemy import and_, literal, or_, select
from sqlalchemy.orm import Session

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.database import Database
from hub.core.execute.models import Link
from hub.core.execute.sync.hooks import can_be_told, tend_hook
from hub.core.execute.sync.links import promise_drain, promise_round
from hub.core.execute.sync.waiting import pause
from hub.core.values import Held, Refusal, Refused, Retry

CURSOR = "sweep_cursor"
# When the change feed was last read to its end: how old what the hub knows may be.
SWEPT = "swept_at"
# How often in a row the sweep failed, and when it may be tried again.
ILL = "sweep_ill"
LOOK_ANYWAY = dt.timedelta(hours=6)
FORGOTTEN = dt.timedelta(minutes=2)
BATCH = 200
_chance = Random()  # jitter is no secret


def sweep_all(database: Database, opener: Opener, public_url: str | None = None) -> int:
    """Sweep every tracker that is not resting; gives how many rounds were promised.

    With a public address the trackers that send webhooks are seen to, as well.
    """
    now = database.now()
    with database.reading() as session:
        wanted = select(Connection).where(
            Connection.family == "tracker",
            ~Connection.paused,
            or_(Connection.breaker_until.is_(None), Connection.breaker_until <= now),
        )
        rows = session.scalars(wanted.order_by(Connection.id))
        connection_ids = [row.id for row in rows if _is_due(row, now)]
    bugs: list[Exception] = []
    promised = 0
    for connection_id in connection_ids:
        try:
            if not manage.may_try(database, connection_id):
                continue
            promised += sweep(database, opener, connection_id)
            if public_url and can_be_told(public_url):
                tend_hook(database, opener, connection_id, public_url)
        except Held:
            continue  # what is there now is there in a minute, too
        except (Retry, Refused) as error:
            _failed(database, connection_id, error)
        except Exception as error:  # noqa: BLE001 a plugin's bug must not keep the others from being swept
            bugs.append(error)
    if bugs:
        raise ExceptionGroup("sweep", bugs)
    return promised


def _is_due(row: Connection, now: dt.datetime) -> bool:
    ill = row.state.get(ILL)
    # Whoever changed the connection wants to see at once whether it works now.
    return (
        ill is None or ill["version"] != row.version or dt.datetime.fromisoformat(ill["until"]) <= now
    )  # fmt: skip


def _failed(database: Database, connection_id: int, error: Retry | Refused) -> None:
    """Try again later and later: a wrong token asked every minute would be a storm."""
    after = error.after if isinstance(error, Retry) else None
    now = database.now()
    with database.transaction() as session:
        manage.failed(session, now, connection_id, error.reason, after=after)
        row = session.get_one(Connection, connection_id, with_for_update=True)
        ill = row.state.get(ILL, {"times": 0})
        until = now + pause(ill["times"], after, _chance)
        row.state = {
            **row.state,
            ILL: {"times": ill["times"] + 1, "until": until.isoformat(), "version": row.version},
        }
        if after is not None:
            row.breaker_until = until  # the far side named the time: nobody may call before


def sweep(database: Database, opener: Opener, connection_id: int) -> int:
    """Turn what changed there since the cursor into promised rounds, and what is due or was long not seen."""
    with database.reading() as session:
        connection = session.get_one(Connection, connection_id)
        cursor, recovered = connection.state.get(CURSOR), ILL in connection.state
    try:
        refs, next_cursor = opener.tracker(connection_id).changed_since(cursor)
    except Refusal as refusal:
        raise Refused(refusal.message) from None
    now, wanted = database.now(), set(refs)
    with database.transaction() as session:
        ids = set(due_anyway(session, now, connection_id, recovered=recovered))
        for some in _batches(sorted(wanted)):
            seen = select(Link.id).where(Link.connection_id == connection_id, Link.ref.in_(some))
            ids.update(session.scalars(seen))
        for link_id in sorted(ids):
            promise_round(session, link_id)
        connection = session.get_one(Connection, connection_id, with_for_update=True)
        kept = {name: value for name, value in connection.state.items() if name != ILL}
        connection.state = {**kept, CURSOR: next_cursor, SWEPT: now.isoformat()}
        if manage.worked(session, now, connection_id):
            promise_drain(session, connection_id)
    return len(ids)


def due_anyway(
    session: Session, now: dt.datetime, connection_id: int, *, recovered: bool = False
) -> Sequence[int]:
    """The links to look at though nothing tells of a change: long not seen, or their job is lost.

    ``recovered``: the connection works again since the last sweep.
    """
    due = select(Link.id).where(
        Link.connection_id == connection_id,
        Link.state != "gone",
        ~Link.paused,
        or_(
            Link.looked_at < now - LOOK_ANYWAY,
            and_(Link.looked_at.is_(None), Link.created_at < now - FORGOTTEN),
            Link.due_at < now - FORGOTTEN,
            # Refused as a whole while nothing worked: it may work now.
            and_(literal(recovered), Link.state == "refused", Link.reason.is_not(None)),
        ),
    )
    return session.scalars(due.order_by(Link.looked_at).limit(BATCH)).all()


def _batches(refs: list[str]) -> list[list[str]]:
    return [refs[at : at + BATCH] for at in range(0, len(refs), BATCH)]
