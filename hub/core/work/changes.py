"""What every change of a request or task does besides: version, time, and *look at this request again*."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session, object_session

from hub.core.jobs import promise
from hub.core.values import LOOK, Refusal
from hub.core.work.models import ServiceRequest, Task


def promise_look(session: Session, request_id: int) -> None:
    """Promise that the workflow looks at this request again (folded while one look waits)."""
    promise(session, LOOK, f"request:{request_id}", request_id)


def touch(session: Session, now: dt.datetime, request: ServiceRequest) -> None:
    """Mark a request as changed."""
    request.version += 1
    request.updated_at = now
    promise_look(session, request.id)


def touch_task(session: Session, now: dt.datetime, task: Task) -> None:
    """Mark a task as changed. Its request keeps its version: who edits that one is not disturbed."""
    task.version += 1
    task.updated_at = now
    task.request.updated_at = now
    promise_look(session, task.request_id)


def guard(row: ServiceRequest | Task, version: int | None) -> None:
    """Refuse when somebody else changed the row since ``version`` was read (None: no check)."""
    if version is None:
        return
    if session := object_session(row):
        # Held until the commit: of two who read the same version only one can write.
        session.refresh(row, ["version"], with_for_update=True)
    if row.version != version:
        raise Refusal("version_conflict", ref=row.ref, yours=version, current=row.version)


def text_within(value: str, field: str, most: int, *, required: bool = True) -> str:
    """A text without surrounding blanks; refuses an empty or over-long one by field name."""
    value = value.strip()
    if required and not value:
        raise Refusal("required", field=field)
    if len(value) > most:
        raise Refusal("too_long", field=field, most=most, length=len(value))
    return value
