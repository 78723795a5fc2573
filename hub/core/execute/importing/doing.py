"""Carrying out what a row says: once, in one transaction, and only while it is as it was shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.customers.models import Customer
from hub.core.execute.importing.models import Import, ImportRow
from hub.core.execute.importing.seeing import Rules, Seen, see
from hub.core.execute.models import Link
from hub.core.execute.sync import runs, task_writer
from hub.core.execute.sync.links import link_task, pause_link, promise_round
from hub.core.execute.sync.stored import encode
from hub.core.values import Actor, FarItem, Gone, MovedTo, Refusal, Refused, TaskDraft
from hub.core.work.models import Category, ServiceRequest, Task
from hub.core.work.requests import create_request
from hub.core.work.tasks import create_task


def carry_out(
    session: Session,
    now: dt.datetime,
    row: ImportRow,
    held: Import,
    far: FarItem | Gone | MovedTo | Refused,
    rules: Rules,
    making: Mapping[str, str],
    prefix: str,
) -> None:
    """Do what the row says and write down what became of it; ``far`` was read just now."""
    if isinstance(far, Refused):
        row.outcome, row.told = "failed", {"id": "sync_refused", "text": far.reason[:500]}
        return
    if isinstance(far, Gone | MovedTo):
        row.outcome, row.told = "changed", {"id": "import_gone"}
        return
    seen = see(session, held, far, rules, making)
    if not seen.is_as_shown(row):
        row.outcome = "changed"
        row.told = {"id": "import_changed", "action": seen.judged.action, "fields": dict(seen.judged.fields)}
        return
    row.url = far.url
    try:
        with session.begin_nested():
            link = _do(session, now, row, held, seen, prefix, far.ref)
    except Refusal as refusal:
        row.outcome, row.told = "failed", plain({**refusal.values, "id": refusal.message})
        return
    row.outcome, row.link_id, row.task_id = "done", link.id, link.task_id


def plain(reason: Mapping[str, Any]) -> dict[str, Any]:
    """A reason as it is stored."""
    return {name: value if isinstance(value, str | int) else str(value) for name, value in reason.items()}


def _do(
    session: Session, now: dt.datetime, row: ImportRow, held: Import, seen: Seen, prefix: str, ref: str
) -> Link:
    actor = Actor("connection", held.connection_id, "system", held.connection.name)
    if row.action == "round":
        link = session.get_one(Link, row.link_id)
        pause_link(session, now, actor, link, False)
        promise_round(session, link.id)
        return link
    if row.chosen == "link":
        task = session.get_one(Task, row.task_id)
    else:
        task = _make(session, now, actor, row, held, seen.made or {}, prefix)
    link = link_task(session, now, actor, task, held.connection, ref)
    if held.run is not None and row.chosen != "link":
        runs.made_here(session, now, held.run, link, whole=row.action == "request")
    return link


def _make(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    row: ImportRow,
    held: Import,
    made: Mapping[str, Any],
    prefix: str,
) -> Task:
    """The task, in a request of its own where that was chosen; its work goes on there already."""
    request = held.request
    if row.action == "request":
        request = create_request(
            session, now, actor, title=made["title"], body=made["body"], source=held.connection.kind,
            category=session.get(Category, held.category_id) if held.category_id else None,
            customer=session.get(Customer, held.customer_id) if held.customer_id else None,
            connection_id=held.connection_id, prefix=prefix,
        )  # fmt: skip
        _bring_to_work(session, now, actor, request, row.ref)
    if request is None:
        raise Refusal("not_found")
    task = create_task(session, now, actor, request, TaskDraft(made["title"], made["body"]))
    for name in task_writer.ORDER:
        if name in made and task_writer.read(task)[name] != made[name]:
            task_writer.write(session, now, actor, task, name, made[name])
    stands = task_writer.read(task)
    if any(encode(stands[name]) != shown["here"] for name, shown in row.fields.items()):
        raise Refusal("import_differs", ref=row.ref)
    return task


def _bring_to_work(
    session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest, far: str
) -> None:
    """What earlier stages ask for stays open, and holds the request before its evaluation."""
    request.stage = "execute"
    history.record(
        session, now, actor, "request_imported", request,
        request_id=request.id, connection=actor.name, far=far,
    )  # fmt: skip
