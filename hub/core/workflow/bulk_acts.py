"""What a bulk edit does to one request, and how that is taken back where nobody has changed it since.

Each act gives the values before and after, or None where there was nothing to change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from hub.core import values as v
from hub.core.assign import decisions
from hub.core.directory.models import Person
from hub.core.values import Actor, Refusal
from hub.core.work import requests as verbs
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.tasks import assign_task, edit_task, open_tasks
from hub.core.workflow.moving import move_asked


@dataclass
class Doing:
    """Who changes what to which value, when; ``asked`` is what plugins want before a request goes on."""

    session: Session
    now: dt.datetime
    actor: Actor
    value: Any
    asked: Mapping[int, list[v.OpenPoint]]
    moved: list[v.Moved] = field(default_factory=list)


Change = tuple[Any, Any] | None


def _edit(doing: Doing, row: ServiceRequest, **changes: Any) -> bool:
    return bool(verbs.edit_request(doing.session, doing.now, doing.actor, row, **changes))


def _as_seen(row: ServiceRequest, now: Any, then: Any) -> None:
    if now != then:
        raise Refusal("bulk_changed_since", ref=row.ref)


def _field(name: str) -> tuple[Callable[..., Change], Callable[..., Change]]:
    """A plain field of the request."""

    def do(doing: Doing, row: ServiceRequest) -> Change:
        before = _plain(getattr(row, name))
        return (before, _plain(doing.value)) if _edit(doing, row, **{name: doing.value}) else None

    def undo(doing: Doing, row: ServiceRequest, before: Any, after: Any) -> Change:
        _as_seen(row, _plain(getattr(row, name)), after)
        value = dt.date.fromisoformat(before) if name == "wanted_by" and before else before
        _edit(doing, row, **{name: value})
        return after, before

    return do, undo


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _label(doing: Doing, row: ServiceRequest) -> Change:
    return (False, True) if _edit(doing, row, labels=[*row.labels, doing.value]) else None


def _unlabel(doing: Doing, row: ServiceRequest) -> Change:
    left = [label for label in row.labels if label != doing.value]
    return (True, False) if _edit(doing, row, labels=left) else None


def _relabel(doing: Doing, row: ServiceRequest, before: bool, after: bool) -> Change:
    _as_seen(row, doing.value in row.labels, after)
    (_label if before else _unlabel)(doing, row)
    return after, before


def _open_tasks(row: ServiceRequest) -> list[Task]:
    found = open_tasks(row.tasks)
    if not found:
        raise Refusal("request_unassignable", ref=row.ref)
    return found


def _assign(doing: Doing, row: ServiceRequest) -> Change:
    before = {}
    for task in _open_tasks(row):
        held = task.assignee_id
        if _give(doing, task, doing.value):
            before[str(task.id)] = held
    return (before, doing.value) if before else None


def _give(doing: Doing, task: Task, number: int | None) -> bool:
    person = doing.session.get(Person, number) if number is not None else None
    given = assign_task(doing.session, doing.now, doing.actor, task, person)
    if given and person is not None:
        decisions.keep_by_hand(doing.session, doing.now, doing.actor, task, "")
    return given


def _team(doing: Doing, row: ServiceRequest) -> Change:
    before = {}
    for task in _open_tasks(row):
        held = task.team_id
        if edit_task(doing.session, doing.now, doing.actor, task, team_id=doing.value):
            before[str(task.id)] = held
    return (before, doing.value) if before else None


def _take_back(doing: Doing, row: ServiceRequest, before: Mapping[str, Any], after: Any) -> Change:
    for task in row.tasks:
        if str(task.id) in before:
            _as_seen(row, task.assignee_id, after)
            _give(doing, task, before[str(task.id)])
    return after, before


def _team_back(doing: Doing, row: ServiceRequest, before: Mapping[str, Any], after: Any) -> Change:
    for task in row.tasks:
        if str(task.id) in before:
            _as_seen(row, task.team_id, after)
            edit_task(doing.session, doing.now, doing.actor, task, team_id=before[str(task.id)])
    return after, before


def _move(doing: Doing, row: ServiceRequest, to: str) -> Change:
    before = row.stage
    moved = move_asked(doing.session, doing.now, doing.actor, row, to, doing.asked.get(row.id, ()))
    if moved is None:
        return None
    doing.moved.append(moved)
    return before, to


def _move_back(doing: Doing, row: ServiceRequest, before: str, after: str) -> Change:
    _as_seen(row, row.stage, after)
    return _move(doing, row, before)


def _wait(doing: Doing, row: ServiceRequest) -> Change:
    verbs.wait(doing.session, doing.now, doing.actor, row, doing.value)
    return None, doing.value


def _resume(doing: Doing, row: ServiceRequest) -> Change:
    reason = row.waiting_reason
    verbs.resume(doing.session, doing.now, doing.actor, row)
    return reason, None


def _go_on(doing: Doing, row: ServiceRequest, _before: None, after: str) -> Change:
    _as_seen(row, (row.state, row.waiting_reason), ("waiting", after))
    verbs.resume(doing.session, doing.now, doing.actor, row)
    return after, None


def _wait_again(doing: Doing, row: ServiceRequest, before: str | None, _after: None) -> Change:
    _as_seen(row, row.state, "open")
    verbs.wait(doing.session, doing.now, doing.actor, row, before or "–")
    return None, before


def _drop(doing: Doing, row: ServiceRequest) -> Change:
    before = row.state, row.waiting_reason
    verbs.drop(doing.session, doing.now, doing.actor, row, doing.value)
    return list(before), doing.value


def _restore(doing: Doing, row: ServiceRequest, before: list[Any], after: str) -> Change:
    _as_seen(row, (row.state, row.waiting_reason), ("dropped", after))
    verbs.restore(doing.session, doing.now, doing.actor, row)
    if before[0] == "waiting":
        verbs.wait(doing.session, doing.now, doing.actor, row, before[1] or "–")
    return after, before


_OWNER, _PRIORITY, _WANTED = _field("owner_id"), _field("priority"), _field("wanted_by")
DO: dict[str, Callable[[Doing, ServiceRequest], Change]] = {
    "owner": _OWNER[0],
    "assignee": _assign,
    "team": _team,
    "priority": _PRIORITY[0],
    "wanted_by": _WANTED[0],
    "label": _label,
    "unlabel": _unlabel,
    "stage": lambda doing, row: _move(doing, row, doing.value),
    "wait": _wait,
    "resume": _resume,
    "drop": _drop,
}
UNDO: dict[str, Callable[[Doing, ServiceRequest, Any, Any], Change]] = {
    "owner": _OWNER[1],
    "assignee": _take_back,
    "team": _team_back,
    "priority": _PRIORITY[1],
    "wanted_by": _WANTED[1],
    "label": _relabel,
    "unlabel": _relabel,
    "stage": _move_back,
    "wait": _go_on,
    "resume": _wait_again,
    "drop": _restore,
}
