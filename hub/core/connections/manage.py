"""Verbs on connections: make, change, pause; and those the config declares."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections import wrong
from hub.core.connections.models import MAX_BYTES, Connection
from hub.core.connections.secrets import KeyRing, new_token
from hub.core.database import Database
from hub.core.registry import Registry
from hub.core.rights import require
from hub.core.values import SYSTEM, Actor, ChannelKind, Kind, Refusal, SourceKind, Text, TrackerKind

MAX_NAME = 80
# Where in a connection's state the result of its last test stands.
CHECKED = "checked"
# After so many failures in a row a connection rests: one probes, the others wait.
BREAKER_AFTER = 5
# How long the one that tries may take before another one does.
TRIAL = dt.timedelta(minutes=1)
# That all is well is written down no more often than this.
NEWS_AFTER = dt.timedelta(seconds=10)


def kind_of(registry: Registry, kind: str) -> tuple[str, Kind]:
    """The family and kind of this name; refuses one that no enabled plugin offers."""
    found = registry.kinds().get(kind)
    match found:
        case SourceKind():
            return "source", found
        case TrackerKind():
            return "tracker", found
        case ChannelKind():
            return ("room" if found.audience == "room" else "channel"), found
    raise Refusal("unknown_kind", field="kind", kind=kind)


def checked_settings(kind: Kind, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the kind's model stores them; the first thing wrong is refused by field name."""
    try:
        return kind.settings.model_validate(dict(settings)).model_dump(mode="json")
    except ValidationError as error:
        raise wrong.refusal(error, kind.settings) from None


def create(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    registry: Registry,
    keys: KeyRing,
    *,
    name: str,
    kind: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    origin: str = "ui",
    slug: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> Connection:
    """Make a connection with its own public address part."""
    require(actor, "edit_connections")
    family, offered = kind_of(registry, kind)
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise Refusal("required" if not name else "too_long", field="name", most=MAX_NAME, length=len(name))
    if session.scalar(select(func.count()).where(Connection.name == name)):
        raise Refusal("name_taken", field="name", name=name)
    connection = Connection(
        name=name,
        family=family,
        kind=kind,
        slug=slug or _slug(name),
        origin=origin,
        max_bytes=max_bytes,
        settings=checked_settings(offered, settings),
        sealed_secrets=keys.seal(_known_secrets(offered, secrets or {})),
    )
    session.add(connection)
    session.flush()
    history.record(session, now, actor, "connection_created", connection, kind=kind)
    return connection


def change(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    registry: Registry,
    keys: KeyRing,
    connection: Connection,
    *,
    settings: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    paused: bool | None = None,
) -> None:
    """Change settings, pause, or replace secrets (an empty secret keeps the stored one).

    What is as it was leaves no trace: every start hands in the connections of the configuration.
    """
    require(actor, "edit_connections")
    if connection.origin == "config" and actor.kind == "person" and (settings is not None or secrets):
        raise Refusal("connection_from_config", name=connection.name)
    given = {name: value for name, value in (secrets or {}).items() if value}
    wanted, replaced = connection.settings, []
    if settings is not None or given:
        _, offered = kind_of(registry, connection.kind)  # pausing works without its plugin, too
        if settings is not None:
            wanted = checked_settings(offered, settings)
        kept = keys.open(connection.sealed_secrets) if given and connection.sealed_secrets else {}
        replaced = sorted(
            name for name, value in _known_secrets(offered, given).items() if kept.get(name) != value
        )
        if replaced:
            connection.sealed_secrets = keys.seal({**kept, **given})
    turned = paused is not None and paused != connection.paused
    if wanted == connection.settings and not replaced and not turned:
        return
    resettled, connection.settings = wanted != connection.settings, wanted
    if resettled or replaced:
        # What ailed it may be mended.
        connection.failures, connection.failing_since, connection.breaker_until = 0, None, None
    if turned:
        connection.paused = not connection.paused
    connection.version += 1
    history.record(
        session,
        now,
        actor,
        "connection_changed",
        connection,
        settings=resettled,
        secrets=replaced,
        paused=connection.paused,
    )


def _known_secrets(kind: Kind, secrets: Mapping[str, str]) -> dict[str, str]:
    if unknown := sorted(set(secrets) - set(kind.secrets)):
        raise Refusal("unknown_secret", field="secrets", name=unknown[0], known=", ".join(kind.secrets))
    return dict(secrets)


def _slug(name: str) -> str:
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{readable or 'c'}-{new_token()}"


def failed(
    session: Session,
    now: dt.datetime,
    connection_id: int,
    reason: str,
    *,
    after: dt.timedelta | None = None,
    rest_until: dt.datetime | None = None,
) -> None:
    """Note on the health line that the far side could not be used.

    ``after`` is how long it asked us to wait: that holds for every process. Then, and after some failures
    in a row, the connection rests until ``rest_until``.
    """
    # Two workers may fail at the same moment, and both count.
    row = session.get(Connection, connection_id, with_for_update=True, populate_existing=True)
    if row is None:
        return
    row.failures += 1
    row.failing_since = row.failing_since or now
    row.last_error, row.last_error_at = reason[:500], now
    if after is not None:
        row.held_until = max(row.held_until or now, now + after)
    if rest_until is not None and (after is not None or row.failures >= BREAKER_AFTER):
        rest(session, connection_id, rest_until)


def tested(row: Connection, now: dt.datetime, *, ok: bool, text: Text) -> None:
    """Keep what the last test of a connection found."""
    row.state = {**row.state, CHECKED: {"ok": ok, "text": text.as_json(), "at": now.isoformat()}}


def turn_off(session: Session, now: dt.datetime, row: Connection, text: Text) -> None:
    """Pause a connection that cannot work until somebody mends its set-up, and keep why."""
    failed(session, now, row.id, text.en)
    tested(row, now, ok=False, text=text)
    row.paused = True
    row.version += 1
    history.record(session, now, SYSTEM, "connection_changed", row, settings=False, secrets=[], paused=True)


def worked(session: Session, now: dt.datetime, connection_id: int) -> bool:
    """Note on the health line that the far side answered; gives whether it had rested until now."""
    row = session.get(Connection, connection_id)
    if row is None or (is_well(row) and row.last_ok_at and now - row.last_ok_at < NEWS_AFTER):
        return False  # every round says so: if each wrote it, they would queue for this row
    rested = row.breaker_until is not None
    row.failures, row.failing_since, row.breaker_until, row.last_ok_at = 0, None, None, now
    return rested


def is_well(connection: Connection) -> bool:
    """Whether the last call reached the far side."""
    return connection.failures == 0 and connection.breaker_until is None


def may_try(database: Database, connection_id: int) -> bool:
    """Whether this connection may be used now: when it has rested, one may try and the others wait on."""
    now = database.now()
    with database.reading() as session:
        rests = session.scalar(select(Connection.breaker_until).where(Connection.id == connection_id))
    if rests is None or rests > now:
        return rests is None
    mine = update(Connection).where(Connection.id == connection_id, Connection.breaker_until == rests)
    with database.transaction() as session:
        # Whoever moves the end of the rest on is the one; should it die, the next may try after that.
        taken = session.execute(mine.values(breaker_until=now + TRIAL).returning(Connection.id))
        return taken.first() is not None


def rest(session: Session, connection_id: int, until: dt.datetime) -> None:
    """Nothing goes to the far side before then: it asked for quiet, or failed too often."""
    row = session.get(Connection, connection_id)
    if row is not None and (row.breaker_until is None or row.breaker_until < until):
        row.breaker_until = until
