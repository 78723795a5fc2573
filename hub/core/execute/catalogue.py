"""What a tracker knows (states, people, types), read by a job and kept with its age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.database import Database
from hub.core.execute.models import KnownCatalogue
from hub.core.jobs import promise
from hub.core.rights import require
from hub.core.values import OPTIONAL_FIELDS, Actor, Catalogue, Refusal, Refused, Retry

READ_CATALOGUE = "read_catalogue"
# Older than this it is read again when somebody opens the mapping.
FRESH = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Known:
    """A kept catalogue, or why there is none; ``stale``: read with other settings or long ago."""

    catalogue: Catalogue | None = None
    read_at: dt.datetime | None = None
    stale: bool = True
    error: str = ""


def known(session: Session, now: dt.datetime, connection: Connection) -> Known:
    """What was last read from this tracker."""
    row = session.get(KnownCatalogue, connection.id)
    if row is None:
        return Known()
    stale = row.version != connection.version or row.read_at is None or row.read_at < now - FRESH
    error = str((row.error or {}).get("text", ""))
    return Known(_value(row.known) if row.known else None, row.read_at, stale, error)


def promise_catalogue(session: Session, actor: Actor, connection: Connection) -> None:
    """Promise that a worker asks the tracker what it knows."""
    require(actor, "edit_connections", connection)
    if connection.family != "tracker":
        raise Refusal("not_a_tracker", field="connection", name=connection.name)
    promise(session, READ_CATALOGUE, f"connection:{connection.id}", connection.id)


def read_catalogue(database: Database, opener: Opener, connection_id: int) -> None:
    """Ask the tracker and keep its answer; a failure is kept beside what was known before."""
    with database.reading() as session:
        version = session.get_one(Connection, connection_id).version
    found: Catalogue | None = None
    error = None
    try:
        tracker = opener.tracker(connection_id)
        found = tracker.catalogue()
        if not isinstance(found, Catalogue):
            raise Refused(f"the plugin gave a {type(found).__name__} for its catalogue")
        lacking = {name: "off" for name in OPTIONAL_FIELDS if name not in tracker.capabilities}
        found = replace(found, fields={**lacking, **found.fields})
    except (Retry, Refused) as no:
        error = {"text": no.reason[:500]}
    except Refusal as refusal:
        error = {"text": refusal.message}
    except Exception as bug:  # noqa: BLE001 - a plugin's bug is an answer, too: nobody should wait for it
        error = {"text": f"{type(bug).__name__}: {bug}"[:500]}
    with database.transaction() as session:
        row = session.get(KnownCatalogue, connection_id, with_for_update=True)
        if row is None:
            row = KnownCatalogue(connection_id=connection_id)
            session.add(row)
        row.version, row.error = version, error
        if found is not None and error is None:
            row.known, row.read_at = _stored(found), database.now()


def _stored(catalogue: Catalogue) -> dict[str, Any]:
    # Not asdict, which copies: a mapping may be of a kind that cannot be copied, and JSON knows one only.
    kept = {one.name: getattr(catalogue, one.name) for one in fields(catalogue)}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in kept.items()}


def _value(kept: dict[str, Any]) -> Catalogue:
    moves = kept["moves"]
    return Catalogue(
        states=tuple(kept["states"]),
        people=tuple((key, name) for key, name in kept["people"]),
        types=tuple((key, name) for key, name in kept["types"]),
        closed=kept["closed"],
        moves=None if moves is None else {state: tuple(ways) for state, ways in moves.items()},
        required=tuple(kept["required"]),
        fields=kept["fields"],
        # One that was kept before this was asked knows nothing of it.
        timed=tuple(kept.get("timed", ())),
        mails=kept.get("mails", {}),
    )
