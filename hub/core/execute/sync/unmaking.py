"""Taking back the tasks and requests that an import made, as long as nobody here has touched them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.conversation.models import Comment
from hub.core.execute.models import Link
from hub.core.history import HistoryEntry
from hub.core.values import Actor
from hub.core.work.models import Task, TimeEntry
from hub.core.work.requests import drop
from hub.core.work.tasks import set_state

PEOPLE = ("person", "contact")
ENDED = ("closed", "dropped")


def why_it_stays(session: Session, link: Link, whole: bool) -> str | None:
    """Why the task of this link is kept; None: it can go. ``whole``: its request was made with it."""
    task = link.task
    if link.ref is None or task.state == "dropped" or task.request.state in ENDED:
        return "undo_task_is_gone"
    if session.scalar(select(exists().where(Link.task_id == task.id, Link.id != link.id))):
        return "undo_task_elsewhere"
    if _touched(session, task, whole):
        return "undo_task_touched"
    return None


def _touched(session: Session, task: Task, whole: bool) -> bool:
    by_people = select(HistoryEntry).where(
        HistoryEntry.request_id == task.request_id, HistoryEntry.actor_kind.in_(PEOPLE)
    )
    if whole:
        return session.scalars(by_people.limit(1)).first() is not None
    said = exists().where(Comment.task_id == task.id, Comment.author_kind.in_(PEOPLE))
    worked = exists().where(TimeEntry.task_id == task.id)
    if session.scalar(select(said | worked)):
        return True
    return any(_concerns(entry, task) for entry in session.scalars(by_people))


def _concerns(entry: HistoryEntry, task: Task) -> bool:
    said: dict[str, Any] = entry.data
    return (entry.subject_kind, entry.subject_id) == ("tasks", task.id) or said.get("ref") == task.ref


def unmake(session: Session, now: dt.datetime, actor: Actor, link: Link, whole: bool, reason: str) -> None:
    """Cut the link first, so that nothing goes there; then drop the task, or the request with it.

    The item there stays as it is and can be imported again.
    """
    task, ref = link.task, link.ref
    link.state, link.ref, link.due_at, link.waiting_since = "gone", None, None, None
    link.reason = {"id": "undo_cut", "ref": ref or ""}
    history.record(
        session, now, actor, "link_stopped", link, request_id=task.request_id, ref=task.ref,
        connection=link.connection.name, state="gone",
    )  # fmt: skip
    set_state(session, now, actor, task, "dropped")
    if whole:
        drop(session, now, actor, task.request, reason)
