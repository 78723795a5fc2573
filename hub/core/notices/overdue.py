"""Noting that a task is overdue: once for each date it was due, on its time line, where rooms hear it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hub.core import history
from hub.core.database import Database
from hub.core.history import HistoryEntry
from hub.core.values import SYSTEM
from hub.core.work.live import TO_DO
from hub.core.work.models import Task

# What was due longer ago is known by now: a hub that begins to note it does not begin with all of it.
FRESH = dt.timedelta(days=3)


def note_overdue(database: Database, time_zone: str) -> int:
    """Write down which tasks have become overdue, by the calendar of this zone; gives how many."""
    now = database.now()
    today = now.astimezone(ZoneInfo(time_zone)).date()
    with database.transaction() as session:
        late = session.scalars(
            select(Task)
            .where(TO_DO, Task.due < today, Task.due >= today - FRESH)
            .order_by(Task.id)
            .options(joinedload(Task.request))
        ).all()
        known = select(HistoryEntry.subject_id, HistoryEntry.data).where(
            HistoryEntry.verb == "task_overdue", HistoryEntry.at > now - 2 * FRESH
        )
        noted = {(task_id, data.get("due")) for task_id, data in session.execute(known)}
        new = [task for task in late if task.due and (task.id, task.due.isoformat()) not in noted]
        for task in new:
            assert task.due is not None  # chosen by it
            history.record(
                session, now, SYSTEM, "task_overdue", task, request_id=task.request_id, ref=task.ref,
                due=task.due.isoformat(),
            )  # fmt: skip
    return len(new)
