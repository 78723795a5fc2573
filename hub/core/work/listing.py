"""Lists of requests: filters, orders, pages by key, counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from hub.core import search
from hub.core.customers.models import Customer
from hub.core.directory.models import Person
from hub.core.values import REQUEST_STATES, STAGES, Refusal
from hub.core.work import live
from hub.core.work.models import ServiceRequest, Task

LIVE = ("open", "waiting")
PAGE = 50
_FAR = dt.date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests; what is None does not matter. ``state`` is live, all, or one of the states."""

    stage: str | None = None
    state: str = "live"
    category_id: int | None = None
    customer_id: int | None = None
    person_id: int | None = None
    label: str | None = None
    # Words that stand in the request or its conversation.
    text: str | None = None

    def __post_init__(self) -> None:
        """Refuse a stage or state that does not exist."""
        if self.stage is not None and self.stage not in STAGES:
            raise Refusal("unknown_choice", field="stage", value=self.stage)
        if self.state not in ("live", "all", *REQUEST_STATES):
            raise Refusal("unknown_choice", field="state", value=self.state)


class Line(NamedTuple):
    """One request as a list shows it."""

    id: int
    ref: str
    title: str
    stage: str
    state: str
    priority: int | None
    wanted_by: dt.date | None
    updated_at: dt.datetime
    category_id: int | None
    customer: str | None
    owner: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by; equal keys are sorted newest first."""

    key: ColumnElement[Any]
    descending: bool
    read: Callable[[str], Any]
    value: Callable[[Line], Any]


ORDERS = {
    "newest": Order(ServiceRequest.id.expression, True, int, lambda row: row.id),
    "updated": Order(
        ServiceRequest.updated_at.expression, True, dt.datetime.fromisoformat, lambda row: row.updated_at
    ),
    "priority": Order(func.coalesce(ServiceRequest.priority, 9), False, int, lambda row: row.priority or 9),
    "wanted": Order(
        func.coalesce(ServiceRequest.wanted_by, _FAR), False, dt.date.fromisoformat,
        lambda row: row.wanted_by or _FAR,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list, with the keys of the pages beside it (None: there is none)."""

    rows: Sequence[Line]
    before: str | None
    after: str | None


def page(
    session: Session,
    wanted: Filter,
    order: str = "newest",
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> Listed:
    """The requests behind the key ``after``, or in front of ``before``, in this order."""
    if order not in ORDERS:
        raise Refusal("unknown_choice", field="sort", value=order)
    chosen, back = ORDERS[order], before is not None
    query = _lines(wanted, order, back, size + 1, session.get_bind().dialect.name)
    if cursor := before or after:
        query = query.where(_beyond(chosen, cursor, back))
    found = [Line._make((*row[:-1], tuple(row.labels))) for row in session.execute(query)]
    more, rows = len(found) > size, found[:size]
    if back:
        rows.reverse()
    ends = [f"{_written(chosen.value(row))}~{row.id}" for row in (rows[0], rows[-1])] if rows else [None] * 2
    return Listed(
        rows,
        before=ends[0] if (more if back else after) else None,
        after=ends[1] if (before if back else more) else None,
    )


def counts(session: Session, wanted: Filter) -> dict[str, int]:
    """How many requests this filter finds in each stage."""
    query = _counts(replace(wanted, stage=None), session.get_bind().dialect.name)
    found = {row.stage: row[1] for row in session.execute(query)}
    return {stage: found.get(stage, 0) for stage in STAGES}


# To make a statement costs as much as its answer, and people look at the same few lists all day.
@lru_cache(maxsize=64)
def _lines(wanted: Filter, order: str, back: bool, most: int, dialect: str) -> Any:
    chosen = ORDERS[order]
    down = chosen.descending is not back
    return (
        select(
            ServiceRequest.id,
            ServiceRequest.ref,
            ServiceRequest.title,
            ServiceRequest.stage,
            ServiceRequest.state,
            ServiceRequest.priority,
            ServiceRequest.wanted_by,
            ServiceRequest.updated_at,
            ServiceRequest.category_id,
            Customer.name,
            Person.name,
            ServiceRequest.labels,
        )
        .outerjoin(Customer, Customer.id == ServiceRequest.customer_id)
        .outerjoin(Person, Person.id == ServiceRequest.owner_id)
        .where(*_conditions(wanted, dialect))
        .order_by(
            chosen.key.desc() if down else chosen.key.asc(),
            ServiceRequest.id.asc() if back else ServiceRequest.id.desc(),
        )
        .limit(most)
    )


@lru_cache(maxsize=64)
def _counts(wanted: Filter, dialect: str) -> Any:
    return (
        select(ServiceRequest.stage, func.count())
        .where(*_conditions(wanted, dialect))
        .group_by(ServiceRequest.stage)
    )


def _conditions(wanted: Filter, dialect: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state == "live":
        found.append(live.LIVE)
    elif wanted.state != "all":
        found.append(ServiceRequest.state == wanted.state)
    for column, value in (
        (ServiceRequest.stage, wanted.stage),
        (ServiceRequest.category_id, wanted.category_id),
        (ServiceRequest.customer_id, wanted.customer_id),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.person_id is not None:
        does = select(Task.request_id).where(Task.assignee_id == wanted.person_id)
        found.append(or_(ServiceRequest.owner_id == wanted.person_id, ServiceRequest.id.in_(does)))
    if wanted.label is not None:
        found.append(_has_label(wanted.label, dialect))
    if wanted.text is not None:
        found.append(ServiceRequest.id.in_(search.matching(dialect, wanted.text)))
    return found


def _has_label(label: str, dialect: str) -> ColumnElement[bool]:
    spread = func.json_each if dialect == "sqlite" else func.json_array_elements_text
    each = spread(ServiceRequest.labels).table_valued("value")
    return select(each.c.value).where(each.c.value == label).exists()


def _beyond(order: Order, cursor: str, back: bool) -> ColumnElement[bool]:
    try:
        text, _, number = cursor.rpartition("~")
        value, row_id = order.read(text), int(number)
    except ValueError:
        raise Refusal("unknown_choice", field="page", value=cursor[:80]) from None
    down = order.descending is not back
    further = order.key < value if down else order.key > value
    aside = ServiceRequest.id > row_id if back else ServiceRequest.id < row_id
    return or_(further, and_(order.key == value, aside))


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
