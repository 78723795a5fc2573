"""Sending what waits: one channel at a time, in order, and never inside a transaction."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.customers.models import Contact
from hub.core.database import Database
from hub.core.execute.sync.waiting import pause
from hub.core.notices import posting
from hub.core.notices.facts import Facts, facts
from hub.core.notices.models import Notice
from hub.core.notices.post import Post
from hub.core.notices.rooms import ROOM
from hub.core.notices.settings import ChannelSettings
from hub.core.notices.telling import promise_sending, tell_history
from hub.core.notices.threads import tokens_of
from hub.core.values import Channel, OutgoingFile, OutgoingMessage, Refusal, Refused, Retry, Sent

__all__ = ["Post", "promise_due", "send_due"]

log = logging.getLogger(__name__)
# So many failures in a row, and the channel rests instead of being asked for every notice.
PATIENCE = 3
# In one job, so that a worker that is asked to stop need not send a whole newsletter first.
AT_ONCE = 50
GIVE_UP = dt.timedelta(days=5)  # RFC 5321, 4.5.4.1: at least 4 to 5 days
MENDING = dt.timedelta(minutes=15)
HOUR = dt.timedelta(hours=1)
CONFIRMATION = "confirmation"


def send_due(post: Post, connection_id: int) -> int:
    """Send what is due on this channel; gives how many went. The job's key is ``channel:<id>``."""
    with post.database.reading() as session:
        channel = session.get(Connection, connection_id)
    if channel is not None and channel.family == ROOM:
        return posting.send_due(post, connection_id)
    for done in range(AT_ONCE):
        notice_id = _next(post, connection_id)
        if notice_id is None or not _send(post, connection_id, notice_id):
            return done
    with post.database.transaction() as session:
        promise_sending(session, connection_id)
    return AT_ONCE


def promise_due(database: Database) -> int:
    """Promise sending wherever something waits: what a pause, a rest or a lost promise left behind."""
    waiting = (
        select(Notice.connection_id)
        .join(Connection, Connection.id == Notice.connection_id)
        .where(Notice.state.in_(("waiting", "sending")), ~Connection.paused)
        .where(or_(Connection.breaker_until.is_(None), Connection.breaker_until <= database.now()))
        .where(or_(Notice.due_at.is_(None), Notice.due_at <= database.now()))
        .distinct()
    )
    with database.reading() as session:
        ids = list(session.scalars(waiting))
    if ids:
        with database.transaction() as session:
            for connection_id in ids:
                promise_sending(session, connection_id)
    return len(ids)


def _next(post: Post, connection_id: int) -> int | None:
    """The next notice that may go now; promises another look where one may go later."""
    now = post.database.now()
    with post.database.reading() as session:
        channel = session.get(Connection, connection_id)
        if channel is None or channel.paused:
            return None
        waiting = select(Notice.id).where(Notice.connection_id == connection_id, Notice.state == "waiting")
        due = or_(Notice.due_at.is_(None), Notice.due_at <= now)
        found = session.scalar(waiting.where(due).order_by(Notice.id).limit(1))
        later = channel.breaker_until if channel.breaker_until and channel.breaker_until > now else None
        if found is not None and later is None:
            later = _full_until(post, session, channel, now)
    if found is None or later is None:
        return found
    with post.database.transaction() as session:
        promise_sending(session, connection_id, after=later - now)
    return None


def _full_until(post: Post, session: Session, channel: Connection, now: dt.datetime) -> dt.datetime | None:
    """When the hour's share is used up: until when."""
    try:
        settings = post.opener.open(channel).settings
    except Refusal:
        return None  # said where the notice is sent
    most = settings.per_hour if isinstance(settings, ChannelSettings) else 0
    if not most:
        return None
    lately = (Notice.connection_id == channel.id, Notice.sent_at > now - HOUR)
    if (session.scalar(select(func.count()).select_from(Notice).where(*lately)) or 0) < most:
        return None
    first: dt.datetime | None = session.scalar(select(func.min(Notice.sent_at)).where(*lately))
    return first + HOUR if first else None


