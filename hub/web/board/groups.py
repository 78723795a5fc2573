"""What the board's columns are: stages, people, customers or teams; each request stands in exactly one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hub.core.customers.models import Customer
from hub.core.directory.models import Person, Team
from hub.core.values import STAGES
from hub.core.work.live import TO_DO
from hub.core.work.models import Category, ServiceRequest, Task
from hub.web.board.filters import BoardFilter

# So many columns are still a board; whoever else has requests is listed beside them.
MOST_COLUMNS = 12
# Cards of a whole board, and of a column: the page keeps to its bytes and nodes (docs of ui budgets: 3,500).
MOST_CARDS, MOST_IN_COLUMN, LEAST_IN_COLUMN = 150, 30, 8
_NAMED: dict[str, Any] = {"person": Person, "customer": Customer, "team": Team}


def _of_first_task(column: Any) -> Any:
    return (
        select(column)
        .where(Task.request_id == ServiceRequest.id, TO_DO, column.is_not(None))
        .order_by(Task.position)
        .limit(1)
        .correlate(ServiceRequest)
        .scalar_subquery()
    )


_category_team = (
    select(Category.team_id)
    .where(Category.id == ServiceRequest.category_id)
    .correlate(ServiceRequest)
    .scalar_subquery()
)
# Nobody, no customer and no team are 0. The person is the one whose face the card shows.
KEYS: dict[str, ColumnElement[Any]] = {
    "stage": ServiceRequest.stage.expression,
    "person": func.coalesce(ServiceRequest.owner_id, _of_first_task(Task.assignee_id), 0),
    "customer": func.coalesce(ServiceRequest.customer_id, 0),
    "team": func.coalesce(_of_first_task(Task.team_id), _category_team, 0),
}


def only(wanted: BoardFilter) -> list[ColumnElement[bool]]:
    """The condition where a single column is wanted."""
    if wanted.only is None:
        return []
    return [KEYS[wanted.group] == (wanted.only if wanted.group == "stage" else int(wanted.only))]


def chosen(counted: dict[Any, int], wanted: BoardFilter) -> list[Any]:
    """The keys that get a column: every stage, or those with the most requests."""
    if wanted.only is not None:
        return [wanted.only if wanted.group == "stage" else int(wanted.only)]
    if wanted.group == "stage":
        return list(STAGES)
    return sorted(counted, key=lambda key: (-counted[key], key))[:MOST_COLUMNS]


def room(columns: int, wanted: BoardFilter) -> int:
    """How many cards a column shows."""
    if wanted.only is not None:
        return MOST_CARDS
    return max(LEAST_IN_COLUMN, min(MOST_IN_COLUMN, MOST_CARDS // max(columns, 1)))


def names(session: Session, group: str, keys: Iterable[Any]) -> dict[Any, str]:
    """What people, customers or teams are called; stages need no asking."""
    model = _NAMED.get(group)
    if model is None:
        return {}
    wanted = select(model.id, model.name).where(model.id.in_([key for key in keys if key]))
    return {row.id: row.name for row in session.execute(wanted)}
