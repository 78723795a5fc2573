"""What runs changed, with what they covered: written down as it happens, kept for two weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.database import Database
from hub.core.execute.models import Link, LinkField, Run, RunChange
from hub.core.execute.sync.fields import UNSET, FieldState
from hub.core.execute.sync.files import FileCopy
from hub.core.execute.sync.store import CommentCopy
from hub.core.execute.sync.stored import encode
from hub.core.values import Actor

KEPT_FOR = dt.timedelta(days=14)
FORGET = "forget_runs"
RunKind = Literal["round", "import", "undo"]
BATCH = 500


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A far value that we wrote over, and what the tracker made of ours."""

    before: Any
    after: Any


def overwritten(before: FieldState, after: FieldState) -> Overwritten | None:
    """What a field's write covered there, once it is known that it was done. Pure."""
    sent, old = before.sent, before.base.there
    if sent is None or after.sent is not None or old is UNSET:
        return None
    new = after.base.there
    agreed = after.base.here == (sent.here if sent.goal is UNSET else UNSET)
    if new == old or (not agreed and not isinstance(new, frozenset)):
        return None
    return Overwritten(old, new)


def begin(
    session: Session,
    now: dt.datetime,
    kind: RunKind,
    connection: Connection,
    actor: Actor,
    *,
    link: Link | None = None,
    undoes: Run | None = None,
) -> Run:
    """Open a run; what it does is noted on it as it happens, by this module's functions."""
    run = Run(
        kind=kind,
        connection_id=connection.id,
        link_id=link and link.id,
        undoes_id=undoes and undoes.id,
        by_id=actor.id if actor.kind == "person" else None,
        at=now,
    )
    session.add(run)
    session.flush()
    return run


def note(
    session: Session, now: dt.datetime, run: Run, link: Link, kind: str, what: str, before: Any, after: Any
) -> RunChange:
    """One thing a run has done; ``before`` and ``after`` in the words of the side where it was done."""
    change = RunChange(run_id=run.id, link_id=link.id, kind=kind, what=what, at=now)
    change.before, change.after = encode(before), encode(after)
    session.add(change)
    return change


def made_here(session: Session, now: dt.datetime, run: Run, link: Link, *, whole: bool = False) -> None:
    """An import has made the task of this link; ``whole``: and a request for it."""
    note(session, now, run, link, "task", "request" if whole else "status", None, link.task.state)


class Notes:
    """The notes of one round: its run is opened by its first change, so an idle round leaves none."""

    def __init__(self, database: Database, link_id: int) -> None:
        """Each method is called within the transaction of what it notes."""
        self._database = database
        self._link_id = link_id
        self._run_id: int | None = None

    def _note(self, session: Session, kind: str, what: str, before: Any = None, after: Any = None) -> None:
        now, link = self._database.now(), session.get_one(Link, self._link_id)
        # Looked up, for the transaction that opened it may have been rolled back.
        run = session.get(Run, self._run_id) if self._run_id else None
        if run is None:
            actor = Actor("connection", link.connection_id, "system", link.connection.name)
            run = begin(session, now, "round", link.connection, actor, link=link)
            self._run_id = run.id
        note(session, now, run, link, kind, what, before, after)

    def field(self, session: Session, name: str, before: FieldState, after: FieldState) -> None:
        """What became of a field's write there, and of an undo that waits for it."""
        done, restore = overwritten(before, after), before.restore
        change = session.get(RunChange, restore.change) if restore else None
        if done and change is None:
            self._note(session, "there", name, done.before, done.after)
        elif done and change and before.sent and before.sent.goal is UNSET:
            if isinstance(done.before, frozenset):
                change.before = encode(done.before)
            change.after, change.state, change.at = encode(done.after), "done", self._database.now()
        elif change and after.restore is None and change.state == "planned":
            change.state, change.reason = "left", dict(_why(before, after))

    def here(self, session: Session, name: str, before: Any, after: Any) -> None:
        """A field took over what came from there."""
        if before != after:
            self._note(session, "here", name, before, after)

    def item(self, session: Session, ref: str) -> None:
        """The far item was made."""
        self._note(session, "item", "item", None, ref)

    def comment(self, session: Session, before: CommentCopy | None, after: CommentCopy) -> None:
        """A comment came over, or was changed or taken away there."""
        was = before.far_ref if before else None
        reason = after.reason["id"] if after.reason else None
        if was is None and after.far_ref is not None:
            self._note(session, "comment", "said" if after.origin == "here" else "heard",
                       None, after.comment_id)  # fmt: skip
        elif before and before.state == "sending" and after.state == "copied" and reason is None:
            self._note(session, "comment", "reworded", before.text_there, after.comment_id)
        elif after.state == "ended" and after.origin == "here" and reason == "sync_comment_deleted_here":
            self._note(session, "comment", "unsaid", after.text_there, after.comment_id)

    def file(self, session: Session, before: FileCopy | None, after: FileCopy) -> None:
        """A file was carried over."""
        if after.state == "copied" and (before is None or before.state != "copied"):
            self._note(session, "file", "sent" if after.origin == "here" else "came", None, after.name)


def _why(before: FieldState, after: FieldState) -> Mapping[str, Any]:
    """Why an undo found that this field is no longer its own."""
    if after.clash is not None:
        return {"id": "undo_conflict"}
    if after.declined is not None:
        return after.declined.reason
    assert before.restore is not None
    theirs = after.base.there != before.restore.ours
    return {"id": "undo_changed_there" if theirs else "undo_changed_here"}


def forget(database: Database) -> int:
    """Forget runs that are older than two weeks; gives how many."""
    limit, gone = database.now() - KEPT_FOR, 0
    while True:
        with database.transaction() as session:
            ids = list(session.scalars(select(Run.id).where(Run.at < limit).order_by(Run.id).limit(BATCH)))
            if not ids:
                return gone
            planned = select(RunChange.link_id).where(RunChange.run_id.in_(ids), RunChange.state == "planned")
            session.execute(update(LinkField).where(LinkField.link_id.in_(planned)).values(restore=None))
            session.execute(delete(Run).where(Run.id.in_(ids)))
            gone += len(ids)
