"""Writing into a task what came from there, by the task's own verbs, so that guards and history hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from hub.core.directory.models import Person
from hub.core.values import Actor, Refusal
from hub.core.work.models import Task
from hub.core.work.tasks import assign_task, edit_task, set_state

# An owner comes before the state: a task without one cannot be worked on.
ORDER = ("title", "body", "labels", "assignee", "status")


def read(task: Task) -> dict[str, Any]:
    """The task's canonical fields."""
    return {
        "title": task.title,
        "body": task.body,
        "status": task.state,
        "assignee": task.assignee_id,
        "labels": frozenset(task.labels),
    }


def write(session: Session, now: dt.datetime, actor: Actor, task: Task, name: str, value: Any) -> None:
    """Write one canonical field; refuses what the task's guards refuse."""
    if name == "status":
        set_state(session, now, actor, task, value)
    elif name == "assignee":
        person = None if value is None else session.get(Person, value)
        if value is not None and person is None:
            raise Refusal("sync_no_such_person", person=value)
        assign_task(session, now, actor, task, person)
    elif name == "labels":
        kept = [label for label in task.labels if label in value]
        edit_task(session, now, actor, task, labels=[*kept, *sorted(value - set(kept))])
    else:
        edit_task(session, now, actor, task, **{name: value})
