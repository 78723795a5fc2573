"""What the board shows, said by its address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from hub.core.customers.models import Customer
from hub.core.directory.models import Person, Team, TeamMember
from hub.core.values import STAGES
from hub.core.work.live import LIVE, due_before, has_task
from hub.core.work.models import Category, ServiceRequest, Task
from hub.web.forms import row_number

VIEWS = ("all", "mine", "near", "nobody", "overdue")
FIELDS = ("customer", "category", "person", "team")
GROUPS = ("stage", "person", "customer", "team")
# A due date this near is shown under "near due".
NEAR = dt.timedelta(days=2)
MOST_CHOICES = 200

# As expressions: an index over years of some customer's or nobody's requests must not look tempting.
_owner: ColumnElement[Any] = func.coalesce(ServiceRequest.owner_id, 0)
_customer: ColumnElement[Any] = func.coalesce(ServiceRequest.customer_id, 0)
_urgent: ColumnElement[Any] = func.coalesce(ServiceRequest.priority, 9)
_soonest: ColumnElement[Any] = func.coalesce(ServiceRequest.wanted_by, dt.date.max)
# How the cards of a column are sorted.
ORDERS: dict[str, tuple[Any, ...]] = {
    "urgent": (_urgent, _soonest, ServiceRequest.id),
    "wanted": (_soonest, _urgent, ServiceRequest.id),
    "newest": (ServiceRequest.id.desc(),),
    "longest": (ServiceRequest.stage_since, ServiceRequest.id),
}


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """One view of the board, and what narrows it; what is None does not matter."""

    view: str = "all"
    customer: int | None = None
    category: int | None = None
    person: int | None = None
    team: int | None = None
    group: str = "stage"
    sort: str = "urgent"
    # The key of the one column to show: a stage, or a number (0: nobody).
    only: str | None = None

    @classmethod
    def of(cls, args: Mapping[str, str]) -> BoardFilter:
        """The filter an address names; what it cannot mean is left out."""
        view, group, sort = args.get("view", "all"), args.get("group", "stage"), args.get("sort", "urgent")
        group = group if group in GROUPS else "stage"
        return cls(
            view=view if view in VIEWS else "all",
            group=group,
            sort=sort if sort in ORDERS else "urgent",
            only=_key(group, args.get("only")),
            **{name: row_number(args.get(name)) for name in FIELDS},
        )

    def args(self, **changed: Any) -> dict[str, Any]:
        """The filter as parts of an address."""
        wanted = replace(self, **changed)
        named = {name: getattr(wanted, name) for name in FIELDS}
        usual = {"view": "all", "group": "stage", "sort": "urgent"}
        how = {name: getattr(wanted, name) for name, value in usual.items() if getattr(wanted, name) != value}
        return how | {
            name: value for name, value in (*named.items(), ("only", wanted.only)) if value is not None
        }

    @property
    def narrowed(self) -> int:
        """How many fields narrow the view."""
        return sum(getattr(self, name) is not None for name in FIELDS)


def _key(group: str, text: str | None) -> str | None:
    if group == "stage":
        return text if text in STAGES else None
    number = row_number(text)
    return None if number is None else str(number)


def conditions(wanted: BoardFilter, me: int | None, today: dt.date) -> list[ColumnElement[bool]]:
    """What a request must fulfil to be on this board.

    Everything about tasks is asked per live request, so that years of done work cost nothing.
    """
    found = [LIVE]
    if wanted.view == "mine":
        found.append(or_(_owner == me, has_task(Task.assignee_id == me)))
    elif wanted.view == "nobody":
        found += [_owner == 0, ~has_task(Task.assignee_id.is_not(None))]
    elif wanted.view in ("near", "overdue"):
        found.append(due_before(today + NEAR if wanted.view == "near" else today))
    if wanted.customer is not None:
        found.append(_customer == wanted.customer)
    if wanted.category is not None:
        found.append(ServiceRequest.category_id == wanted.category)
    if wanted.person is not None:
        found.append(or_(_owner == wanted.person, has_task(Task.assignee_id == wanted.person)))
    if wanted.team is not None:
        found.append(_of_team(wanted.team))
    return found


def _of_team(team: int) -> ColumnElement[bool]:
    members = select(TeamMember.person_id).where(TeamMember.team_id == team)
    categories = select(Category.id).where(Category.team_id == team)
    return or_(
        ServiceRequest.category_id.in_(categories),
        _owner.in_(members),
        has_task(or_(Task.team_id == team, Task.assignee_id.in_(members))),
    )


def _active(kind: Any, text: Any, order: Any) -> Any:
    return select(kind.id, text).where(kind.active).order_by(order).limit(MOST_CHOICES)


_CHOICES = {
    "customer": select(Customer.id, Customer.name)
    .where(Customer.id.in_(select(ServiceRequest.customer_id).where(LIVE)))
    .order_by(Customer.name)
    .limit(MOST_CHOICES),
    "category": _active(Category, Category.title, Category.id),
    "person": _active(Person, Person.name, Person.name),
    "team": _active(Team, Team.name, Team.name),
}


def choices(session: Session) -> dict[str, list[tuple[int, Any]]]:
    """What each field can be narrowed to: customers with live requests, and who is active."""
    return {
        name: [(number, text) for number, text in session.execute(query)] for name, query in _CHOICES.items()
    }


def end_of(day: dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    """The moment at which a day is over where the calendar is."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone) if day else None
