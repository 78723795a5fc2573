"""Moving a mail to the request it really belongs to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core import files, history
from hub.core.conversation.models import Comment, Mail
from hub.core.files import Attachment
from hub.core.rights import require
from hub.core.values import Actor, Refusal
from hub.core.work.changes import touch
from hub.core.work.models import ServiceRequest
from hub.core.work.requests import drop


def move_mail(
    session: Session, now: dt.datetime, actor: Actor, mail: Mail, target: ServiceRequest
) -> Comment:
    """Put a mail, its comment and its files to another request.

    The mail that opened a request takes the whole conversation along, and that request is dropped.
    """
    require(actor, "move_mail", target)
    if mail.request_id is None:
        raise Refusal("mail_belongs_nowhere")
    if mail.request_id == target.id:
        raise Refusal("mail_is_there", ref=target.ref)
    origin = session.get_one(ServiceRequest, mail.request_id, with_for_update=True)
    if mail.comment_id is None:
        comment = _opening(session, now, actor, mail, origin, target)
    else:
        comment = session.get_one(Comment, mail.comment_id)
        comment.request_id, comment.task_id = target.id, None
        comment.version += 1
        _files_along(session, mail, origin.id, target.id)
    mail.request_id, mail.comment_id = target.id, comment.id
    for request, other in ((origin, target), (target, origin)):
        history.record(
            session, now, actor, "mail_moved" if request is origin else "mail_moved_here", mail,
            request_id=request.id, ref=other.ref,
        )  # fmt: skip
        touch(session, now, request)
    return comment


def _opening(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    mail: Mail,
    origin: ServiceRequest,
    target: ServiceRequest,
) -> Comment:
    if origin.tasks:
        raise Refusal("mail_has_tasks", ref=origin.ref)
    contact = origin.contact
    comment = Comment(
        request_id=target.id,
        stream="public",
        author_kind="contact" if contact else "connection",
        author_id=contact.id if contact else mail.connection_id,
        author_name=(contact.name if contact else origin.source)[:120],
        text="\n\n".join(part for part in (origin.title, origin.body) if part),
        source=origin.source,
        created_at=mail.at,
    )
    session.add(comment)
    session.flush()
    # The whole conversation: comments and mails that came to the request meanwhile.
    session.execute(update(Comment).where(Comment.request_id == origin.id).values(request_id=target.id))
    session.execute(update(Mail).where(Mail.request_id == origin.id).values(request_id=target.id))
    session.execute(
        update(Attachment)
        .where(Attachment.owner_kind == "requests", Attachment.owner_id == origin.id)
        .values(owner_id=target.id)
    )
    if origin.state not in ("closed", "dropped"):
        drop(session, now, Actor("system", name=actor.name), origin, f"→ {target.ref}")
    return comment


def _files_along(session: Session, mail: Mail, origin_id: int, target_id: int) -> None:
    for own, _stored in files.attachments_of(session, ("mails", mail.id)):
        moved = session.scalars(
            select(Attachment).where(
                Attachment.owner_kind == "requests",
                Attachment.owner_id == origin_id,
                Attachment.sha256 == own.sha256,
                Attachment.at == own.at,
            )
        ).first()
        if moved is not None:
            moved.owner_id = target_id
