"""Answers to a request that has ended: some open it again, others begin a new one that cites it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.values import SYSTEM, Text
from hub.core.work.models import ServiceRequest

REOPENS = Text(
    zh="该请求已关闭，此邮件使其重新打开。", en="The request was closed; this mail opens it again."
)  # fmt: skip


def is_over(request: ServiceRequest, now: dt.datetime, reopen_after: dt.timedelta) -> bool:
    """Whether nothing is added to a request any more: it was dropped, or closed longer ago than is set.

    What was dropped stays dropped: whoever still needs it is heard in the inbox.
    """
    if request.state == "dropped":
        return True
    return request.state == "closed" and _ended(request) < now - reopen_after


def cite(session: Session, now: dt.datetime, old: ServiceRequest, new: ServiceRequest) -> Text:
    """Let the old request tell which one goes on with it; gives what to say at the mail that opened that."""
    history.record(session, now, SYSTEM, "request_continued", old, request_id=old.id, ref=new.ref)
    day, dropped = _ended(old).date().isoformat(), old.state == "dropped"
    return Text(
        zh=f"此邮件回复的是已于 {day} {'放弃' if dropped else '关闭'}的 {old.ref}。",
        en=f"The mail answers {old.ref}, which was {'dropped' if dropped else 'closed'} on {day}.",
    )


def _ended(request: ServiceRequest) -> dt.datetime:
    return request.closed_at or request.updated_at
