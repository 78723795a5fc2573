"""First imports: look at what there is, show what will become of it, and do exactly that."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections.models import Connection
from hub.core.execute.importing.advancing import WORKING, advance, skip_rows
from hub.core.execute.importing.listing import IMPORT, promise_step
from hub.core.execute.importing.models import Import, ImportRow
from hub.core.execute.sync import runs
from hub.core.rights import require
from hub.core.values import Actor, Refusal
from hub.core.work.models import ServiceRequest

__all__ = ["IMPORT", "WORKING", "advance", "begin", "cancel", "choose", "go_on", "look_again", "start"]

TARGETS = ("requests", "tasks", "links")
CHOICES = ("", "link", "skip")


def begin(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    connection: Connection,
    target: str,
    *,
    request: ServiceRequest | None = None,
    category_id: int | None = None,
    customer_id: int | None = None,
    only_open: bool = True,
) -> Import:
    """Begin to look: nothing is written here or there but the rows of what was seen.

    ``target``: each item a request of its own, a task of ``request``, or the links there are.
    """
    require(actor, "import_items", connection)
    if connection.family != "tracker":
        raise Refusal("not_a_tracker", field="connection", name=connection.name)
    if target not in TARGETS:
        raise Refusal("unknown_choice", field="target", value=target)
    if target == "tasks":
        if request is None:
            raise Refusal("required", field="request")
        if request.stage not in ("assign", "execute") or request.state not in ("open", "waiting"):
            raise Refusal("no_tasks_in_stage", field="request", ref=request.ref, stage=request.stage)
    busy = select(func.count()).where(Import.connection_id == connection.id, Import.state.in_(WORKING))
    if session.scalar(busy):
        raise Refusal("import_at_work", name=connection.name)
    held = Import(
        connection_id=connection.id,
        target=target,
        request_id=request.id if request and target == "tasks" else None,
        category_id=category_id if target == "requests" else None,
        customer_id=customer_id if target == "requests" else None,
        only_open=only_open,
        by_id=actor.id if actor.kind == "person" else None,
        created_at=now,
    )
    session.add(held)
    session.flush()
    history.record(session, now, actor, "import_begun", held, connection=connection.name, target=target)
    promise_step(session, held.id)
    return held


def choose(session: Session, actor: Actor, held: Import, row: ImportRow, choice: str) -> None:
    """Do something else with an item than is proposed: link it to the suggested task, or leave it alone."""
    require(actor, "import_items", held.connection)
    if held.state != "ready":
        raise Refusal("import_not_ready", name=held.connection.name)
    if choice not in CHOICES or (choice == "link" and row.linked is None):
        raise Refusal("unknown_choice", field="choice", value=choice)
    row.chosen = choice or None


def start(session: Session, now: dt.datetime, actor: Actor, held: Import) -> None:
    """Do what the rows say."""
    require(actor, "import_items", held.connection)
    if held.state != "ready":
        raise Refusal("import_not_ready", name=held.connection.name)
    skip_rows(session, held.id)
    held.state = "running"
    if held.run is None:
        held.run = runs.begin(session, now, "import", held.connection, actor)
    history.record(session, now, actor, "import_started", held, connection=held.connection.name)
    promise_step(session, held.id)


def cancel(session: Session, now: dt.datetime, actor: Actor, held: Import) -> None:
    """Stop where it is: what is done stays, and nothing else is."""
    require(actor, "import_items", held.connection)
    if held.state in ("done", "cancelled"):
        return
    held.state, held.ended_at = "cancelled", now
    history.record(session, now, actor, "import_cancelled", held, connection=held.connection.name)


def go_on(session: Session, actor: Actor, held: Import) -> None:
    """Take up what stopped because the tracker refused: it may be mended."""
    require(actor, "import_items", held.connection)
    held.reason = None
    promise_step(session, held.id)


def look_again(session: Session, actor: Actor, held: Import) -> None:
    """Look once more at what had changed before it could be done: the new table is shown, then run."""
    require(actor, "import_items", held.connection)
    if held.state != "done":
        raise Refusal("import_not_ready", name=held.connection.name)
    left = ImportRow.outcome.in_(("changed", "failed"))
    again = update(ImportRow).where(ImportRow.import_id == held.id, left)
    session.execute(again.values(action=None, outcome=None, told=None, chosen=None))
    held.state, held.ended_at = "looking", None
    promise_step(session, held.id)
