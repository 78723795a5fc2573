"""The customer's word on the result: it is accepted, or something is missing and the work goes on."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.conversation import comments
from hub.core.identify.intake import fitting
from hub.core.rights import require
from hub.core.values import SYSTEM, Refusal, TaskDraft
from hub.core.work.changes import touch
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.public import customer_of
from hub.core.work.tasks import assign_task, create_task
from hub.core.workflow.core import Core
from hub.core.workflow.moving import move_asked

# What is still to be done is called so, in the language of those who do it.
MISSING = {"zh": "补做：", "en": "Still missing: "}


def may_judge(request: ServiceRequest) -> bool:
    """Whether the customer is asked now: the work is done, nobody has accepted it, and it is not over."""
    waits = (request.stage, request.state) == ("evaluate", "open")
    return waits and request.contact_id is not None and request.accepted_at is None


def accept(core: Core, request_id: int) -> None:
    """Keep that the customer accepts the result; raises ``Refusal`` (nothing_to_judge)."""
    with core.database.transaction() as session:
        now, request = core.database.now(), _held(session, request_id)
        request.accepted_at = now
        history.record(session, now, customer_of(request), "result_accepted", request, request_id=request.id)
        touch(session, now, request)


def decline(core: Core, request_id: int, text: str) -> None:
    """Take the request back into work with what the customer misses, as a task for who did the last one.

    Raises ``Refusal``: nothing_to_judge; required or too_long at the field ``text``.
    """
    with core.database.transaction() as session:
        now, request = core.database.now(), _held(session, request_id)
        text, who = comments.clean(text), customer_of(request)
        history.record(session, now, who, "result_declined", request, request_id=request.id)
        moved = move_asked(session, now, SYSTEM, request, "execute", ())
        comments.say(
            session, now, who, request_id=request.id, text=text, stream="public", source=comments.PAGE
        )
        _task(core, session, now, request, text)
    if moved is not None:
        core.registry.tell("workflow_moved", moved)


def _held(session: Session, request_id: int) -> ServiceRequest:
    request = session.get_one(ServiceRequest, request_id, with_for_update=True)
    require(customer_of(request), "judge_result", request)
    if not may_judge(request):
        raise Refusal("nothing_to_judge", ref=request.ref)
    return request


def _task(core: Core, session: Session, now: dt.datetime, request: ServiceRequest, text: str) -> Task:
    done = [task for task in request.tasks if task.state == "done" and task.done_at is not None]
    last = max(done, key=lambda task: (task.done_at, task.position), default=None)
    title, body = fitting(f"{MISSING[core.office.language]}{request.title}", text)
    skill, team = (last.skill, last.team_id) if last else (None, None)
    task = create_task(session, now, SYSTEM, request, TaskDraft(title, body, skill, team))
    if last is not None and last.assignee is not None and last.assignee.active:
        assign_task(session, now, SYSTEM, task, last.assignee)
    return task
