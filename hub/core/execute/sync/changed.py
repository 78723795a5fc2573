"""Who changed a field of a task here last, and when: the history knows."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.history import HistoryEntry
from hub.core.work.models import Task

# The verbs by which a field of a task changes here, and how the history calls what is named otherwise.
_VERBS = {"status": "task_state", "assignee": "task_assigned"}
_NAMES = {"estimate": "hours"}
# So many of a task's latest changes are looked through for the one of a field.
LOOKED_AT = 50


def last_change(
    session: Session, task: Task, field: str, before: dt.datetime | None = None
) -> HistoryEntry | None:
    """The latest change of this field here, or the latest before that time."""
    query = select(HistoryEntry).where(
        HistoryEntry.subject_kind == "tasks",
        HistoryEntry.subject_id == task.id,
        HistoryEntry.verb == _VERBS.get(field, "task_edited"),
        HistoryEntry.request_id == task.request_id,
    )
    if before is not None:
        query = query.where(HistoryEntry.at < before)
    for entry in session.scalars(query.order_by(HistoryEntry.id.desc()).limit(LOOKED_AT)):
        if entry.verb != "task_edited" or _NAMES.get(field, field) in entry.data.get("fields", ()):
            return entry
    return None
