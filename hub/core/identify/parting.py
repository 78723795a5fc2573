"""A mail becomes a request of its own, as if it had come as one."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core.conversation.models import Comment, Mail
from hub.core.identify.belonging import contact_of, files_along, files_to, held, kind_of, tell
from hub.core.identify.intake import fitting
from hub.core.rights import require
from hub.core.values import Actor, Refusal
from hub.core.work.models import ServiceRequest
from hub.core.work.requests import create_request


def open_from_mail(
    session: Session, now: dt.datetime, actor: Actor, mail: Mail, prefix: str = "SR"
) -> ServiceRequest:
    """Make a mail a request of its own, as if it had come as one; its comment goes into its text."""
    require(actor, "move_mail")
    if mail.direction != "in":
        raise Refusal("mail_is_ours")
    origin = held(session, mail)
    if origin is not None and mail.way == "new":
        raise Refusal("mail_is_there", ref=origin.ref)
    comment = session.get(Comment, mail.comment_id) if mail.comment_id is not None else None
    contact = contact_of(session, mail, comment)
    title, body = fitting(mail.subject, mail.text or (comment.text if comment else ""))
    request = create_request(
        session, now, actor, title=title, body=body, contact=contact,
        source=kind_of(session, mail), connection_id=mail.connection_id,
        language=(contact.language if contact else None) or (origin.language if origin else None),
        prefix=prefix,
    )  # fmt: skip
    mail.request_id, mail.comment_id, mail.way = request.id, None, "new"
    if comment is not None:
        files_along(session, mail, origin, request)
        session.flush()
        session.delete(comment)
    else:
        files_to(session, now, mail, request)
    tell(session, now, actor, mail, origin, request)
    return request
