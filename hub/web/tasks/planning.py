"""How urgent a task is, when it is due and what it should take: each with who said so last, and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.directory.models import Person
from hub.core.history import HistoryEntry
from hub.core.work.models import Task
from hub.render.words import FIELDS, PRIORITIES
from hub.web.context import reader

# So many changes are looked through; who said what before that is told by the request's time line.
LOOKED_THROUGH = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Who gave a value: a person or a connection."""

    who: str
    at: dt.datetime


def shown(session: Session, task: Task) -> list[tuple[str, str, Origin | None]]:
    """The name of each value that is given, the value, and where it comes from."""
    values = {
        "priority": _(PRIORITIES[task.priority]) if task.priority else "",
        "due": reader().date(task.due),
        "hours": f"{reader().number(task.hours)} h" if task.hours else "",
    }
    given = {name: value for name, value in values.items() if value}
    origins = _origins(session, task, set(given)) if given else {}
    return [(_(FIELDS[name]), value, origins.get(name)) for name, value in given.items()]


def _origins(session: Session, task: Task, wanted: set[str]) -> dict[str, Origin]:
    entries = session.scalars(
        select(HistoryEntry)
        .where(
            HistoryEntry.request_id == task.request_id,
            HistoryEntry.subject_kind == Task.__tablename__,
            HistoryEntry.subject_id == task.id,
            HistoryEntry.verb == "task_edited",
        )
        .order_by(HistoryEntry.id.desc())
        .limit(LOOKED_THROUGH)
    )
    found: dict[str, Origin] = {}
    for entry in entries:
        for name in wanted.intersection(entry.data.get("fields", ())) - set(found):
            found[name] = Origin(_name(session, entry), entry.at)
    return found


def _name(session: Session, entry: HistoryEntry) -> str:
    row: Person | Connection | None = None
    if entry.actor_kind == "person":
        row = session.get(Person, entry.actor_id)
    elif entry.actor_kind == "connection":
        row = session.get(Connection, entry.actor_id)
    return row.name if row is not None else _("the hub")
