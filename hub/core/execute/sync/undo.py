"""Undoing a run: what would go back, what stays and why, and doing exactly that by rounds."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.execute.models import Link, LinkField, Run, RunChange
from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync import runs, task_writer
from hub.core.execute.sync.back import Stays, way_back
from hub.core.execute.sync.fields import UNSET, Restore
from hub.core.execute.sync.links import open_conflicts, promise_round
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.stored import decode, encode, state_of
from hub.core.execute.sync.unmaking import unmake, why_it_stays
from hub.core.rights import require
from hub.core.values import Actor, Refusal

# Why what is no field written there is not taken back.
STAYS = {
    "here": "undo_came_from_there",
    "heard": "undo_came_from_there",
    "item": "undo_item_stays",
    "untask": "undo_task_is_gone",
    "said": "undo_comment_stays",
    "reworded": "undo_comment_stays",
    "unsaid": "undo_comment_is_gone",
    "file": "undo_file_stays",
}


@dataclass(frozen=True, slots=True)
class Way:
    """One thing of a run: what it goes back to, or with ``reason`` why it stays."""

    change: int
    link: int
    ref: str
    kind: str
    what: str
    now: Any
    back: Any
    reason: Mapping[str, Any] | None = None


def plan_undo(session: Session, run: Run) -> list[Way]:
    """What undoing this run would do, by what is known of both sides. Nothing is written."""
    changes = list(
        session.scalars(select(RunChange).where(RunChange.run_id == run.id).order_by(RunChange.id))
    )
    written: dict[tuple[int, str], list[RunChange]] = {}
    others = []
    for change in changes:
        if change.kind != "there":
            others.append(change)
        elif change.state == "done":
            written.setdefault((change.link_id, change.what), []).append(change)
    return [_field(session, chain) for chain in written.values()] + [
        _made(session, change) if change.kind == "task" else _other(change) for change in others
    ]


def seal(ways: Sequence[Way]) -> str:
    """What was shown, in short: what is done must be the same."""
    shown = [
        (way.change, way.kind, way.what, encode(way.now), encode(way.back), way.reason and way.reason["id"])
        for way in ways
    ]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


def undo_run(session: Session, now: dt.datetime, actor: Actor, run: Run, seen: str) -> Run:
    """Take back what can be taken back of a run; gives the run that does so.

    ``seen`` is the seal of the plan that was shown: refused where it would be another one now. The rounds
    that carry it out look at the far side first and leave alone what people changed meanwhile.
    """
    require(actor, "undo_run", run)
    ways = plan_undo(session, run)
    if not any(way.reason is None for way in ways):
        raise Refusal("undo_nothing")
    if seal(ways) != seen:
        raise Refusal("undo_has_changed")
    undoing = runs.begin(session, now, "undo", run.connection, actor, link=run.link, undoes=run)
    for way in ways:
        if way.reason is None and way.kind == "task":
            _unmake(session, now, actor, undoing, way)
        elif way.reason is None:
            _ask(session, now, undoing, way)
    history.record(
        session, now, actor, "run_undone", undoing, connection=run.connection.name, run=run.id,
        request_id=run.link.task.request_id if run.link else None,
    )  # fmt: skip
    return undoing


def _ask(session: Session, now: dt.datetime, undoing: Run, way: Way) -> None:
    link = session.get_one(Link, way.link, with_for_update=True)
    change = runs.note(session, now, undoing, link, "there", way.what, way.now, way.back)
    change.state = "planned"
    session.flush()
    row = session.get_one(LinkField, (link.id, way.what))
    row.restore = {"change": change.id, "ours": encode(way.now), "back": encode(way.back)}
    link.due_at = None
    promise_round(session, link.id)


def _field(session: Session, chain: list[RunChange]) -> Way:
    """One field of one link: from what the run left there to what stood there before it."""
    last = first = chain[-1]
    for earlier in reversed(chain[:-1]):
        if earlier.after == first.before:
            first = earlier
    link, name = last.link, last.what
    ours, back = decode(last.after), decode(first.before)
    row = session.get(LinkField, (link.id, name))
    assert row is not None  # a round wrote it
    state = state_of(row, open_conflicts(session, link.id).get(name))
    way = Way(last.id, link.id, link.task.ref, "there", name, ours, back)
    rule = rules(SyncSettings.part_of(link.connection.settings))[name]
    if link.state == "gone":
        return replace(way, reason={"id": "sync_gone"})
    if state.restore is not None:
        return replace(way, reason={"id": "undo_under_way"})
    if state.base.there is UNSET:
        return replace(way, reason={"id": "undo_changed_there"})
    asked = replace(state, restore=Restore(0, ours, back))
    here = task_writer.read(link.task)[name]
    found = way_back(rule, here, state.base.there, asked)
    if isinstance(found, Stays):
        return replace(way, reason={"id": found.reason, "value": encode(found.value)})
    return way


def _made(session: Session, change: RunChange) -> Way:
    """A task or a request that an import has made: it goes if it is as it came."""
    link, whole = change.link, change.what == "request"
    reason = why_it_stays(session, link, whole)
    return Way(
        change.id, link.id, link.task.ref, "task", change.what, link.task.state,
        None if reason else "dropped", {"id": reason} if reason else None,
    )  # fmt: skip


def _unmake(session: Session, now: dt.datetime, actor: Actor, undoing: Run, way: Way) -> None:
    link = session.get_one(Link, way.link, with_for_update=True)
    runs.note(session, now, undoing, link, "untask", way.what, way.now, way.back)
    unmake(session, now, actor, link, way.what == "request", f"↶ {undoing.connection.name}")


def _other(change: RunChange) -> Way:
    reason = STAYS[change.what if change.kind == "comment" else change.kind]
    return Way(
        change.id, change.link_id, change.link.task.ref, change.kind, change.what,
        decode(change.after), decode(change.before), {"id": reason},
    )  # fmt: skip
