"""Saying something about a request: kept, mirrored, and sent to the customer where it is for them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core.conversation import comments
from hub.core.conversation.models import Comment
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
