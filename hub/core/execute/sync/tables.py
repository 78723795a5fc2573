"""Links kept in the hub's tables: the store a round works on outside the lab."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.conversation.models import Comment
from hub.core.database import Database
from hub.core.execute.models import CommentLink, Conflict, Link, LinkField
from hub.core.execute.sync import task_writer
from hub.core.execute.sync.changed import last_change
from hub.core.execute.sync.comment_tables import CommentTables
from hub.core.execute.sync.fields import Base, Clash, Declined, Fields, FieldState, FieldStates, Restore
from hub.core.execute.sync.file_tables import FileTables
from hub.core.execute.sync.links import promise_round
from hub.core.execute.sync.of_link import actor_of
from hub.core.execute.sync.plan import Decided
from hub.core.execute.sync.store import (
    HELD,
    LinkState,
    Look,
    Reason,
    Stale,
    worst,
)
from hub.core.execute.sync.stored import columns, copy_of, encode, our_comment, state_of
from hub.core.files import FileStore
from hub.core.values import FarParent, Refusal, Refused
from hub.core.work.models import Task

Last = Callable[[], AbstractContextManager[Session]]
# Looking is most of what a round does: three statements, built once.
_link_id: Any = bindparam("link_id")
_LINK = select(Link, Task, Connection.paused).join(Link.task).join(Link.connection).where(Link.id == _link_id)
_STATES = (
    select(LinkField, Conflict)
    .outerjoin(
        Conflict,
        and_(
            Conflict.link_id == LinkField.link_id,
            Conflict.field == LinkField.field,
            Conflict.closed_at.is_(None),
        ),
    )
    .where(LinkField.link_id == _link_id)
)
_SPOKEN = (
    select(Comment, CommentLink)
    .outerjoin(CommentLink, and_(CommentLink.comment_id == Comment.id, CommentLink.link_id == _link_id))
    .where(Comment.task_id == bindparam("task_id"))
    .order_by(Comment.id)
)


def ending(last: Last, files: FileStore) -> Callable[[Database, int], TableStore]:
    """Makes stores whose round ends in this transaction: with its job, in one commit."""
    return lambda database, link_id: TableStore(database, link_id, last, files)


class TableStore(CommentTables, FileTables):
    """Fulfils the store protocol for one link; each call is one short transaction."""

    def __init__(
        self, database: Database, link_id: int, last: Last | None = None, files: FileStore | None = None
    ) -> None:
        """``last`` opens the transaction of a round's last word, where something else ends with it.

        ``files`` holds the bytes; without it there are none to carry.
        """
        super().__init__(database, link_id)
        self._last = last or database.transaction
        self._bytes = files
        self._asked: dict[str, Restore] = {}
        # What each field's row said when this round last saw or wrote it.
        self._seen: dict[str, Any] = {}

    def look(self) -> Look:
        """Read our side and everything remembered."""
        with self._database.reading() as session:
            link, task, resting = session.execute(_LINK, {"link_id": self._link_id}).one()
            states = self._states(session)
            known = {name: state_of(row, conflict) for name, (row, conflict) in states.items()}
            self._seen = {name: print_of(*pair) for name, pair in states.items()}
            self._asked = {name: state.restore for name, state in known.items() if state.restore}
            spoken = session.execute(_SPOKEN, {"link_id": self._link_id, "task_id": task.id}).all()
            return Look(
                link.ref,
                link.mark,
                link.creating_since,
                link.paused or resting,
                link.attempts,
                task.version,
                task_writer.read(task),
                known,
                tuple(our_comment(comment) for comment, _ in spoken),
                tuple(copy_of(row) for _, row in spoken if row),
            )

    def _states(self, session: Session) -> dict[str, tuple[LinkField, Conflict | None]]:
        found = session.execute(_STATES, {"link_id": self._link_id})
        return {row.field: (row, conflict) for row, conflict in found}

    def write_here(
        self, version: int, changes: Fields, states: FieldStates, decided: Mapping[str, Decided]
    ) -> bool:
        """Write what came from there by the task's verbs, unless our side has moved on."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            task = session.get_one(Task, link.task_id, with_for_update=True)
            if task.version != version:
                return False
            states, before = dict(states), self._states(session)
            for name in (name for name in task_writer.ORDER if name in changes):
                was = task_writer.read(task)[name]
                try:
                    with session.begin_nested():
                        now = self._database.now()
                        task_writer.write(session, now, actor_of(link), task, name, changes[name])
                except Refusal as refusal:
                    declined = Declined(_reason(refusal), states[name].base.there)
                    known = state_of(*before[name]) if name in before else FieldState()
                    states[name] = replace(known, sent=None, restore=None, declined=declined)
                else:
                    # Our own guards may trim too: the base is what really stands here now.
                    base, written = states[name].base, task_writer.read(task)[name]
                    if not states[name].restore:
                        self._notes.here(session, name, was, written)
                    if base.here == changes[name]:
                        states[name] = replace(states[name], base=Base(written, base.there))
            made = {name: one for name, one in decided.items() if not states[name].declined}
            self._remember(session, states, made)
            return True

    def changed_at(self, field: str) -> dt.datetime | None:
        """When this field was last changed here, by our history."""
        with self._database.reading() as session:
            entry = last_change(session, session.get_one(Link, self._link_id).task, field)
            return entry.at if entry else None

    def remember(self, states: FieldStates, decided: Mapping[str, Decided]) -> None:
        """Keep the state of these fields."""
        if states:
            with self._database.transaction() as session:
                self._remember(session, states, decided)

    def _remember(
        self, session: Session, states: FieldStates, decided: Mapping[str, Decided]
    ) -> dict[str, FieldState]:
        """Keep these states; gives all of them."""
        # Whoever decides about a field holds the link, too: one of us comes second and knows it.
        session.execute(select(Link.id).where(Link.id == self._link_id).with_for_update())
        rows = self._states(session)
        known = {name: state_of(*pair) for name, pair in rows.items()}
        for name in states.keys() & rows.keys() & self._seen.keys():
            if self._seen[name] != print_of(*rows[name]):
                raise Stale
        for name, state in states.items():
            row, conflict = rows.get(name, (None, None))
            before = known.get(name, FieldState())
            if before.restore != self._asked.get(name):
                # Somebody asked for it while this round ran: that is for the next one.
                state = replace(state, restore=before.restore)
            self._notes.field(session, name, before, state)
            if row is None:
                row = LinkField(link_id=self._link_id, field=name)
                session.add(row)
            for column, value in columns(state).items():
                if getattr(row, column) != value:
                    setattr(row, column, value)
            self._keep_clash(session, name, state.clash, conflict, decided.get(name))
            self._seen[name] = print_of(row, None if name in decided else state.clash)
        return {**known, **states}

    def _keep_clash(
        self,
        session: Session,
        name: str,
        clash: Clash | None,
        row: Conflict | None,
        decided: Decided | None,
    ) -> None:
        shown = decided.clash if decided else clash
        if row is None and shown is not None:
            row = Conflict(link_id=self._link_id, field=name, opened_at=self._database.now())
            session.add(row)
        if row is not None and shown is not None:
            row.kind = shown.kind
            row.here, row.there, row.far_now = encode(shown.here), encode(shown.there), encode(shown.far_now)
            row.far_by, row.far_at = shown.by, shown.at
            if row.id is None:
                self._record(session, "conflict_opened", row, field=name)
        if row is not None and (decided or clash is None):
            row.closed_at = self._database.now()
            row.choice = "policy" if decided else "agreed"
            self._record(session, "conflict_closed", row, field=name, choice=row.choice)

    def _record(self, session: Session, verb: str, subject: Any, **data: Any) -> None:
        link = session.get_one(Link, self._link_id)
        task = link.task
        history.record(
            session,
            self._database.now(),
            actor_of(link),
            verb,
            subject,
            request_id=task.request_id,
            ref=task.ref,
            connection=link.connection.name,
            **data,
        )

    def creating(self, states: FieldStates, since: dt.datetime) -> None:
        """Say that we are about to make the far item."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            link.creating_since = since
            self._remember(session, states, {})

    def found(self, ref: str) -> None:
        """Keep the far reference: made, found again or moved."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            taken = select(Link.id).where(
                Link.connection_id == link.connection_id, Link.ref == ref, Link.id != link.id
            )
            if session.scalar(taken) is not None:
                raise Refused(f"{ref} is linked to another task already")
            if link.ref is None and link.creating_since is not None:
                self._notes.item(session, ref)
            link.ref, link.creating_since = ref, None

    def rest(
        self,
        states: FieldStates,
        decided: Mapping[str, Decided],
        url: str | None,
        at: dt.datetime,
        again: dt.timedelta | None = None,
        parent: FarParent | None = None,
    ) -> LinkState:
        """End of a round that reached its end: keep these states, and show the worst of all."""
        with self._last() as session:
            link = session.get_one(Link, self._link_id)
            now_known = self._remember(session, states, decided)
            copies = (copy_of(row) for row in link.comments)
            link.state = shown = worst(now_known, copies, files=self._file_states(session))
            link.url, link.looked_at = url, at
            link.parent = asdict(parent) if parent else None
            link.reason, link.waiting_since, link.due_at, link.attempts = None, None, None, 0
            if again is not None:
                link.reason = {"id": "sync_files_wait"}
                promise_round(session, link.id, after=again)
            manage.worked(session, at, link.connection_id)
            return shown

    def wait(self, state: LinkState, reason: Reason, due_at: dt.datetime, resting: bool = False) -> None:
        """Look again when due; where the far side is ill, count the attempt and let the connection know."""
        now = self._database.now()
        with self._last() as session:
            link = session.get_one(Link, self._link_id)
            link.state, link.reason, link.due_at = state, dict(reason), due_at
            link.waiting_since = link.waiting_since or now
            if reason["id"] != HELD:
                link.attempts += 1
                text, after = str(reason.get("text", reason["id"])), due_at - now if resting else None
                manage.failed(session, now, link.connection_id, text, after=after, rest_until=due_at)
            promise_round(session, link.id, after=due_at - now)

    def stop(self, state: LinkState, reason: Reason) -> None:
        """The link as a whole is gone, refused or paused."""
        with self._last() as session:
            link = session.get_one(Link, self._link_id)
            if link.state != state:
                self._record(session, "link_stopped", link, state=state)
            link.state, link.reason, link.looked_at = state, dict(reason), self._database.now()
            link.due_at, link.waiting_since = None, None


def print_of(row: LinkField, clash: object) -> Any:
    """By what is told whether somebody else has decided about a field: not what an undo asks of it."""
    return row.base, row.sent, row.declined, clash is not None


def _reason(refusal: Refusal) -> dict[str, Any]:
    plain = (str, int, float, bool, type(None))
    values = {k: v if isinstance(v, plain) else str(v) for k, v in refusal.values.items()}
    return {**values, "id": refusal.message}
