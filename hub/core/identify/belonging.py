"""What goes along with a mail: its sender, its files, and a word in both histories."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import files, history
from hub.core.connections.models import Connection
from hub.core.conversation.models import Comment, Mail
from hub.core.customers.contacts import contact_for
from hub.core.customers.models import Contact
from hub.core.files import Attachment
from hub.core.values import Actor
from hub.core.work.changes import touch
from hub.core.work.models import ServiceRequest


def held(session: Session, mail: Mail, *others: ServiceRequest) -> ServiceRequest | None:
    """Hold the requests in one order, whoever moves what where; gives the one the mail comes from."""
    ids = {mail.request_id, *(other.id for other in others)} - {None}
    query = select(ServiceRequest).where(ServiceRequest.id.in_(ids)).order_by(ServiceRequest.id)
    held = {row.id: row for row in session.scalars(query.with_for_update())}
    return held.get(mail.request_id or 0)


def contact_of(session: Session, mail: Mail, comment: Comment | None = None) -> Contact | None:
    """Who wrote it: the comment's author, else whoever has its address."""
    if comment is not None:
        known = comment.author_kind == "contact" and comment.author_id is not None
        return session.get(Contact, comment.author_id) if known else None
    return contact_for(session, "", mail.sender, None)


def kind_of(session: Session, mail: Mail) -> str:
    """By what kind of connection it came."""
    connection = session.get(Connection, mail.connection_id) if mail.connection_id is not None else None
    return connection.kind if connection else "hub"


def files_along(session: Session, mail: Mail, origin: ServiceRequest | None, target: ServiceRequest) -> None:
    """Its files leave the request where they were."""
    if origin is None:
        return
    for own, _stored in files.attachments_of(session, ("mails", mail.id)):
        moved = session.scalars(
            select(Attachment).where(
                Attachment.owner_kind == "requests",
                Attachment.owner_id == origin.id,
                Attachment.sha256 == own.sha256,
                Attachment.at == own.at,
            )
        ).first()
        if moved is not None:
            moved.owner_id = target.id


def files_to(session: Session, now: dt.datetime, mail: Mail, request: ServiceRequest) -> None:
    """Its files come to a request, too."""
    by = Actor("connection", mail.connection_id, "system")
    for own, row in files.attachments_of(session, ("mails", mail.id)):
        stored = files.Stored(row.sha256, row.size, row.media_type)
        files.attach(session, stored, own.name, ("requests", request.id), by, now, public=True)


def tell(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    mail: Mail,
    origin: ServiceRequest | None,
    target: ServiceRequest,
) -> None:
    """Both histories say where it went and where it came from."""
    if origin is None:
        history.record(session, now, actor, "mail_taken", mail, request_id=target.id)
    else:
        history.record(session, now, actor, "mail_moved", mail, request_id=origin.id, ref=target.ref)
        history.record(session, now, actor, "mail_moved_here", mail, request_id=target.id, ref=origin.ref)
        touch(session, now, origin)
    touch(session, now, target)
