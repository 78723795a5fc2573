"""The request of a page with what belongs to it, by statements that are made once.

A page asks for a dozen small things. Making a statement and finding out how to load it costs more than
SQLite takes to answer it, so none of these is made anew, and none loads one thing through another.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from hub.core.values import Refusal
from hub.core.work.models import Goal, Need, ServiceRequest, Task, TaskNeed
from hub.web.requests.marks import LAST
from hub.web.requests.there import THERE

_ID: Any = bindparam("request_id")
_REQUEST = (
    select(ServiceRequest, LAST, *THERE)
    .where(ServiceRequest.ref == bindparam("ref"))
    .options(
        joinedload(ServiceRequest.category),
        joinedload(ServiceRequest.customer),
        joinedload(ServiceRequest.contact),
        joinedload(ServiceRequest.owner),
    )
)
_NEEDS = select(Need).where(Need.request_id == _ID).order_by(Need.id)
_GOALS = select(Goal).where(Goal.request_id == _ID).order_by(Goal.id)
_TASKS = (
    select(Task)
    .where(Task.request_id == _ID)
    .order_by(Task.position)
    .options(joinedload(Task.assignee), joinedload(Task.team))
)
_SERVED = select(TaskNeed).join(Task, Task.id == TaskNeed.task_id).where(Task.request_id == _ID)


def whole(session: Session, ref: str) -> Row[Any]:
    """The request of this reference with its parts, as the first of a row; refuses an unknown one.

    Behind it stand ``last``, the number of its last event, and what else is ``there``.
    """
    found: Row[Any] | None = session.execute(_REQUEST, {"ref": ref.upper()}).one_or_none()
    if found is None:
        raise Refusal("not_found")
    request, this = found[0], {"request_id": found[0].id}
    set_committed_value(request, "needs", list(session.scalars(_NEEDS, this)) if found.needs else [])
    set_committed_value(request, "goals", list(session.scalars(_GOALS, this)) if found.goals else [])
    tasks = list(session.scalars(_TASKS, this)) if found.tasks else []
    served = list(session.scalars(_SERVED, this)) if found.served else []
    for task in tasks:
        set_committed_value(task, "needs", [link for link in served if link.task_id == task.id])
    set_committed_value(request, "tasks", tasks)
    return found
