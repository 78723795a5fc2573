"""Moving a mail to the request it really belongs to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.core.conversation import comments
from hub.core.conversation.models import Comment, Mail
from hub.core.files import Attachment
from hub.core.identify.belonging import contact_of, files_along, files_to, held, kind_of, tell
from hub.core.rights import require
from hub.core.values import Actor, Refusal
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.requests import drop

LONGEST_COMMENT = comments.MAX_COMMENT - 1000


def has_tasks(session: Session, mail: Mail) -> bool:
    """Whether work has begun at the request of this mail."""
    tasks = select(func.count()).select_from(Task).where(Task.request_id == mail.request_id)
    return bool(session.scalar(tasks))


def move_mail(
    session: Session, now: dt.datetime, actor: Actor, mail: Mail, target: ServiceRequest, way: str = "hand"
) -> Comment:
    """Put a mail, its comment and its files to another request; one that was only kept becomes a comment.

    The mail that opened a request takes the whole conversation along, and that request is dropped.
    """
    require(actor, "move_mail", target)
    if mail.direction != "in":
        raise Refusal("mail_is_ours")
    if mail.request_id == target.id:
        raise Refusal("mail_is_there", ref=target.ref)
    origin = held(session, mail, target)
    if origin is not None and mail.way == "new":
        comment = _opening(session, now, actor, mail, origin, target)
    elif mail.comment_id is None:
        comment = _said(session, now, mail, target)
    else:
        comment = session.get_one(Comment, mail.comment_id)
        comment.request_id, comment.task_id = target.id, None
        comment.version += 1
        files_along(session, mail, origin, target)
    mail.request_id, mail.comment_id, mail.way = target.id, comment.id, way
    tell(session, now, actor, mail, origin, target)
    return comment


def _said(session: Session, now: dt.datetime, mail: Mail, target: ServiceRequest) -> Comment:
    """What a mail that was only kept says, as a comment of its sender."""
    contact = contact_of(session, mail)
    text = (mail.text or "").strip() or mail.subject.strip() or "—"
    comment = Comment(
        request_id=target.id,
        stream="public",
        author_kind="contact" if contact else "connection",
        author_id=contact.id if contact else mail.connection_id,
        author_name=contact.name if contact else mail.sender[:120],
        text=text[:LONGEST_COMMENT] + ("…" if len(text) > LONGEST_COMMENT else ""),
        source=kind_of(session, mail),
        created_at=mail.at,
    )
    session.add(comment)
    session.flush()
    files_to(session, now, mail, target)
    return comment


def _opening(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    mail: Mail,
    origin: ServiceRequest,
    target: ServiceRequest,
) -> Comment:
    if has_tasks(session, mail):
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
