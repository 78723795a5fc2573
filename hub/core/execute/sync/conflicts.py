"""Conflicts as a list, what is known of each side's change, and opening a settled one again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from hub.core import history
from hub.core.execute.models import Conflict, Link, LinkField
from hub.core.execute.sync import task_writer
from hub.core.execute.sync.changed import last_change
from hub.core.execute.sync.links import hold, open_conflicts
from hub.core.execute.sync.stored import decode, encode
from hub.core.history import HistoryEntry
from hub.core.rights import require
from hub.core.values import Actor, Refusal


def open_list(session: Session, connection_id: int | None = None, limit: int = 100) -> list[Conflict]:
    """Conflicts that wait for a person, the oldest first."""
    query = select(Conflict).join(Conflict.link).where(Conflict.closed_at.is_(None))
    if connection_id is not None:
        query = query.where(Link.connection_id == connection_id)
    whole = joinedload(Conflict.link)
    query = query.options(whole.joinedload(Link.connection), whole.joinedload(Link.task))
    return list(session.scalars(query.order_by(Conflict.opened_at, Conflict.id).limit(limit)))


def open_counts(session: Session) -> dict[int, int]:
    """How many conflicts wait, for each connection that has some."""
    query = select(Link.connection_id, func.count()).join(Conflict, Conflict.link_id == Link.id)
    query = query.where(Conflict.closed_at.is_(None)).group_by(Link.connection_id)
    return dict(session.execute(query).all())


def base_of(session: Session, conflict: Conflict) -> Any:
    """What this field said here when both sides last agreed; None where they never did."""
    row = session.get(LinkField, (conflict.link_id, conflict.field))
    return row.base.get("here") if row and conflict.closed_at is None else None


def changed_here(session: Session, conflict: Conflict, *, ever: bool = False) -> HistoryEntry | None:
    """The latest change of this field here: who, when, and from where.

    Of a settled conflict the one before it was settled, unless ``ever``.
    """
    before = None if conflict.closed_at is None or ever else conflict.closed_at
    return last_change(session, conflict.link.task, conflict.field, before)


def reopen(session: Session, now: dt.datetime, actor: Actor, conflict: Conflict) -> None:
    """Take back how a conflict was settled: our value returns here, and both wait for a choice again.

    Nothing is written there before somebody chooses. Refused where the field has changed since, or is
    just on its way there.
    """
    link, name = conflict.link, conflict.field
    require(actor, "resolve_conflict", link.task)
    hold(session, conflict)
    row = session.get(LinkField, (link.id, name), with_for_update=True, populate_existing=True)
    if conflict.closed_at is None or open_conflicts(session, link.id).get(name):
        raise Refusal("conflict_is_open", ref=link.task.ref)
    if row is None or row.sent is not None or row.restore is not None:
        raise Refusal("conflict_on_its_way", ref=link.task.ref)
    if conflict.closed_by is None or _moved_since(session, conflict):
        raise Refusal("conflict_moved_on", ref=link.task.ref)
    far_now = decode(row.base["there"]) if "there" in row.base else decode(conflict.far_now)
    task_writer.write(session, now, actor, link.task, name, decode(conflict.here))
    # Their value may be covered by now: then it is the value of before that can be chosen.
    conflict.kind = "both" if far_now == decode(conflict.there) else "overwritten"
    conflict.far_now = encode(far_now)
    conflict.closed_at = conflict.choice = conflict.closed_by = None
    link.state = "conflict"
    history.record(
        session, now, actor, "conflict_reopened", conflict, request_id=link.task.request_id,
        ref=link.task.ref, connection=link.connection.name, field=name,
    )  # fmt: skip


def _moved_since(session: Session, conflict: Conflict) -> bool:
    """Whether the field was changed here again after the conflict was settled."""
    settled = select(func.max(HistoryEntry.id)).where(
        HistoryEntry.request_id == conflict.link.task.request_id,
        HistoryEntry.verb == "conflict_closed",
        HistoryEntry.subject_id == conflict.id,
    )
    latest, closed = changed_here(session, conflict, ever=True), session.scalar(settled)
    return latest is not None and closed is not None and latest.id > closed
