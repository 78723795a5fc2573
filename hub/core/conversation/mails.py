"""Verbs on mails: keep each one, and find the request it belongs to."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.conversation.comments import PAGE
from hub.core.conversation.models import Comment, Mail

LONGEST_ID, LONGEST_ADDRESS, LONGEST_SUBJECT = 250, 254, 500
MOST_REFERENCES, MOST_RECIPIENTS = 50, 100


def known_id(message_id: str) -> str:
    """The form in which a Message-ID is kept: as it is, or its digest where it is too long."""
    bare = message_id.strip()
    if len(bare) <= LONGEST_ID:
        return bare
    return f"<sha256.{hashlib.sha256(bare.encode('utf-8', 'replace')).hexdigest()}>"


def record(
    session: Session,
    now: dt.datetime,
    *,
    direction: str,
    message_id: str,
    request_id: int | None,
    comment_id: int | None = None,
    connection_id: int | None = None,
    delivery_id: int | None = None,
    sender: str = "",
    recipients: Iterable[str] = (),
    subject: str = "",
    in_reply_to: str = "",
    references: Sequence[str] = (),
    nature: str = "human",
    text: str | None = None,
    digest: str = "",
) -> Mail:
    """Keep one mail, ``in`` or ``out``; ids are kept in the form of ``known_id``."""
    mail = Mail(
        request_id=request_id,
        comment_id=comment_id,
        connection_id=connection_id,
        delivery_id=delivery_id,
        direction=direction,
        message_id=known_id(message_id),
        digest=digest,
        sender=sender[:LONGEST_ADDRESS],
        recipients=[address[:LONGEST_ADDRESS] for address in recipients][:MOST_RECIPIENTS],
        subject=subject[:LONGEST_SUBJECT],
        in_reply_to=known_id(in_reply_to) or None,
        references=[known_id(one) for one in references[-MOST_REFERENCES:]],
        nature=nature,
        text=text,
        at=now,
    )
    session.add(mail)
    session.flush()
    return mail


def requests_of(session: Session, message_ids: Iterable[str]) -> list[int]:
    """The requests that mails of these ids belong to, in the order of the ids; of one id the newest first."""
    wanted = list(dict.fromkeys(known_id(one) for one in message_ids if one.strip()))
    if not wanted:
        return []
    query = select(Mail.message_id, Mail.request_id).where(Mail.message_id.in_(wanted))
    rows = session.execute(query.order_by(Mail.request_id.desc())).all()
    nearest = sorted(rows, key=lambda row: wanted.index(row.message_id))
    return list(dict.fromkeys(row.request_id for row in nearest if row.request_id is not None))


def answered_since(session: Session, request_id: int, moment: dt.datetime) -> bool:
    """Whether somebody outside answered after this moment, by mail or on the tracking page.

    No machine's mail counts, and none that was put there by hand.
    """
    written = select(Comment.id).where(
        Comment.request_id == request_id, Comment.source == PAGE, Comment.created_at > moment
    )
    mailed = (
        select(Mail.id)
        .join(Comment, Comment.id == Mail.comment_id)
        .where(
            Mail.request_id == request_id, Mail.direction == "in", Mail.nature == "human", Mail.at > moment,
            Mail.way != "hand", Comment.stream == "public",
        )
    )  # fmt: skip
    return any(session.scalar(answer.limit(1)) is not None for answer in (written, mailed))


def mails_of(session: Session, request_id: int) -> list[Mail]:
    """The mails of a request, in the order in which they were kept."""
    return list(session.scalars(select(Mail).where(Mail.request_id == request_id).order_by(Mail.id)))
