"""The job of an import: a few items at a time, so that it can be seen, cancelled and killed at any point."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.core.connections import manage
from hub.core.connections.opening import Opener
from hub.core.database import Database
from hub.core.execute.importing.doing import carry_out
from hub.core.execute.importing.listing import keep_listed, linked, promise_step, scan
from hub.core.execute.importing.models import Import, ImportRow
from hub.core.execute.importing.seeing import Rules, see
from hub.core.execute.models import Link
from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.mapping import rules, usable
from hub.core.execute.sync.waiting import pause
from hub.core.values import FarItem, Gone, Held, MovedTo, Refusal, Refused, Retry, Tracker

Found = FarItem | Gone | MovedTo | Refused
BATCH = 25
WORKING = ("listing", "looking", "running")
_chance = Random()  # jitter is no secret


def advance(database: Database, opener: Opener, import_id: int, prefix: str = "SR") -> None:
    """Do the next few items, and promise to go on; what was done is kept, whatever happens meanwhile."""
    with database.reading() as session:
        held = session.get(Import, import_id)
        if held is None or held.state not in WORKING:
            return
        state, cursor, target, connection_id = held.state, held.cursor, held.target, held.connection_id
    try:
        opened = opener.by_id(connection_id)
        if not isinstance(opened.settings, SyncSettings):
            raise Refusal("sync_settings_missing", kind=opened.kind)
        tracker: Tracker = opened.object
        if state == "listing":
            found = linked(database, connection_id, cursor) if target == "links" else scan(tracker, cursor)
            keep_listed(database, import_id, cursor, *found)
        else:
            known = usable(rules(opened.settings), tracker.capabilities)
            _advance_rows(database, tracker, known, import_id, prefix)
    except Retry as ill:
        _wait(database, import_id, ill)
    except Refused as no:
        _stop(database, import_id, {"id": "sync_refused", "text": no.reason[:500]})
    except Refusal as refusal:
        _stop(database, import_id, {**refusal.values, "id": refusal.message})


def _advance_rows(database: Database, tracker: Tracker, known: Rules, import_id: int, prefix: str) -> None:
    with database.reading() as session:
        held = session.get_one(Import, import_id)
        looking = held.state == "looking"
        open_ = ImportRow.action.is_(None) if looking else ImportRow.outcome.is_(None)
        wanted = select(ImportRow.id, ImportRow.ref).where(ImportRow.import_id == import_id, open_)
        rows = session.execute(wanted.order_by(ImportRow.id).limit(BATCH)).all()
        makers = session.execute(
            select(Link.mark, Link.task_id).where(
                Link.connection_id == held.connection_id, Link.ref.is_(None), Link.creating_since.is_not(None)
            )
        ).all()
    # An item we have made ourselves and whose number we have not heard yet is no news.
    making = {ref: str(task) for mark, task in makers if (ref := tracker.find(mark))} if rows else {}
    for row_id, ref in rows:
        far = _read(tracker, ref)
        with database.transaction() as session:
            held = session.get_one(Import, import_id, with_for_update=True)
            row = session.get_one(ImportRow, row_id)
            if held.state != ("looking" if looking else "running"):
                return  # cancelled meanwhile
            held.reason, held.attempts = None, 0
            if looking:
                _look(session, row, held, far, known, making)
            elif row.outcome is None:
                carry_out(session, database.now(), row, held, far, known, making, prefix)
    with database.transaction() as session:
        held = session.get_one(Import, import_id, with_for_update=True)
        if held.state not in WORKING:
            return
        if not rows:
            held.state, held.ended_at = ("ready", None) if looking else ("done", database.now())
        else:
            promise_step(session, import_id)


def _read(tracker: Tracker, ref: str) -> Found:
    """The item as it is; one that moved, where it is now. One that is refused must not hold up the others."""
    try:
        far = tracker.fetch(ref)
        return tracker.fetch(far.ref) if isinstance(far, MovedTo) else far
    except Refused as no:
        if not tracker.check().ok:
            raise  # nothing works: that is no matter of this item
        return no
    except (Retry, Refusal):
        raise
    except Exception as bug:  # noqa: BLE001 - a plugin's bug with one item harms only that one
        return Refused(f"{type(bug).__name__}: {bug}")


def _look(
    session: Session, row: ImportRow, held: Import, far: Found, known: Rules, making: Mapping[str, str]
) -> None:
    if isinstance(far, Refused):
        row.action, row.reason = "skip", {"id": "sync_refused", "text": far.reason[:500]}
        return
    if isinstance(far, Gone | MovedTo):
        row.action, row.reason = "skip", {"id": "import_gone"}
        return
    row.url = far.url
    if far.ref != row.ref:
        twin = select(ImportRow.id).where(ImportRow.import_id == held.id, ImportRow.ref == far.ref)
        if session.scalar(twin) is not None:
            row.action, row.reason = "skip", {"id": "import_listed_twice", "ref": far.ref}
            return
        row.ref = far.ref
    see(session, held, far, known, making).keep(row)


def skip_rows(session: Session, import_id: int) -> None:
    """What was left out needs no look at the tracker."""
    mine = update(ImportRow).where(ImportRow.import_id == import_id, ImportRow.outcome.is_(None))
    session.execute(
        mine.where((ImportRow.action == "skip") | (ImportRow.chosen == "skip")).values(outcome="skipped")
    )


def _wait(database: Database, import_id: int, ill: Retry) -> None:
    now = database.now()
    with database.transaction() as session:
        held = session.get_one(Import, import_id, with_for_update=True)
        if held.state not in WORKING:
            return
        ours = isinstance(ill, Held)
        after = pause(0 if ours else held.attempts, ill.after, _chance)
        held.reason = {"id": "sync_held" if ours else "sync_ill", "text": ill.reason[:500]}
        if not ours:
            held.attempts += 1
            manage.failed(session, now, held.connection_id, ill.reason, after=ill.after)
        promise_step(session, import_id, after)


def _stop(database: Database, import_id: int, reason: dict[str, Any]) -> None:
    """It will not get better by itself: shown, and taken up again by a person."""
    with database.transaction() as session:
        held = session.get_one(Import, import_id, with_for_update=True)
        held.reason = {
            name: value if isinstance(value, str | int) else str(value) for name, value in reason.items()
        }
