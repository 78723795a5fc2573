"""The cards of the board: a handful of flat queries, however long the history is."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Row, bindparam, case, func, select, type_coerce, union_all
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
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    counted = {row.key: row for row in session.execute(_counts(wanted, me, today, on_sqlite))}
    shown = list(keys or groups.chosen({key: row.number for key, row in counted.items()}, wanted))
    named = groups.names(session, wanted.group, {*shown, *counted})
    columns = {key: _column(key, named, counted.get(key), now) for key in (*shown, *counted)}
    rows = session.execute(_first(wanted, me, today, tuple(shown))).all()
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


# To make these two costs as much as their answers, and people look at the same few views all day.
@lru_cache(maxsize=256)
def _counts(wanted: BoardFilter, me: int | None, today: dt.date, on_sqlite: bool) -> Any:
    since: Any = func.extract("epoch", ServiceRequest.stage_since)
    if on_sqlite:
        since = type_coerce(ServiceRequest.stage_since, BigInteger) / 1_000_000
    late = case((due_before(today), 1), else_=0)
    # Apart: PostgreSQL does not see that a column which asks about tasks is the one it groups by.
    each = (
        select(groups.KEYS[wanted.group].label("key"), late.label("late"), since.label("since"))
        .where(*conditions(wanted, me, today), *groups.only(wanted))
        .subquery()
    )
    return select(
        each.c.key,
        func.count().label("number"),
        func.sum(each.c.late).label("overdue"),
        func.avg(each.c.since).label("since"),
    ).group_by(each.c.key)


@lru_cache(maxsize=256)
def _first(wanted: BoardFilter, me: int | None, today: dt.date, keys: tuple[Any, ...]) -> Any:
    """The first cards of each column."""
    fits = [*conditions(wanted, me, today), *groups.only(wanted)]
    most = groups.room(len(keys), wanted)
    chosen = (
        _of_stages(fits, wanted, keys, most) if wanted.group == "stage" else _of(fits, wanted, keys, most)
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
        .order_by(*ORDERS[wanted.sort])
    )


def _of_stages(fits: Sequence[Any], wanted: BoardFilter, stages: tuple[str, ...], most: int) -> Any:
    """One stage after the other: of each a database keeps the first few, and need not sort it to the end."""
    stage, order = ServiceRequest.stage, ORDERS[wanted.sort]
    each = (
        select(ServiceRequest.id, stage.label("key")).where(*fits, stage == one).order_by(*order).limit(most)
        for one in stages
    )
    return union_all(*(select(first.subquery()) for first in each)).subquery()


def _of(fits: Sequence[Any], wanted: BoardFilter, keys: tuple[Any, ...], most: int) -> Any:
    """All columns at once: to find out in which of them a request stands is the dear part here."""
    key = groups.KEYS[wanted.group]
    place = func.row_number().over(partition_by=key, order_by=ORDERS[wanted.sort])
    numbered = (
        select(ServiceRequest.id, key.label("key"), place.label("place"))
        .where(*fits, key.in_(keys))
        .subquery()
    )
    return select(numbered.c.id, numbered.c.key).where(numbered.c.place <= most).subquery()


_IDS: Any = bindparam("ids", expanding=True)
_CATEGORIES = select(Category.id, Category.title)
_WORK = (
    select(Task.request_id, Task.due, Person.name)
    .outerjoin(Person, Person.id == Task.assignee_id)
    .where(Task.request_id.in_(_IDS), TO_DO)
    .order_by(Task.request_id, Task.position)
)
_COMMENTS = (
    select(Comment.request_id, func.count())
    .where(Comment.request_id.in_(_IDS), Comment.deleted_at.is_(None))
    .group_by(Comment.request_id)
)
_LINKS = (
    select(Task.request_id, func.count())
    .join(Link, Link.task_id == Task.id)
    .where(Task.request_id.in_(_IDS))
    .group_by(Task.request_id)
)


class _About:
    """What hangs on the shown requests: who works on them, what is due, how much is said and linked."""

    def __init__(self, session: Session, ids: list[int]) -> None:
        # Apart from the requests: hundreds of them share a few categories, each with its two languages.
        self.category = {
            row.id: Text(row.title.get("zh", ""), row.title.get("en", ""))
            for row in session.execute(_CATEGORIES)
        }
        self.due: dict[int, dt.date] = {}
        self.assignee: dict[int, str] = {}
        for request_id, due, name in session.execute(_WORK, {"ids": ids}):
            if name:
                self.assignee.setdefault(request_id, name)
            if due:
                self.due[request_id] = min(due, self.due.get(request_id, due))
        self.comments = _counted(session, _COMMENTS, ids)
        self.links = _counted(session, _LINKS, ids)


def _counted(session: Session, query: Any, ids: list[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query, {"ids": ids})}


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
