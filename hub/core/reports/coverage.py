"""From request to task to far item to result: what has no counterpart, looked at in both directions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from hub.core.execute.models import Link
from hub.core.reports.checks import Check
from hub.core.surveys.models import SurveyAnswer
from hub.core.work.live import LIVE
from hub.core.work.models import Category, Goal, Need, ServiceRequest, Task, TaskNeed

# Live requests are in sight, and those that were closed this long ago.
WINDOW = dt.timedelta(days=90)
PAGE = 50
_AT_WORK = ServiceRequest.stage.in_(("execute", "evaluate", "improve"))
_JUDGED = or_(
    exists().where(Goal.request_id == ServiceRequest.id, Goal.result.is_not(None)),
    exists().where(SurveyAnswer.request_id == ServiceRequest.id),
)
# By way of the request's tasks: those few are found by an index, a need's tasks by themselves are not.
_SERVED = exists().where(
    Task.request_id == Need.request_id, TaskNeed.task_id == Task.id, TaskNeed.need_id == Need.id
)


def in_sight(now: dt.datetime) -> ColumnElement[bool]:
    """The requests this report is about."""
    return or_(LIVE, and_(ServiceRequest.state == "closed", ServiceRequest.closed_at >= now - WINDOW))


def gaps(now: dt.datetime) -> dict[str, Check]:
    """What may be missing on the way down, then on the way up, by key."""
    seen = in_sight(now)
    requests = select(
        ServiceRequest.id, ServiceRequest.ref, ServiceRequest.title, ServiceRequest.stage_since.label("at")
    )
    closed = requests.where(seen, ServiceRequest.state == "closed")
    tasks = (
        select(Task.id, Task.ref, Task.title, Task.created_at.label("at"))
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(seen, Task.state != "dropped")
    )
    needs = (
        select(Need.id, ServiceRequest.ref, Need.text.label("title"), Need.created_at.label("at"))
        .join(ServiceRequest, ServiceRequest.id == Need.request_id)
        .where(seen, _AT_WORK)
    )
    mirrored = tasks.join(Category, Category.id == ServiceRequest.category_id).where(
        Category.tracker_id.is_not(None), _AT_WORK
    )
    items = (
        select(
            Link.id, Task.ref, func.coalesce(Link.ref, Task.title).label("title"), Link.created_at.label("at")
        )
        .join(Task, Task.id == Link.task_id)
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(seen)
    )
    task, done = Task.request_id == ServiceRequest.id, Task.state == "done"
    found = (
        Check("need_task", "request", needs, ~_SERVED),
        Check("request_task", "request", requests.where(seen, _AT_WORK), ~exists().where(task)),
        Check("task_item", "task", mirrored, ~exists().where(Link.task_id == Task.id)),
        Check("request_result", "request", closed, ~_JUDGED),
        Check("result_task", "request", closed, ~exists().where(task, done)),
        Check("item_task", "task", items, or_(Link.state == "gone", Task.state == "dropped")),
        Check("task_need", "task", tasks, ~exists().where(TaskNeed.task_id == Task.id)),
    )
    return {check.key: check for check in found}


@dataclass(frozen=True, slots=True)
class Chain:
    """One request from its needs to its result."""

    ref: str
    title: str
    stage: str
    state: str
    needs: int
    covered: int
    tasks: int
    done: int
    items: int
    in_step: int
    goals: int
    met: int
    score: float | None


def chains(session: Session, now: dt.datetime, before: int | None = None) -> tuple[list[Chain], int | None]:
    """A page of requests in sight, newest first, and where the next page begins; five flat questions."""
    wanted = select(
        ServiceRequest.id,
        ServiceRequest.ref,
        ServiceRequest.title,
        ServiceRequest.stage,
        ServiceRequest.state,
    ).where(in_sight(now))
    if before is not None:
        wanted = wanted.where(ServiceRequest.id < before)
    rows = session.execute(wanted.order_by(ServiceRequest.id.desc()).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    ids = [row.id for row in shown]
    needs = _two(session, Need.request_id, _SERVED, ids)
    tasks = _two(session, Task.request_id, Task.state == "done", ids, Task.state != "dropped")
    goals = _two(session, Goal.request_id, Goal.result == "met", ids)
    items = _two(session, Task.request_id, Link.state == "settled", ids, Link.task_id == Task.id)
    answered = select(SurveyAnswer.request_id, SurveyAnswer.score).where(SurveyAnswer.request_id.in_(ids))
    scores = {row.request_id: row.score for row in session.execute(answered)}
    found = [
        Chain(
            row.ref, row.title, row.stage, row.state, *needs.get(row.id, (0, 0)), *tasks.get(row.id, (0, 0)),
            *items.get(row.id, (0, 0)), *goals.get(row.id, (0, 0)), scores.get(row.id),
        )
        for row in shown
    ]  # fmt: skip
    return found, shown[-1].id if len(rows) > PAGE else None


def _two(
    session: Session, key: Any, good: ColumnElement[bool], ids: Sequence[int], *where: ColumnElement[bool]
) -> dict[int, tuple[int, int]]:
    """How many there are for each request, and how many of them are good."""
    counted = select(key, func.count(), func.count().filter(good)).where(key.in_(ids), *where).group_by(key)
    return {row[0]: (row[1], row[2]) for row in session.execute(counted)}
