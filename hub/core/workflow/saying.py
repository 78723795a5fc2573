"""Saying something about a request: kept, mirrored, sent to the customer where it is for them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.connections.settings import REOPEN_DAYS
from hub.core.conversation import comments
from hub.core.conversation.models import Comment
from hub.core.identify import ended, page
from hub.core.notices import bell, telling
from hub.core.rights import require
from hub.core.values import Actor
from hub.core.work.models import ServiceRequest
from hub.core.workflow.core import Core


def say(
    core: Core,
    session: Session,
    now: dt.datetime,
    actor: Actor,
    request: ServiceRequest,
    *,
    text: str,
    stream: str,
    task_id: int | None = None,
) -> Comment:
    """Add a comment to a request; what the team says publicly goes to the contact by mail, too."""
    require(actor, "comment" if stream == "public" else "comment_internally", request)
    comment = comments.say(
        session, now, actor, request_id=request.id, text=text, stream=stream, task_id=task_id
    )
    telling.reply(session, now, core.office, request, comment)
    bell.mention(session, now, core.office, comment)
    return comment


def answer(
    core: Core, session: Session, now: dt.datetime, request: ServiceRequest, text: str
) -> ServiceRequest:
    """Take in what the customer wrote on the tracking page, as an answer by mail is; gives where it stands.

    A request that is over stays so: the words become a new one, which is confirmed as any.
    """
    held = page.take_answer(
        session, now, request, text, reopen_after=_reopen_after(session, request), prefix=core.settings.prefix
    )
    if held is not request:
        telling.confirm(session, now, core.office, held)
    return held


def is_over(session: Session, now: dt.datetime, request: ServiceRequest) -> bool:
    """Whether what the customer writes now would begin a new request."""
    return ended.is_over(request, now, _reopen_after(session, request))


def _reopen_after(session: Session, request: ServiceRequest) -> dt.timedelta:
    """As the mailbox has it by which the request came."""
    came = session.get(Connection, request.connection_id) if request.connection_id else None
    return dt.timedelta(days=came.settings.get("reopen_days", REOPEN_DAYS) if came else REOPEN_DAYS)
