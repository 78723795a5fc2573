"""Links kept in the hub's tables: the store a round works on outside the lab."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections import manage
from hub.core.conversation import comments
from hub.core.conversation.models import Comment
from hub.core.database import Database
from hub.core.execute.models import CommentLink, Conflict, Link, LinkField
from hub.core.execute.sync import task_writer
from hub.core.execute.sync.fields import Base, Clash, Declined, Fields, FieldState, FieldStates
from hub.core.execute.sync.links import open_conflicts, promise_round
from hub.core.execute.sync.marks import new_mark
from hub.core.execute.sync.plan import Decided
from hub.core.execute.sync.store import (
    HELD,
    CommentCopy,
    LinkState,
    Look,
    Reason,
)
from hub.core.execute.sync.stored import columns, copy_of, encode, our_comment, state_of
from hub.core.values import Actor, FarComment, Refusal, Refused
from hub.core.work.models import Task


class TableStore:
    """Fulfils the store protocol for one link; each call is one short transaction."""

    def __init__(self, database: Database, link_id: int) -> None:
        """``link_id`` names the link's row."""
        self._database = database
        self._link_id = link_id

    def look(self) -> Look:
        """Read our side and everything remembered."""
        with self._database.reading() as session:
            link = session.get_one(Link, self._link_id)
            spoken = session.scalars(
                select(Comment).where(Comment.task_id == link.task_id).order_by(Comment.id)
            )
            return Look(
                link.ref,
                link.mark,
                link.creating_since,
                link.paused or link.connection.paused,
                link.attempts,
                link.task.version,
                task_writer.read(link.task),
                _states(session, link),
                tuple(our_comment(comment) for comment in spoken),
                tuple(copy_of(row) for row in link.comments),
            )

    def write_here(
        self, version: int, changes: Fields, states: FieldStates, decided: Mapping[str, Decided]
    ) -> bool:
        """Write what came from there by the task's verbs, unless our side has moved on."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            task = session.get_one(Task, link.task_id, with_for_update=True)
            if task.version != version:
                return False
            states, before = dict(states), _states(session, link)
            for name in (name for name in task_writer.ORDER if name in changes):
                try:
                    with session.begin_nested():
                        now = self._database.now()
                        task_writer.write(session, now, _actor(link), task, name, changes[name])
                except Refusal as refusal:
                    declined = Declined(_reason(refusal), states[name].base.there)
                    states[name] = replace(before.get(name, FieldState()), sent=None, declined=declined)
                else:
                    # Our own guards may trim too: the base is what really stands here now.
                    base = states[name].base
                    if base.here == changes[name]:
                        written = task_writer.read(task)[name]
                        states[name] = replace(states[name], base=Base(written, base.there))
            made = {name: one for name, one in decided.items() if not states[name].declined}
            self._remember(session, link, states, made)
            return True

    def remember(self, states: FieldStates, decided: Mapping[str, Decided]) -> None:
        """Keep the state of these fields."""
        with self._database.transaction() as session:
            self._remember(session, session.get_one(Link, self._link_id), states, decided)

    def _remember(
        self, session: Session, link: Link, states: FieldStates, decided: Mapping[str, Decided]
    ) -> None:
        rows = {row.field: row for row in link.fields}
        opened = open_conflicts(session, link.id)
        for name, state in states.items():
            row = rows.get(name)
            if row is None:
                row = LinkField(link_id=link.id, field=name)
                session.add(row)
            for column, value in columns(state).items():
                if getattr(row, column) != value:
                    setattr(row, column, value)
            self._keep_clash(session, link, name, state.clash, opened.get(name), decided.get(name))

    def _keep_clash(
        self,
        session: Session,
        link: Link,
        name: str,
        clash: Clash | None,
        row: Conflict | None,
        decided: Decided | None,
    ) -> None:
        shown = decided.clash if decided else clash
        if row is None and shown is not None:
            row = Conflict(link_id=link.id, field=name, opened_at=self._database.now())
            session.add(row)
        if row is not None and shown is not None:
            row.kind = shown.kind
            row.here, row.there, row.far_now = encode(shown.here), encode(shown.there), encode(shown.far_now)
            if row.id is None:
                self._record(session, link, "conflict_opened", row, field=name)
        if row is not None and (decided or clash is None):
            row.closed_at = self._database.now()
            row.choice = "policy" if decided else "agreed"
            self._record(session, link, "conflict_closed", row, field=name, choice=row.choice)

    def _record(self, session: Session, link: Link, verb: str, subject: Any, **data: Any) -> None:
        task = link.task
        history.record(
            session,
            self._database.now(),
            _actor(link),
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
            self._remember(session, link, states, {})

    def found(self, ref: str) -> None:
        """Keep the far reference: made, found again or moved."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            taken = select(Link.id).where(
                Link.connection_id == link.connection_id, Link.ref == ref, Link.id != link.id
            )
            if session.scalar(taken) is not None:
                raise Refused(f"{ref} is linked to another task already")
            link.ref, link.creating_since = ref, None

    def comment_here(self, comment: FarComment) -> None:
        """Take over a comment from there, together with its copy row; again changes nothing."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            if any(row.far_ref == comment.ref for row in link.comments):
                return
            made = comments.say(
                session,
                self._database.now(),
                _actor(link),
                request_id=link.task.request_id,
                text=_sayable(comment.text),
                stream="internal" if comment.internal else "public",
                task_id=link.task_id,
                author_name=comment.author,
                source=link.connection.name,
            )
            session.add(
                CommentLink(
                    link_id=link.id,
                    comment_id=made.id,
                    mark=new_mark(),
                    origin="there",
                    far_ref=comment.ref,
                    text_here=made.text,
                    text_there=comment.text,
                    state="copied",
                )
            )

    def edit_here(self, copy: CommentCopy, text: str) -> None:
        """Change our comment to the text that came from there."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            comment = session.get_one(Comment, copy.comment_id)
            # Taken back meanwhile: the next look sees it.
            with suppress(Refusal):
                comments.edit(session, self._database.now(), _actor(link), comment, _sayable(text))
            self._keep(session, replace(copy, text_here=comment.text))

    def delete_here(self, copy: CommentCopy) -> None:
        """Mark our comment as taken back."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            comment = session.get_one(Comment, copy.comment_id)
            with suppress(Refusal):
                comments.take_back(session, self._database.now(), _actor(link), comment)
            self._keep(session, copy)

    def keep_copy(self, copy: CommentCopy) -> None:
        """Write or renew a copy row."""
        with self._database.transaction() as session:
            self._keep(session, copy)

    def _keep(self, session: Session, copy: CommentCopy) -> None:
        row = session.scalars(
            select(CommentLink).where(
                CommentLink.link_id == self._link_id, CommentLink.comment_id == copy.comment_id
            )
        ).first()
        if row is None:
            row = CommentLink(link_id=self._link_id, comment_id=copy.comment_id, mark=copy.mark)
            session.add(row)
        row.origin, row.far_ref, row.state = copy.origin, copy.far_ref, copy.state
        row.text_here, row.text_there = copy.text_here, copy.text_there
        row.reason = dict(copy.reason) if copy.reason else None

    def rest(self, state: LinkState, url: str | None, at: dt.datetime) -> None:
        """End of a round that reached its end."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            link.state, link.url, link.looked_at = state, url, at
            link.reason, link.waiting_since, link.due_at, link.attempts = None, None, None, 0
            manage.worked(session, at, link.connection_id)

    def wait(self, state: LinkState, reason: Reason, due_at: dt.datetime, resting: bool = False) -> None:
        """Look again when due; where the far side is ill, count the attempt and let the connection know."""
        now = self._database.now()
        with self._database.transaction() as session:
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
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            if link.state != state:
                self._record(session, link, "link_stopped", link, state=state)
            link.state, link.reason, link.looked_at = state, dict(reason), self._database.now()
            link.due_at, link.waiting_since = None, None


def _states(session: Session, link: Link) -> dict[str, FieldState]:
    rows: dict[str, LinkField] = {row.field: row for row in link.fields}
    opened = open_conflicts(session, link.id)
    return {name: state_of(rows.get(name), opened.get(name)) for name in {*rows, *opened}}


def _actor(link: Link) -> Actor:
    return Actor("connection", link.connection_id, "system", link.connection.name)


def _reason(refusal: Refusal) -> dict[str, Any]:
    plain = (str, int, float, bool, type(None))
    values = {k: v if isinstance(v, plain) else str(v) for k, v in refusal.values.items()}
    return {**values, "id": refusal.message}


def _sayable(text: str) -> str:
    # What is empty or longer than our limit is still shown to have been said.
    return text.strip()[: comments.MAX_COMMENT] or "…"
