"""Verbs on links: make, pause, promise their rounds, decide their conflicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections.models import Connection
from hub.core.execute.models import Conflict, Link
from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync import task_writer
from hub.core.execute.sync.fields import UNSET, Base, FieldState, Unmapped
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.stored import columns, decode
from hub.core.jobs import hasten, promise
from hub.core.rights import require
from hub.core.values import SYSTEM, Actor, Refusal
from hub.core.work.models import Task

ROUND, DRAIN = "round", "drain"
Choice = Literal["here", "there", "text"]


def link_task(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    task: Task,
    connection: Connection,
    ref: str | None = None,
) -> Link:
    """Link a task to a far item; without ``ref`` the item is made there by the first round."""
    require(actor, "link_task", task)
    if connection.family != "tracker":
        raise Refusal("not_a_tracker", field="connection", name=connection.name)
    ref = ref.strip() if ref else None
    if ref is not None:
        taken = select(Link.id).where(Link.connection_id == connection.id, Link.ref == ref)
        if session.scalar(taken) is not None:
            raise Refusal("already_linked", field="ref", ref=ref)
    link = Link(
        task_id=task.id,
        connection_id=connection.id,
        ref=ref,
        state="waiting",
        reason={"id": "sync_new"},
        waiting_since=now,
        created_at=now,
    )
    session.add(link)
    session.flush()
    history.record(
        session,
        now,
        actor,
        "link_created",
        link,
        request_id=task.request_id,
        ref=task.ref,
        connection=connection.name,
        far=ref,
    )
    promise_round(session, link.id)
    return link


def ensure_link(session: Session, now: dt.datetime, task: Task, connection_id: int) -> Link:
    """The task's link with this connection, made where there is none yet."""
    known = session.scalars(
        select(Link).where(Link.task_id == task.id, Link.connection_id == connection_id).limit(1)
    ).first()
    return known or link_task(session, now, SYSTEM, task, session.get_one(Connection, connection_id))


def pause_link(session: Session, now: dt.datetime, actor: Actor, link: Link, paused: bool) -> None:
    """Stop or resume the rounds of one link; nothing is lost meanwhile."""
    require(actor, "link_task", link.task)
    if link.paused == paused or (link.state == "gone" and link.ref is None):
        return  # one that was cut has nothing to make or look at any more
    link.paused = paused
    link.state, link.reason = ("paused", None) if paused else ("waiting", {"id": "sync_resumed"})
    history.record(
        session,
        now,
        actor,
        "link_paused" if paused else "link_resumed",
        link,
        request_id=link.task.request_id,
        ref=link.task.ref,
        connection=link.connection.name,
    )
    promise_round(session, link.id)


def promise_round(session: Session, link_id: int, after: dt.timedelta | None = None) -> None:
    """Promise a round of one link; folded while one waits."""
    promise(session, ROUND, f"link:{link_id}", link_id, after=after)


def promise_drain(session: Session, connection_id: int, after: dt.timedelta | None = None) -> None:
    """Promise that what waited for this far side to rest is taken up."""
    promise(session, DRAIN, f"drain:{connection_id}", connection_id, after=after)


def hasten_round(session: Session, link_id: int, after: dt.timedelta) -> None:
    """Let the promised round of one link come now, or so soon after."""
    hasten(session, ROUND, f"link:{link_id}", link_id, after=after)


def promise_rounds(session: Session, task_ids: Iterable[int]) -> None:
    """Promise a round of every link of these tasks: something changed here."""
    wanted = select(Link.id).where(Link.task_id.in_(list(task_ids)), Link.state != "gone", ~Link.paused)
    for link_id in session.scalars(wanted.order_by(Link.id)).all():
        promise_round(session, link_id)


def promise_rounds_for(session: Session, task_id: int) -> None:
    """Promise a round of every link of this task."""
    promise_rounds(session, [task_id])


def promise_round_of(session: Session, connection_id: int, ref: str) -> None:
    """Promise a round of the link with this far item; nothing where none is linked."""
    wanted = select(Link.id).where(Link.connection_id == connection_id, Link.ref == ref)
    for link_id in session.scalars(wanted).all():
        promise_round(session, link_id)


def open_conflicts(session: Session, link_id: int) -> dict[str, Conflict]:
    """The open conflicts of a link by field."""
    rows = session.scalars(select(Conflict).where(Conflict.link_id == link_id, Conflict.closed_at.is_(None)))
    return {row.field: row for row in rows}


def links_of_request(session: Session, request_id: int) -> list[Link]:
    """The links of a request's tasks, in the order of the tasks."""
    wanted = select(Link).join(Link.task).where(Task.request_id == request_id)
    return list(session.scalars(wanted.order_by(Task.position, Link.id)))


def resolve_conflict(
    session: Session, now: dt.datetime, actor: Actor, conflict: Conflict, choice: Choice, text: Any = None
) -> None:
    """Decide a conflict: our value, theirs, or another given as ``text``; the round carries it over."""
    link, name = conflict.link, conflict.field
    require(actor, "resolve_conflict", link.task)
    hold(session, conflict)
    if conflict.closed_at is not None:
        raise Refusal("conflict_closed", ref=link.task.ref)
    far_now, there = decode(conflict.far_now), decode(conflict.there)
    # Ours counts as not yet said there; if the far side has moved on since, it is a conflict again.
    base = Base(UNSET, far_now)
    if choice == "there":
        task_writer.write(session, now, actor, link.task, name, _inward(link, name, there))
        if far_now == there:
            base = Base(task_writer.read(link.task)[name], there)
    elif choice == "text":
        task_writer.write(session, now, actor, link.task, name, text)
    elif choice != "here":
        raise Refusal("unknown_choice", field="choice", value=choice)
    row = next(row for row in link.fields if row.field == name)
    for column, value in columns(FieldState(base)).items():
        setattr(row, column, value)
    conflict.closed_at, conflict.choice = now, choice
    conflict.closed_by = actor.id if actor.kind == "person" else None
    history.record(
        session,
        now,
        actor,
        "conflict_closed",
        conflict,
        request_id=link.task.request_id,
        ref=link.task.ref,
        connection=link.connection.name,
        field=name,
        choice=choice,
    )
    promise_round(session, link.id)


def hold(session: Session, conflict: Conflict) -> None:
    """Keep a round from writing down what it made of an older look: task first, then link, as it does."""
    session.refresh(conflict.link.task, with_for_update=True)
    session.refresh(conflict.link, ["state"], with_for_update=True)
    session.refresh(conflict)
    for row in conflict.link.fields:
        session.refresh(row)


def _inward(link: Link, name: str, value: Any) -> Any:
    translated = rules(SyncSettings.part_of(link.connection.settings))[name].inward(value)
    if isinstance(translated, Unmapped):
        raise Refusal(translated.reason, field=name, value=value)
    return translated
