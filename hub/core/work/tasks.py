"""Verbs on tasks. A task is open, doing, waiting, done or dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.directory.models import Person
from hub.core.rights import require
from hub.core.values import TASK_STATES, Actor, Refusal, TaskDraft
from hub.core.work.changes import guard, text_within, touch_task
from hub.core.work.models import ServiceRequest, Task, TaskNeed
from hub.core.work.requests import MAX_BODY, MAX_TITLE, clean_labels, known_priority


def create_task(
    session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest, draft: TaskDraft
) -> Task:
    """Add a task to a request that is being assigned or executed."""
    require(actor, "create_task", request)
    if request.state not in ("open", "waiting") or request.stage not in ("assign", "execute"):
        raise Refusal("no_tasks_in_stage", ref=request.ref, stage=request.stage)
    known = {need.id for need in request.needs}
    if unknown := [id_ for id_ in draft.need_ids if id_ not in known]:
        raise Refusal("unknown_choice", field="need", value=unknown[0])
    position = max((task.position for task in request.tasks), default=0) + 1
    task = Task(
        ref=f"{request.ref}-{position}",
        position=position,
        title=text_within(draft.title, "title", MAX_TITLE),
        body=text_within(draft.body, "body", MAX_BODY, required=False),
        skill=draft.skill,
        team_id=draft.team_id,
        hours=draft.hours,
        created_at=now,
        updated_at=now,
        needs=[TaskNeed(need_id=id_) for id_ in draft.need_ids or sorted(known)],
    )
    request.tasks.append(task)
    session.flush()
    history.record(
        session,
        now,
        actor,
        "task_created",
        task,
        request_id=request.id,
        ref=task.ref,
        personal={"title": task.title},
    )
    touch_task(session, now, task)
    return task


EDITABLE = ("title", "body", "labels", "hours", "priority", "due", "skill", "team_id")


def edit_task(
    session: Session, now: dt.datetime, actor: Actor, task: Task, version: int | None = None, **changes: Any
) -> list[str]:
    """Change fields of a task; gives the names of those that really changed."""
    require(actor, "edit_task", task)
    if unknown := set(changes) - set(EDITABLE):
        raise ValueError(f"not editable: {sorted(unknown)}")
    guard(task, version)
    if "title" in changes:
        changes["title"] = text_within(changes["title"], "title", MAX_TITLE)
    if "body" in changes:
        changes["body"] = text_within(changes["body"], "body", MAX_BODY, required=False)
    if "labels" in changes:
        changes["labels"] = clean_labels(changes["labels"])
    known_priority(changes.get("priority"))
    if changes.get("hours") is not None and not 0 < changes["hours"] <= 10_000:
        raise Refusal("out_of_range", field="hours", least=0, most=10_000)
    changed = [name for name, value in changes.items() if getattr(task, name) != value]
    if not changed:
        return []
    texts = {n: [str(getattr(task, n)), str(changes[n])] for n in changed if n in ("title", "body", "labels")}
    for name in changed:
        setattr(task, name, changes[name])
    history.record(
        session,
        now,
        actor,
        "task_edited",
        task,
        request_id=task.request_id,
        ref=task.ref,
        fields=changed,
        personal=texts or None,
    )
    touch_task(session, now, task)
    return changed


def set_state(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    task: Task,
    state: str,
    *,
    reason: str = "",
    version: int | None = None,
) -> bool:
    """Move a task to another state; waiting needs a reason. Gives whether anything changed."""
    require(actor, "edit_task", task)
    guard(task, version)
    if state not in TASK_STATES:
        raise Refusal("unknown_choice", field="state", value=state)
    if state == task.state and state != "waiting":
        return False
    if state in ("doing", "done") and task.assignee_id is None:
        raise Refusal("task_without_owner", ref=task.ref)
    if task.request.state in ("closed", "dropped"):
        raise Refusal("request_not_open", ref=task.request.ref)
    # A tracker knows no reasons: its "waiting" comes without one.
    reason = text_within(reason, "reason", 300, required=state == "waiting" and actor.kind == "person")
    if state == task.state and reason == (task.waiting_reason or ""):
        return False
    before, task.state = task.state, state
    task.waiting_reason = reason or None if state == "waiting" else None
    task.done_at = now if state == "done" else None
    history.record(
        session,
        now,
        actor,
        "task_state",
        task,
        request_id=task.request_id,
        ref=task.ref,
        before=before,
        after=state,
        personal={"reason": reason} if reason else None,
    )
    touch_task(session, now, task)
    return True


def assign_task(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    task: Task,
    person: Person | None,
    *,
    note: str = "",
    version: int | None = None,
) -> bool:
    """Give a task to a person (or to nobody): a hand-over where it had another owner."""
    require(actor, "assign_task", task)
    guard(task, version)
    if person is not None and not person.active:
        raise Refusal("person_inactive", name=person.name)
    if (person.id if person else None) == task.assignee_id:
        return False
    before, task.assignee = task.assignee_id, person
    task.assignee_id = person.id if person else None
    if person is None and task.state == "doing":
        task.state = "open"
    history.record(
        session,
        now,
        actor,
        "task_assigned",
        task,
        request_id=task.request_id,
        ref=task.ref,
        before=before,
        after=task.assignee_id,
        personal={"note": note} if note else None,
    )
    touch_task(session, now, task)
    return True


def open_tasks(tasks: Iterable[Task]) -> list[Task]:
    """The tasks on which something is still to be done."""
    return [task for task in tasks if task.state in ("open", "doing", "waiting")]
