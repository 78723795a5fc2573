"""The cards of the board: a handful of flat queries, however long the history is."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Mapping, Sequence
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
from hub.core.values import Text
from hub.core.work.live import TO_DO, due_before
from hub.core.work.models import Category, ServiceRequest, Task
from hub.web.board import groups
from hub.web.board.filters import ORDERS, BoardFilter, conditions, end_of


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
    """A stage, person, customer or team: its first cards, and how many there are in all."""

    key: str
    name: str = ""
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
        shown = repr((self.key, self.name, self.count, round(self.mean_days or 0, 1), self.cards))
        return f"{zlib.crc32(shown.encode()):08x}"


@dataclass(slots=True)
class Board:
    """The columns, and those for whom there is no room: named and counted, without cards."""

    columns: list[Column]
    rest: list[Column]

    @property
    def count(self) -> int:
        """All requests."""
        return sum(column.count for column in (*self.columns, *self.rest))

    @property
    def overdue(self) -> int:
        """All that are late."""
        return sum(column.overdue for column in (*self.columns, *self.rest))

    @property
    def marks(self) -> list[str]:
        """One for each column, and one for the rest."""
        rest = repr([(column.key, column.name, column.count) for column in self.rest])
        return [*(column.mark for column in self.columns), f"{zlib.crc32(rest.encode()):08x}"]


def last_event(session: Session, now: dt.datetime) -> str:
    """A mark that changes whenever anything happens, and each hour, for what is due grows nearer."""
    last = session.scalar(select(func.max(HistoryEntry.id))) or 0
    return f"{last}.{int((now - EPOCH).total_seconds() // 3600)}"


def load(
    session: Session,
    wanted: BoardFilter,
    me: int | None,
    now: dt.datetime,
    keys: Iterable[str] | None = None,
) -> Board:
    """The board, or only the columns of these keys: counted by one question, cards for what is shown."""
    zone = ZoneInfo(calendar.current(session).zone)
    today = now.astimezone(zone).date()
    fits = [*conditions(wanted, me, today), *groups.only(wanted)]
    counted = {row.key: row for row in session.execute(_counts(session, fits, today, wanted.group))}
    shown = list(keys or groups.chosen({key: row.number for key, row in counted.items()}, wanted))
    named = groups.names(session, wanted.group, {*shown, *counted})
    columns = {key: _column(key, named, counted.get(key), now) for key in (*shown, *counted)}
    rows = session.execute(_first(fits, wanted, shown)).all()
    about = _About(session, [row.id for row in rows])
    for row in rows:
        columns[row.key].cards.append(_card(row, about, zone))
    rest = [columns[key] for key in columns if key not in shown]
    if wanted.group != "stage":
        # In the order of their names, so that a column stays where it is; nobody first.
        shown.sort(key=lambda key: (bool(key), columns[key].name))
        rest.sort(key=lambda column: -column.count)
    return Board([columns[key] for key in shown], [] if wanted.group == "stage" else rest)


def _column(key: Any, named: Mapping[Any, str], counted: Row[Any] | None, now: dt.datetime) -> Column:
    if counted is None:
        return Column(str(key), named.get(key, ""))
    mean = (now - EPOCH).total_seconds() - float(counted.since)
    return Column(str(key), named.get(key, ""), counted.number, counted.overdue, max(mean, 0) / 86400)


def _counts(session: Session, fits: Sequence[Any], today: dt.date, group: str) -> Any:
    since: Any = func.extract("epoch", ServiceRequest.stage_since)
    if session.get_bind().dialect.name == "sqlite":
        since = type_coerce(ServiceRequest.stage_since, BigInteger) / 1_000_000
    late = case((due_before(today), 1), else_=0)
    # Apart: PostgreSQL does not see that a column which asks about tasks is the one it groups by.
    each = (
        select(groups.KEYS[group].label("key"), late.label("late"), since.label("since"))
        .where(*fits)
        .subquery()
    )
    return select(
        each.c.key,
        func.count().label("number"),
        func.sum(each.c.late).label("overdue"),
        func.avg(each.c.since).label("since"),
    ).group_by(each.c.key)


def _first(fits: Sequence[Any], wanted: BoardFilter, keys: list[Any]) -> Any:
    """The first cards of each column."""
    key = groups.KEYS[wanted.group]
    place = func.row_number().over(partition_by=key, order_by=ORDERS[wanted.sort])
    chosen = (
        select(ServiceRequest.id, key.label("key"), place.label("place"))
        .where(*fits, key.in_(keys))
        .subquery()
    )
    return (
        select(
            chosen.c.key,
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
        .where(chosen.c.place <= groups.room(len(keys), wanted))
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
