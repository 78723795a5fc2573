"""How a connection stands, as its page and the part of it that renews itself show it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections import gate, manage
from hub.core.connections.models import Connection, Delivery
from hub.core.execute import console
from hub.core.execute.importing.models import Import
from hub.core.execute.models import Link
from hub.core.execute.sync import conflicts
from hub.core.jobs import DeadLetter
from hub.core.values import Refusal
from hub.render import words
from hub.render.sync import because
from hub.web.context import core, reader

LATEST = 10
_CAME = select(Delivery.received_at).order_by(Delivery.id.desc()).limit(1)


def of(session: Session, row: Connection) -> dict[str, Any]:
    """What the templates of a connection's state need."""
    now, is_tracker = core().database.now(), row.family == "tracker"
    return {
        "budget": _budget(session, row),
        "feed": console.feed(row, now) if is_tracker else None,
        "hook": console.hook(row),
        "came_at": session.scalar(_CAME.where(Delivery.connection_id == row.id)),
        "is_resting": row.breaker_until is not None and row.breaker_until > now,
        "is_held": row.held_until is not None and row.held_until > now,
        "breaker_after": manage.BREAKER_AFTER,
        "linked": console.link_counts(session, row.id) if is_tracker else {},
        "links": console.links(session, row.id, None, None, LATEST) if is_tracker else [],
        "clashes": conflicts.open_counts(session).get(row.id, 0) if is_tracker else 0,
        "dead": dead_jobs(session, row),
        "because": lambda reason: because(reason, reader()),
        "words": words,
    }


def dead_jobs(session: Session, row: Connection) -> list[DeadLetter]:
    """The jobs of this connection, its links and its imports that failed for the last time."""
    letters = core().jobs.dead_letters()
    if not letters:
        return []
    keys = {f"connection:{row.id}", f"collect:{row.id}", f"trial:{row.id}"}
    for kind, owner in (("link", Link), ("import", Import)):
        asked = [
            int(key) for letter in letters for key in [letter.key.removeprefix(f"{kind}:")] if key.isdigit()
        ]
        mine = select(owner.id).where(owner.id.in_(asked), owner.connection_id == row.id)
        keys.update(f"{kind}:{number}" for number in session.scalars(mine))
    return [letter for letter in letters if letter.key in keys]


def _budget(session: Session, row: Connection) -> dict[str, int] | None:
    try:
        known = core().opener.budget(row)
    except (Refusal, ValueError):
        return None  # its plugin is not listed, or wants other settings by now; the page says so
    if known is None:
        return None
    left = gate.calls_left(session, core().database.now(), known)
    return {"left": left, "calls": known.calls, "seconds": known.seconds}
