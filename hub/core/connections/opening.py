"""Opening a connection: its row becomes the object its plugin made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections.gate import Budget, Gate
from hub.core.connections.guarded import LONGEST_S, Guarded
from hub.core.connections.models import Connection
from hub.core.connections.secrets import KeyRing, token_hash
from hub.core.database import Database
from hub.core.registry import Registry
from hub.core.registry.calls import Caller
from hub.core.values import Channel, Http, Kind, Refusal, Source, Tracker

# How long the inbound path may use what it knows of a connection before it looks again, seconds.
FRESH = 2.0


@dataclass(frozen=True)
class Opened:
    """A connection ready for use: what the inbound path needs without touching the database."""

    id: int
    name: str
    family: str
    kind: str
    version: int
    paused: bool
    max_bytes: int
    settings: Any
    offered: Kind
    object: Any


class Opener:
    """Opens connections and keeps the objects until their rows change."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        keys: KeyRing,
        http: Callable[[Connection, Callable[[], None]], Http],
    ) -> None:
        """``http`` makes the outgoing door of one connection; what it is given is asked before each call."""
        self._database = database
        self._registry = registry
        self.keys = keys
        self._http = http
        self._by_slug: dict[str, tuple[float, Opened]] = {}
        self._by_id: dict[int, Opened] = {}
        self._lock = threading.Lock()
        # More than there are workers: a place is never what a call waits for.
        self._caller = Caller(LONGEST_S, at_once=1000, most_late=2)

    def open(self, connection: Connection) -> Opened:
        """The opened form of this row; refuses a kind that no enabled plugin offers."""
        known = self._by_id.get(connection.id)
        if known is not None and known.version == connection.version:
            return known
        offered = self._offered(connection)
        settings = offered.settings.model_validate(connection.settings)
        secrets = self._secrets(connection)
        gate = Gate(self._database, connection.id, _budget(connection, offered, settings, secrets))
        http = self._http(connection, gate.pass_through)
        opened = Opened(
            connection.id,
            connection.name,
            connection.family,
            connection.kind,
            connection.version,
            connection.paused,
            connection.max_bytes,
            settings,
            offered,
            self._guarded(connection, offered.open(settings, secrets, http, dict(connection.state))),
        )
        with self._lock:
            self._by_id[connection.id] = opened
        return opened

    def _guarded(self, connection: Connection, made: Any) -> Any:
        tracker = connection.family == "tracker"
        return Guarded(made, f"connection {connection.id}", self._caller) if tracker else made

    def _offered(self, connection: Connection) -> Kind:
        kinds = self._registry.kinds()
        if connection.kind not in kinds:
            raise Refusal("unknown_kind", kind=connection.kind)
        return kinds[connection.kind]

    def budget(self, connection: Connection) -> Budget | None:
        """What this connection may call, together with those of the same credential; None: no limit known."""
        offered = self._offered(connection)
        settings = offered.settings.model_validate(connection.settings)
        return _budget(connection, offered, settings, self._secrets(connection))

    def _secrets(self, connection: Connection) -> Mapping[str, str]:
        return self.keys.open(connection.sealed_secrets) if connection.sealed_secrets else {}

    def by_slug(self, slug: str) -> Opened | None:
        """The connection of a public address, or None; at most two seconds old."""
        known = self._by_slug.get(slug)
        if known is not None and time.monotonic() - known[0] < FRESH:
            return known[1]
        with self._database.reading() as session:
            row = session.scalars(select(Connection).where(Connection.slug == slug)).first()
        if row is None:
            self._by_slug.pop(slug, None)
            return None
        opened = self.open(row)
        self._by_slug[slug] = (time.monotonic(), opened)
        return opened

    def by_id(self, connection_id: int) -> Opened:
        """The connection with this id as it stands now."""
        with self._database.reading() as session:
            row = session.get_one(Connection, connection_id)
        return self.open(row)

    def source(self, opened: Opened) -> Source:
        """The opened connection as a source of drafts."""
        return opened.object  # type: ignore[no-any-return]

    def tracker(self, connection_id: int) -> Tracker:
        """The opened connection as a tracker."""
        return self.by_id(connection_id).object  # type: ignore[no-any-return]

    def channel(self, connection_id: int) -> Channel:
        """The opened connection as a channel."""
        return self.by_id(connection_id).object  # type: ignore[no-any-return]


def _budget(
    connection: Connection, offered: Kind, settings: Any, secrets: Mapping[str, str]
) -> Budget | None:
    """What the settings allow, else what is known of the kind; those with the same credential share it."""
    own = [value for name, value in sorted(secrets.items()) if not name.startswith("hook")]
    credential = f"{connection.kind}:{token_hash(chr(10).join(own)) if own else connection.id}"
    if calls := getattr(settings, "budget_calls", None):
        return Budget(calls, settings.budget_seconds, credential)
    most = getattr(offered, "calls_per_minute", None)
    return Budget(most, 60, credential) if most else None


def of_family(session: Session, family: str) -> list[Connection]:
    """The connections of one family, by name."""
    return list(
        session.scalars(select(Connection).where(Connection.family == family).order_by(Connection.name))
    )
