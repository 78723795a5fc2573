"""One change to many requests: each request in whole or not at all, what became of each, and the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.core import values as v
from hub.core.database import Database
from hub.core.directory.models import Person, Team
from hub.core.rights import require
from hub.core.values import STAGES, Actor, Refusal
from hub.core.work.changes import text_within
from hub.core.work.models import BulkEdit, ServiceRequest
from hub.core.work.requests import MAX_LABEL, known_priority
from hub.core.work.seen import request_value
from hub.core.workflow import bulk_acts as acts
from hub.core.workflow.core import Core
from hub.core.workflow.moving import asked_points

MOST = 100
KEPT_FOR = dt.timedelta(days=14)
# What can be changed, and the verb of the rights that it takes.
CHANGES = {
    "owner": "edit_request",
    "assignee": "assign_task",
    "team": "edit_task",
    "priority": "edit_request",
    "wanted_by": "edit_request",
    "label": "edit_request",
    "unlabel": "edit_request",
    "stage": "move_request",
    "wait": "edit_request",
    "resume": "edit_request",
    "drop": "drop_request",
}


def change(
    core: Core, actor: Actor, refs: Sequence[str], what: str, value: Any, *, strict: bool = False
) -> int:
    """Make one change to these requests and keep what became of each; gives the number of the edit.

    Raises ``Refusal`` before anything is done: bulk_nothing_chosen, too_many, not_allowed, not_found, and
    what is wrong with the value. What a single request refuses stands in its line; where ``strict``, it is
    raised and nothing is done to any.
    """
    refs = list(dict.fromkeys(ref.upper() for ref in refs))
    if not refs:
        raise Refusal("bulk_nothing_chosen")
    if len(refs) > MOST:
        raise Refusal("too_many", most=MOST)
    if what not in CHANGES:
        raise Refusal("unknown_choice", field="change", value=what[:40])
    require(actor, CHANGES[what])
    wanted = ServiceRequest.ref.in_(refs)
    asked = _asked(core, wanted) if what == "stage" else {}
    with core.database.transaction() as session:
        value = _clean(session, what, value)
        doing = acts.Doing(session, core.database.now(), actor, value, asked)
        rows = _held(session, wanted)
        if len(rows) != len(refs):
            raise Refusal("not_found")
        lines = [_line(doing, row, acts.DO[what], strict=strict) for row in rows]
        edit = _kept(doing, what, lines)
    _tell(core, doing)
    return edit.id


def undo(core: Core, actor: Actor, edit_id: int) -> int:
    """Take an edit back wherever nobody has changed the same thing since; gives the number of that edit."""
    with core.database.reading() as session:
        edit = _own(session, actor, edit_id)
        before = {line["id"]: line for line in edit.lines if line["state"] == "changed"}
    wanted = ServiceRequest.id.in_(before)
    asked = _asked(core, wanted) if edit.what == "stage" else {}
    with core.database.transaction() as session:
        edit = _own(session, actor, edit_id, hold=True)
        doing = acts.Doing(session, core.database.now(), actor, edit.value, asked)

        def back(doing: acts.Doing, row: ServiceRequest) -> acts.Change:
            return acts.UNDO[edit.what](doing, row, before[row.id]["before"], before[row.id]["after"])

        lines = [_line(doing, row, back) for row in _held(session, wanted)]
        undone = _kept(doing, edit.what, lines, undoes_id=edit.id)
        edit.undone_at = doing.now
    _tell(core, doing)
    return undone.id


def forget(database: Database) -> None:
    """Forget edits that are older than two weeks."""
    with database.transaction() as session:
        session.execute(delete(BulkEdit).where(BulkEdit.at < database.now() - KEPT_FOR))


def _own(session: Session, actor: Actor, edit_id: int, *, hold: bool = False) -> BulkEdit:
    edit = session.get(BulkEdit, edit_id, with_for_update=True if hold else None)
    if edit is None:
        raise Refusal("not_found")
    if edit.by_id != actor.id:
        raise Refusal("bulk_not_yours")
    if edit.undone_at is not None or edit.undoes_id is not None:
        raise Refusal("bulk_undone")
    return edit


def _held(session: Session, wanted: Any) -> Sequence[ServiceRequest]:
    # In one order, so that two who change the same requests wait for each other and never crosswise.
    query = select(ServiceRequest).where(wanted).order_by(ServiceRequest.id).with_for_update()
    return session.scalars(query).all()


def _asked(core: Core, wanted: Any) -> Mapping[int, list[v.OpenPoint]]:
    """What plugins ask for before each request may go on; outside any transaction."""
    with core.database.reading() as session:
        seen = [request_value(row) for row in session.scalars(select(ServiceRequest).where(wanted))]
    return {one.id: asked_points(core, one) for one in seen}


def _line(
    doing: acts.Doing,
    row: ServiceRequest,
    act: Callable[[acts.Doing, ServiceRequest], acts.Change],
    *,
    strict: bool = False,
) -> dict[str, Any]:
    """Do it to one, in a savepoint of its own: a request that refuses is as it was."""
    line = {"id": row.id, "ref": row.ref, "state": "same"}
    try:
        with doing.session.begin_nested():
            change = act(doing, row)
    except Refusal as refusal:
        if strict:
            raise
        return line | {"state": "refused", "reason": _reason(refusal)}
    return line if change is None else line | {"state": "changed", "before": change[0], "after": change[1]}


def _kept(
    doing: acts.Doing, what: str, lines: list[dict[str, Any]], undoes_id: int | None = None
) -> BulkEdit:
    assert doing.actor.id is not None  # only people may, and they have one
    value = doing.value.isoformat() if isinstance(doing.value, dt.date) else doing.value
    edit = BulkEdit(
        by_id=doing.actor.id, at=doing.now, what=what, value=value, lines=lines, undoes_id=undoes_id
    )
    doing.session.add(edit)
    doing.session.flush()
    return edit


def _tell(core: Core, doing: acts.Doing) -> None:
    for moved in doing.moved:
        core.registry.tell("workflow_moved", moved)


def _clean(session: Session, what: str, value: Any) -> Any:
    """The value, if it can be one for any request at all."""
    if what in ("owner", "assignee") and value is not None:
        person = session.get(Person, value)
        if person is None:
            raise Refusal("unknown_choice", field="person", value=value)
        if not person.active:
            raise Refusal("person_inactive", field="person", name=person.name)
    elif what == "team" and value is not None and session.get(Team, value) is None:
        raise Refusal("unknown_choice", field="team", value=value)
    elif what == "priority":
        known_priority(value)
    elif what in ("label", "unlabel"):
        return text_within(value or "", "label", MAX_LABEL)
    elif what == "stage" and value not in STAGES:
        raise Refusal("unknown_choice", field="stage", value=value)
    elif what in ("wait", "drop"):
        return text_within(value or "", "reason", 300)
    elif what == "resume":
        return None
    return value


def _reason(refusal: Refusal) -> dict[str, Any]:
    return {"id": refusal.message, **{name: _plain(value) for name, value in refusal.values.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, v.OpenPoint):
        return value.text.as_json()
    return [_plain(one) for one in value] if isinstance(value, list) else value
