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
ORDER = ("title", "body", "labels", "priority", "due", "estimate", "assignee", "status")
MINUTES = 60


def read(task: Task) -> dict[str, Any]:
    """The task's canonical fields."""
    return {
        "title": task.title,
        "body": task.body,
        "status": task.state,
        "assignee": task.assignee_id,
        "labels": frozenset(task.labels),
        "priority": task.priority,
        "due": task.due.isoformat() if task.due else None,
        "estimate": round(task.hours * MINUTES) if task.hours else None,
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
    elif name == "due":
        edit_task(session, now, actor, task, due=_day(value))
    elif name == "estimate":
        # Whoever estimated in hours keeps them to the second decimal.
        edit_task(session, now, actor, task, hours=value / MINUTES if value else None)
    else:
        edit_task(session, now, actor, task, **{name: value})


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        raise Refusal("no_such_day", field="due", value=str(value)[:100]) from None