def _send(post: Post, connection_id: int, notice_id: int) -> bool:
    """Try one notice; False where the channel itself cannot go on now."""
    try:
        with post.database.reading() as session:
            notice = session.get_one(Notice, notice_id)
            if notice.state != "waiting":
                return True  # somebody has just held it back
            told = facts(session, post.office, notice, open_links=True)
        message = _message(post, notice, told)
        answer = _channel(post, connection_id).send(message)
    except Retry as error:
        return _try_again(post, connection_id, notice_id, error)
    except Refused as error:
        _fail(post, notice_id, {"id": "notice_refused", "text": error.reason[:300]}, to="to" in error.fields)
    except Refusal as refusal:
        _fail(post, notice_id, {**refusal.values, "id": refusal.message})
    except Exception as error:
        log.exception("notice %s cannot be written", notice_id)
        _fail(post, notice_id, {"id": "notice_broken", "text": f"{type(error).__name__}: {error}"[:300]})
    else:
        _done(post, connection_id, notice_id, answer)
    return True


def _channel(post: Post, connection_id: int) -> Channel:
    try:
        return post.opener.channel(connection_id)
    except (
        Refusal
    ) as refusal:  # its plugin is not listed, or its settings no longer fit: no notice is to blame
        raise Retry(refusal.message, MENDING) from None


def _message(post: Post, notice: Notice, told: Facts) -> OutgoingMessage:
    written = post.write(told)
    files = []
    for file in told.files:
        with post.files.open(file.sha256) as source:
            files.append(OutgoingFile(file.name, file.media_type, source.read()))
    answer_to, bounce_to = tokens_of(post.office, notice, told.values["ref"])
    return OutgoingMessage(
        id=notice.message_id,
        at=post.database.now(),
        to=notice.address,
        to_name=notice.name,
        subject=written.subject,
        text=written.text,
        html=written.html,
        automatic="replied" if notice.template == CONFIRMATION else "generated",
        parent=notice.parent,
        references=tuple(notice.references),
        reply_token=answer_to,
        bounce_token=bounce_to,
        loop=post.office.loop,
        unsubscribe=told.unsubscribe,
        files=tuple(files),
        about=told.values["ref"],
    )


def _done(post: Post, connection_id: int, notice_id: int, answer: Sent) -> None:
    now = post.database.now()
    with post.database.transaction() as session:
        notice = session.get_one(Notice, notice_id, with_for_update=True)
        notice.state, notice.sent_at, notice.answer = "sent", now, answer.answer[:300]
        notice.reason = notice.due_at = notice.sealed = None
        notice.attempts += 1
        manage.worked(session, now, connection_id)
        tell_history(session, now, notice)


def _fail(post: Post, notice_id: int, reason: dict[str, Any], *, to: bool = False) -> None:
    now = post.database.now()
    with post.database.transaction() as session:
        notice = session.get_one(Notice, notice_id, with_for_update=True)
        notice.state, notice.reason, notice.due_at = "failed", reason, None
        notice.attempts += 1
        if to and notice.contact_id:
            contact = session.get_one(Contact, notice.contact_id)
            contact.bounced_at, contact.bounce_reason = now, str(reason.get("text", ""))
        tell_history(session, now, notice)


def _try_again(post: Post, connection_id: int, notice_id: int, error: Retry) -> bool:
    """Let a notice wait; after several failures, or where it is told to, the whole channel rests."""
    now = post.database.now()
    with post.database.transaction() as session:
        notice = session.get_one(Notice, notice_id, with_for_update=True)
        notice.attempts += 1
        notice.reason = {"id": "notice_retry", "text": error.reason[:300]}
        notice.due_at = now + pause(notice.attempts, error.after, post.chance)
        if now - notice.created_at > GIVE_UP:
            notice.state, notice.due_at = "failed", None
            tell_history(session, now, notice)
        manage.failed(session, now, connection_id, error.reason)
        channel = session.get_one(Connection, connection_id)
        rests = error.after is not None or channel.failures >= PATIENCE
        if rests:
            channel.breaker_until = now + pause(channel.failures, error.after, post.chance)
        if notice.due_at is not None:
            until = max(notice.due_at, channel.breaker_until or notice.due_at)
            promise_sending(session, connection_id, after=until - now)
    return not rests
