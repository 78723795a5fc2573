"""Telling a room what waits for it: much as one message, nothing twice, and quiet where that is asked.

A chat's robot cannot know a repeat. So a notice is marked as being on its way before it goes, and what may
have been taken – no answer, a lost connection, a worker that died – is shown as unclear and not sent again.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence

from sqlalchemy import select, update

from hub.core.connections.models import Connection
from hub.core.notices.ended import Ended
from hub.core.notices.facts import facts_of_room
from hub.core.notices.models import Notice
from hub.core.notices.post import Post
from hub.core.notices.settings import RoomSettings
from hub.core.notices.telling import promise_sending
from hub.core.values import Channel, ChannelKind, Off, OutgoingMessage, Refusal, Refused, Retry, Unclear

log = logging.getLogger(__name__)
# In one job, so that a worker that is asked to stop need not empty the whole outbox first.
AT_ONCE = 20
# So many notices make one message at most; the rest goes with the next one.
MOST = 200
MENDING = dt.timedelta(minutes=15)
# What a room was not told for so long is no news any more.
OLD = dt.timedelta(days=1)
DIED = {"id": "notice_unclear", "text": "the worker ended meanwhile"}


def send_due(post: Post, connection_id: int) -> int:
    """Tell a room what waits for it; gives how many notices went. The job's key is ``channel:<id>``."""
    told = 0
    for _message in range(AT_ONCE):
        ids = _take(post, connection_id)
        if not ids or not _tell(post, connection_id, ids):
            return told
        told += len(ids)
    with post.database.transaction() as session:
        promise_sending(session, connection_id)
    return told


def _take(post: Post, connection_id: int) -> list[int]:
    """Mark what goes next as on its way; promises another look where it may only go later."""
    now, busy = post.database.now(), _busy_minutes(post, connection_id)
    with post.database.transaction() as session:
        room = session.get(Connection, connection_id, with_for_update=True)
        of_room = (Notice.connection_id == connection_id, Notice.sent_at.is_(None))
        # Jobs of one room run one after another: whoever sent these is gone.
        died = update(Notice).where(*of_room, Notice.state == "sending")
        session.execute(died.values(state="unclear", reason=DIED))
        if room is None or room.paused:
            return []
        waiting = (*of_room, Notice.state == "waiting")
        old = update(Notice).where(*waiting, Notice.created_at <= now - OLD)
        session.execute(old.values(state="failed", reason={"id": "notice_old"}, due_at=None))
        if (later := _later(room, now, busy)) is not None:
            if session.scalar(select(Notice.id).where(*waiting).limit(1)):
                promise_sending(session, connection_id, after=later - now)
            return []
        # One that was refused lets the others go first; where all is well, the oldest is the first.
        order = select(Notice.id).where(*waiting).order_by(Notice.attempts, Notice.id)
        ids = list(session.scalars(order.limit(MOST)))
        settings = RoomSettings.part_of(room.settings)
        # After a failure one goes ahead: an ill robot must not take a whole digest with it.
        ids = ids[:1] if room.failures or len(ids) <= settings.digest_above else sorted(ids)
        session.execute(update(Notice).where(Notice.id.in_(ids)).values(state="sending", due_at=None))
    return ids


def _busy_minutes(post: Post, connection_id: int) -> Collection[int]:
    """The minutes of each hour in which this kind of robot is spared; asked of its plugin."""
    with post.database.reading() as session:
        room = session.get(Connection, connection_id)
    if room is None:
        return ()
    try:
        kind = post.opener.open(room).offered
    except Refusal:
        return ()  # said where it is sent
    return kind.busy_minutes if isinstance(kind, ChannelKind) else ()


def _later(room: Connection, now: dt.datetime, busy: Collection[int]) -> dt.datetime | None:
    """Until when nothing may go to this room, or None."""
    times = [time for time in (room.breaker_until, room.held_until) if time is not None and time > now]
    if now.minute in busy:
        times.append(now.replace(second=0, microsecond=0) + dt.timedelta(minutes=1))
    return max(times, default=None)


def _tell(post: Post, connection_id: int, ids: Sequence[int]) -> bool:
    """Hand one message over and write down what became of it; False where nothing more can go now."""
    ended = Ended(post, connection_id, ids)
    try:
        message, channel = _message(post, connection_id, ids), _channel(post, connection_id)
    except Retry as error:
        return ended.back(error)
    except Exception as error:
        log.exception("notices %s cannot be written", ids)
        return ended.settled(
            "failed", {"id": "notice_broken", "text": f"{type(error).__name__}: {error}"[:300]}
        )
    try:
        answer = channel.send(message)
    except Off as error:
        return ended.off(error)
    except Unclear as error:
        return ended.unclear(error)
    except Retry as error:
        return ended.back(error)
    except Refused as error:
        return ended.settled("failed", {"id": "notice_refused", "text": error.reason[:300]})
    except Exception as error:
        log.warning("connection %s: the plugin failed in send", connection_id, exc_info=True)
        return ended.unclear(Unclear(f"the plugin failed: {type(error).__name__}"))
    return ended.settled("sent", None, answer)


def _message(post: Post, connection_id: int, ids: Sequence[int]) -> OutgoingMessage:
    with post.database.reading() as session:
        room = session.get_one(Connection, connection_id)
        rows = session.scalars(select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id)).all()
        told = facts_of_room(session, post.office, room, rows)
        name = rows[0].message_id
    written = post.write(told)
    return OutgoingMessage(name, post.database.now(), "", written.subject, written.text)


def _channel(post: Post, connection_id: int) -> Channel:
    try:
        return post.opener.channel(connection_id)
    except Refusal as refusal:  # its plugin is not listed, or its settings no longer fit
        raise Retry(refusal.message, MENDING) from None
