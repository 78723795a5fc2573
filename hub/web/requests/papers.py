"""Files and logged time of a request: those of the hub, and what came from or stays at a tracker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from hub.core.directory.models import Person
from hub.core.execute.models import FileLink, Link, WorkLog
from hub.core.files import Attachment, StoredFile
from hub.core.work.models import Task, TimeEntry


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a file at one tracker."""

    connection: str
    state: str
    reason: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Paper:
    """A file; without a number it stays at the tracker, whose address is ``url``."""

    number: int | None
    name: str
    size: int
    public: bool
    task: str
    url: str | None
    copies: tuple[Copied, ...] = ()


@dataclass(frozen=True, slots=True)
class Worked:
    """Minutes of work on a task, logged here or at a tracker."""

    task: str
    who: str
    day: dt.date
    minutes: int
    note: str


def papers_of(session: Session, request_id: int, carried: bool) -> list[Paper]:
    """The files of a request and its tasks, oldest first, then those that stay elsewhere."""
    links = list(session.scalars(_carried(request_id))) if carried else []
    at: dict[str, list[FileLink]] = {}
    for link in links:
        at.setdefault(link.sha256 or "", []).append(link)
    found = session.execute(
        select(Attachment, StoredFile, Task.ref)
        .join(StoredFile)
        .outerjoin(Task, and_(Attachment.owner_kind == "tasks", Task.id == Attachment.owner_id))
        .where(
            or_(
                and_(Attachment.owner_kind == "requests", Attachment.owner_id == request_id),
                Task.request_id == request_id,
            )
        )
        .order_by(Attachment.id)
    )
    papers = [
        Paper(
            row.id, row.name, stored.size, row.public and ref is None, ref or "", None,
            tuple(_copied(link) for link in at.get(row.sha256, ()) if row.public),
        )
        for row, stored, ref in found
    ]  # fmt: skip
    stay = [
        Paper(None, one.name, one.size, False, one.link.task.ref, one.link.url, (_copied(one),))
        for one in at.get("", ())
        if one.state != "ended"
    ]
    return papers + stay


def _carried(request_id: int) -> Any:
    return (
        select(FileLink)
        .join(FileLink.link)
        .join(Link.task)
        .where(Task.request_id == request_id)
        .options(
            joinedload(FileLink.link).joinedload(Link.connection),
            joinedload(FileLink.link).joinedload(Link.task),
        )
        .order_by(FileLink.id)
    )


def _copied(one: FileLink) -> Copied:
    return Copied(one.link.connection.name, one.state, one.reason)


def entries_of(session: Session, request_id: int) -> list[Worked]:
    """Time logged here, by the people here; the latest day first."""
    rows = session.execute(
        select(TimeEntry, Task.ref, Person.name)
        .join(Task, Task.id == TimeEntry.task_id)
        .join(Person, Person.id == TimeEntry.person_id)
        .where(Task.request_id == request_id)
        .order_by(TimeEntry.day.desc(), TimeEntry.id.desc())
    )
    return [Worked(ref, name, one.day, one.minutes, one.note) for one, ref, name in rows]


def work_there(session: Session, request_id: int) -> list[Worked]:
    """Time logged at trackers, on the items of these tasks; the latest day first."""
    rows = session.scalars(
        select(WorkLog)
        .join(WorkLog.link)
        .join(Link.task)
        .where(Task.request_id == request_id)
        .options(
            joinedload(WorkLog.link).joinedload(Link.connection),
            joinedload(WorkLog.link).joinedload(Link.task),
        )
        .order_by(WorkLog.day.desc(), WorkLog.far_ref)
    )
    return [
        Worked(
            one.link.task.ref, f"{one.author} · {one.link.connection.name}", one.day, one.minutes, one.note
        )
        for one in rows
    ]
