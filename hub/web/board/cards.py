"""The cards of the board: a handful of flat queries, however long the history is."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Row, case, func, select, type_coerce
from sqlalchemy.orm import Session

from hub.core import calendar
from hub.core.conversation.models import Comment
from hub.core.database import EPOCH
from hub.core.directory.models import Person
from hub.core.execute.models import Link
from hub.core.history import HistoryEntry
from hub.core.values import STAGES, Text
from hub.core.work.models import Category, ServiceRequest, Task
from hub.web.board.filters import TO_DO, BoardFilter, conditions, due_before, end_of

# A column: the page stays within its budget of bytes (15 KB on the wire) when all five are full.
MOST = 30


@dataclass(frozen=True, slots=True)
class Card:
    """One request as its card shows it."""

    ref: str
    stage: str
    title: str
    priority: int | None
    waiting: bool
    due: dt.datetime | None
    category: Text | None
    labels: tuple[str, ...]
    comments: int
    links: int
    owner: str | None


@dataclass(slots=True)
class Column:
    """A stage: its first cards, and how many there are in all."""

    stage: str
    count: int = 0
    overdue: int = 0
    mean_days: float | None = None
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many requests have no card here."""
        return self.count - len(self.cards)

    @property
    def mark(self) -> str:
        """Equal marks, equal columns."""
        shown = repr((self.count, round(self.mean_days or 0, 1), self.cards))
        return f"{zlib.crc32(shown.encode()):08x}"


def last_event(session: Session, now: dt.datetime) -> str:
    """A mark that changes whenever anything happens, and each hour, for what is due grows nearer."""
    last = session.scalar(select(func.max(HistoryEntry.id))) or 0
    return f"{last}.{int((now - EPOCH).total_seconds() // 3600)}"


def load(
    session: Session,
    wanted: BoardFilter,
    me: int | None,
    now: dt.datetime,
    stages: Iterable[str] = STAGES,
) -> list[Column]:
    """The columns of these stages."""
    zone = ZoneInfo(calendar.current(session).zone)
    today = now.astimezone(zone).date()
    fits = conditions(wanted, me, today)
    columns = {stage: Column(stage) for stage in stages}
    for stage, count, overdue, since in session.execute(_counts(session, fits, today)):
        if stage in columns:
            mean = (now - EPOCH).total_seconds() - float(since)
            columns[stage].count, columns[stage].overdue = count, overdue
            columns[stage].mean_days = max(mean, 0) / 86400
    rows = session.execute(_first(fits, list(columns))).all()
    about = _About(session, [row.id for row in rows])
    for row in rows:
        columns[row.stage].cards.append(_card(row, about, zone))
    return list(columns.values())


def _counts(session: Session, fits: Sequence[Any], today: dt.date) -> Any:
    since: Any = func.avg(func.extract("epoch", ServiceRequest.stage_since))
    if session.get_bind().dialect.name == "sqlite":
        since = func.avg(type_coerce(ServiceRequest.stage_since, BigInteger)) / 1_000_000
    overdue = func.sum(case((due_before(today), 1), else_=0))
    return (
        select(ServiceRequest.stage, func.count(), overdue, since).where(*fits).group_by(ServiceRequest.stage)
    )


def _first(fits: Sequence[Any], stages: list[str]) -> Any:
    """The first cards of each stage: urgent ones, then those wanted soonest, then the oldest."""
    order = (
        func.coalesce(ServiceRequest.priority, 9),
        func.coalesce(ServiceRequest.wanted_by, dt.date.max),
        ServiceRequest.id,
    )
    place = func.row_number().over(partition_by=ServiceRequest.stage, order_by=order)
    chosen = (
        select(ServiceRequest.id, place.label("place"))
        .where(*fits, ServiceRequest.stage.in_(stages))
        .subquery()
    )
    return (
        select(
            ServiceRequest.id,
            ServiceRequest.ref,
            ServiceRequest.stage,
            ServiceRequest.title,
            ServiceRequest.priority,
            ServiceRequest.state,
            ServiceRequest.wanted_by,
            ServiceRequest.labels,
            ServiceRequest.category_id,
            Person.name.label("owner"),
        )
        .join(chosen, chosen.c.id == ServiceRequest.id)
        .outerjoin(Person, Person.id == ServiceRequest.owner_id)
        .where(chosen.c.place <= MOST)
        .order_by(chosen.c.place)
    )


class _About:
    """What hangs on the shown requests: who works on them, what is due, how much is said and linked."""

    def __init__(self, session: Session, ids: list[int]) -> None:
        # Apart from the requests: hundreds of them share a few categories, each with its two languages.
        self.category = {
            row.id: Text(row.title.get("zh", ""), row.title.get("en", ""))
            for row in session.execute(select(Category.id, Category.title))
        }
        self.due: dict[int, dt.date] = {}
        self.assignee: dict[int, str] = {}
        work = (
            select(Task.request_id, Task.due, Person.name)
            .outerjoin(Person, Person.id == Task.assignee_id)
            .where(Task.request_id.in_(ids), TO_DO)
            .order_by(Task.request_id, Task.position)
        )
        for request_id, due, name in session.execute(work):
            if name:
                self.assignee.setdefault(request_id, name)
            if due:
                self.due[request_id] = min(due, self.due.get(request_id, due))
        self.comments = _counted(
            session,
            select(Comment.request_id, func.count())
            .where(Comment.request_id.in_(ids), Comment.deleted_at.is_(None))
            .group_by(Comment.request_id),
        )
        self.links = _counted(
            session,
            select(Task.request_id, func.count())
            .join(Link, Link.task_id == Task.id)
            .where(Task.request_id.in_(ids))
            .group_by(Task.request_id),
        )


def _counted(session: Session, query: Any) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query)}


def _card(row: Row[Any], about: _About, zone: ZoneInfo) -> Card:
    days = [day for day in (row.wanted_by, about.due.get(row.id)) if day]
    return Card(
        ref=row.ref,
        stage=row.stage,
        title=row.title,
        priority=row.priority,
        waiting=row.state == "waiting",
        due=end_of(min(days), zone) if days else None,
        category=about.category.get(row.category_id),
        labels=tuple(row.labels),
        comments=about.comments.get(row.id, 0),
        links=about.links.get(row.id, 0),
        owner=row.owner or about.assignee.get(row.id),
    )
