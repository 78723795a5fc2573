"""Moving a request between stages; forward only when nothing on the way is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from hub.core import history
from hub.core import values as v
from hub.core.conversation import mails
from hub.core.identify import points
from hub.core.rights import require
from hub.core.values import STAGES, SYSTEM, Actor, Refusal
from hub.core.work.changes import guard, touch
from hub.core.work.models import ServiceRequest
from hub.core.work.seen import request_value
from hub.core.work.tasks import open_tasks
from hub.core.workflow.core import Core


def open_points(session: Session, request: ServiceRequest, stage: str) -> list[v.OpenPoint]:
    """What the hub itself still asks for before a request may leave this stage."""
    if stage == "identify":
        return points.own_points(
            request_value(request),
            known_asker=request.contact_id is not None or request.customer_id is not None,
        )
    if stage == "assign":
        if not request.tasks:
            return [v.OpenPoint("tasks", v.Text(zh="还没有任务", en="there is no task yet"))]
        return [
            v.OpenPoint("owner", v.Text(zh=f"{task.ref} 还没有负责人", en=f"{task.ref} has no owner"))
            for task in open_tasks(request.tasks)
            if task.assignee_id is None
        ]
    if stage == "execute":
        return [
            v.OpenPoint("task", v.Text(zh=f"{task.ref} 还没有完成", en=f"{task.ref} is not done"))
            for task in open_tasks(request.tasks)
        ]
    if stage == "evaluate":
        return [
            v.OpenPoint(
                "goal", v.Text(zh=f"目标未评估：{goal.text[:60]}", en=f"goal not scored: {goal.text[:60]}")
            )
            for goal in request.goals
            if goal.result is None
        ]
    return []


def all_open_points(core: Core, request_id: int) -> list[v.OpenPoint]:
    """The hub's and the plugins' open points of a request's present stage."""
    with core.database.reading() as session:
        request = session.get_one(ServiceRequest, request_id)
        own, seen = open_points(session, request, request.stage), request_value(request)
    return own + asked_points(core, seen)


def asked_points(core: Core, seen: v.RequestValue) -> list[v.OpenPoint]:
    """What plugins ask for in the request's present stage, beside ``open_points``. Never in a transaction."""
    return points.plugin_points(core.registry, seen) if seen.stage == "identify" else []


def move(
    core: Core,
    actor: Actor,
    request_id: int,
    to: str,
    version: int | None = None,
    *,
    leaving: str | None = None,
) -> None:
    """Move a request to another stage; forward only when nothing on the way is open.

    ``leaving`` moves it only while it is open and still in that stage. Raises ``Refusal``:
    stage_points_open (with the points), version_conflict, not_allowed.
    """
    if to not in STAGES:
        raise Refusal("unknown_choice", field="stage", value=to)
    with core.database.reading() as session:
        request = session.get(ServiceRequest, request_id)
        if request is None:
            raise Refusal("not_found")
        seen = request_value(request)
    asked = asked_points(core, seen)
    with core.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id, with_for_update=True)
        guard(request, version)
        if leaving and (request.stage, request.state) != (leaving, "open"):
            return
        moved = move_asked(session, core.database.now(), actor, request, to, asked)
    if moved is not None:
        core.registry.tell("workflow_moved", moved)


def move_asked(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    request: ServiceRequest,
    to: str,
    asked: Sequence[v.OpenPoint],
) -> v.Moved | None:
    """Move within a transaction, given what plugins ask for; gives what to tell them after it."""
    require(actor, "move_request", request)
    if request.stage == to:
        return None
    before = request.stage
    _check_way(session, request, to, asked)
    _move(session, now, actor, request, to)
    return _moved(request, before, now)


def reopen(core: Core, request_id: int) -> None:
    """Take a closed request back into work where somebody answered it by mail; its goals are judged anew.

    It is the answer that counts, not its arrival: safe to ask for at every look.
    """
    now = core.database.now()
    with core.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id, with_for_update=True)
        if request.state != "closed" or not mails.answered_since(
            session, request_id, request.closed_at or request.updated_at
        ):
            return
        before = request.stage
        _set_stage(now, request, "execute")
        history.record(
            session, now, SYSTEM, "request_reopened", request, request_id=request.id,
            before=before, after=request.stage,
        )  # fmt: skip
        touch(session, now, request)
        moved = _moved(request, before, now)
    core.registry.tell("workflow_moved", moved)


def _check_way(session: Session, request: ServiceRequest, to: str, asked: Sequence[v.OpenPoint]) -> None:
    if request.state == "dropped":
        raise Refusal("request_not_open", ref=request.ref)
    here, there = STAGES.index(request.stage), STAGES.index(to)
    # From the first stage on: what was opened again behind the request holds it, too.
    for stage in STAGES[:there] if there > here else ():
        missing = open_points(session, request, stage) + (list(asked) if stage == "identify" else [])
        if missing:
            raise Refusal("stage_points_open", ref=request.ref, stage=stage, points=missing)


def _move(session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest, to: str) -> None:
    before = request.stage
    _set_stage(now, request, to)
    history.record(
        session, now, actor, "request_moved", request, request_id=request.id, before=before, after=to
    )
    touch(session, now, request)


def _set_stage(now: dt.datetime, request: ServiceRequest, to: str) -> None:
    if request.state == "closed":
        request.state, request.closed_at = "open", None
        request.reopened += 1
    if request.state == "waiting":
        request.state, request.waiting_reason = "open", None
    request.stage, request.stage_since = to, now
    if STAGES.index(to) < STAGES.index("evaluate"):
        # What was judged before is judged anew: the result will be another one.
        for goal in request.goals:
            goal.result = goal.scored_at = goal.scored_by = None
        request.accepted_at = None


def _moved(request: ServiceRequest, before: str, at: dt.datetime) -> v.Moved:
    return v.Moved(request_value(request), before, request.stage, at)
