"""Which of the things that hang on a request are there: asked at once, for most requests have few of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Label, and_, exists, or_, select

from hub.core.conversation.models import Comment, Mail
from hub.core.evaluate.models import QualitySample
from hub.core.execute.models import CommentLink, FileLink, Link, WorkLog
from hub.core.files import Attachment
from hub.core.improve.models import Finding
from hub.core.notices.models import Notice
from hub.core.surveys.models import SurveyInvitation
from hub.core.work.models import Goal, Need, ServiceRequest, Task, TaskNeed, TimeEntry

_ID: Any = ServiceRequest.id
_PARTS: dict[str, tuple[Any, ...]] = {
    "needs": (Need.request_id == _ID,),
    "goals": (Goal.request_id == _ID,),
    "tasks": (Task.request_id == _ID,),
    "served": (TaskNeed.task_id == Task.id, Task.request_id == _ID),
    "comments": (Comment.request_id == _ID,),
    "links": (Link.task_id == Task.id, Task.request_id == _ID),
    "copies": (CommentLink.comment_id == Comment.id, Comment.request_id == _ID),
    "entries": (TimeEntry.task_id == Task.id, Task.request_id == _ID),
    "notices": (Notice.request_id == _ID,),
    "files": (
        or_(
            and_(Attachment.owner_kind == "requests", Attachment.owner_id == _ID),
            and_(
                Attachment.owner_kind == "tasks",
                Attachment.owner_id.in_(
                    select(Task.id).where(Task.request_id == _ID).correlate(ServiceRequest)
                ),
            ),
        ),
    ),
    "carried": (FileLink.link_id == Link.id, Link.task_id == Task.id, Task.request_id == _ID),
    "work": (WorkLog.link_id == Link.id, Link.task_id == Task.id, Task.request_id == _ID),
    "mails": (Mail.request_id == _ID, Mail.direction == "in"),
    "invitation": (SurveyInvitation.request_id == _ID,),
    "sample": (QualitySample.request_id == _ID,),
    "findings": (Finding.own_request_id == _ID,),
}
# One truth for each part, under its name, beside the request of a query.
THERE: list[Label[bool]] = [
    exists().where(*where).correlate(ServiceRequest).label(name) for name, where in _PARTS.items()
]
