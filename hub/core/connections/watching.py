"""Sources that say when something new is there: one process listens to each, and hints are looked after.

Looking every few minutes stays: what is not heard is found all the same, only later.
"""

from __future__ import annotations

import datetime as dt
import logging
import selectors
import threading
from dataclasses import dataclass

from sqlalchemy import select

from hub.core.connections.collecting import is_polled, promise_collecting
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opened, Opener
from hub.core.database import Database, new_uuid
from hub.core.values import Refusal, Refused, Retry, Watch

log = logging.getLogger(__name__)
# Where in a connection's state stands who listens; after so long without a sign another process may.
WATCHED, LEASE = "watched", dt.timedelta(minutes=3)
# Servers hang up after half an hour (RFC 2177), and routers forget sooner.
RENEW = dt.timedelta(minutes=10)
# So long a source that cannot be listened to, or does not speak, is left alone.
REST, SILENT = dt.timedelta(minutes=10), dt.timedelta(hours=6)
# How soon the thread sees that it should end, seconds.
BREATH = 1.0


@dataclass
class _Held:
    watch: Watch
    version: int
    until: dt.datetime
    renew_at: dt.datetime


class Watcher:
    """The sources this process listens to, by one thread, and by none where there is nothing to hear."""

    def __init__(self, database: Database, opener: Opener) -> None:
        """One for each process that works."""
        self._database, self._opener, self._name = database, opener, new_uuid()
        self._held: dict[int, _Held] = {}
        self._rests: dict[int, tuple[int, dt.datetime]] = {}
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> int:
        """Begin to listen to every source that can speak and is listened to by nobody; gives how many."""
        wanted = select(Connection).where(
            Connection.family == "source",
            ~Connection.paused,
            # One that is not well is looked at until it is.
            Connection.failures == 0,
            Connection.breaker_until.is_(None),
        )
        with self._database.reading() as session:
            rows = list(session.scalars(wanted.order_by(Connection.id)))
        return sum(self._begin(row) for row in rows if row.id not in self._held and not self._is_resting(row))

    def start(self) -> None:
        """See to the held sources in a thread, until there are none."""
        with self._lock:
            if self._held and self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Listen no more; others may at once."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(5 * BREATH)
        for connection_id in list(self._held):
            self._let_go(connection_id)

    def attend(self, seconds: float) -> None:
        """Wait for the held sources at most this long, then do what is due for them."""
        with self._lock:
            held = dict(self._held)
        with selectors.DefaultSelector() as selector:
            for connection_id, one in held.items():
                selector.register(one.watch, selectors.EVENT_READ, connection_id)
            speaking = [key.data for key, _ in selector.select(seconds)]
        now = self._database.now()
        for connection_id, one in held.items():
            try:
                if connection_id in speaking and one.watch.heard():
                    self._hint(connection_id)
                if one.until - now < LEASE / 2:
                    self._keep_up(connection_id, one)
            except (Retry, Refused):
                # A look finds what was said meanwhile, or writes on the health line what is wrong.
                self._let_go(connection_id)
                self._hint(connection_id)

    def _run(self) -> None:
        while not self._closing.is_set():
            with self._lock:
                if not self._held:
                    self._thread = None
                    return
            try:
                self.attend(BREATH)
            except Exception:
                log.warning("listening was disturbed", exc_info=True)
                self._closing.wait(BREATH)

    def _is_resting(self, row: Connection) -> bool:
        version, until = self._rests.get(row.id, (row.version, self._database.now()))
        return version == row.version and until > self._database.now()

    def _begin(self, row: Connection) -> bool:
        try:
            opened = self._opener.open(row)
        except Refusal:
            return False  # its plugin is not listed; the connection's page says so
        if not is_polled(opened) or not hasattr(opened.object, "watch") or not self._claim(row.id):
            return False
        rest = SILENT
        try:
            watch: Watch | None = opened.object.watch()
        except (Retry, Refused):
            watch, rest = None, REST  # the next look says why
        now = self._database.now()
        if watch is None:
            self._rests[row.id] = (row.version, now + rest)
            self._release(row.id)
            return False
        with self._lock:
            self._held[row.id] = _held(watch, opened, now)
        self._hint(row.id)  # what came before we listened
        return True

    def _keep_up(self, connection_id: int, one: _Held) -> None:
        now = self._database.now()
        with self._database.reading() as session:
            row = session.get(Connection, connection_id)
        if row is None or row.paused or row.version != one.version or not self._claim(connection_id):
            return self._let_go(connection_id)
        one.until = now + LEASE
        if one.renew_at <= now:
            one.watch.renew()
            one.renew_at = now + RENEW
            self._hint(connection_id)  # what was said while nobody listened
        return None

    def _let_go(self, connection_id: int) -> None:
        with self._lock:
            one = self._held.pop(connection_id, None)
        if one is not None:
            one.watch.close()
            self._release(connection_id)

    def _hint(self, connection_id: int) -> None:
        with self._database.transaction() as session:
            promise_collecting(session, connection_id)

    def _claim(self, connection_id: int) -> bool:
        now = self._database.now()
        with self._database.transaction() as session:
            row = session.get_one(Connection, connection_id, with_for_update=True)
            held = row.state.get(WATCHED)
            if held and held["by"] != self._name and dt.datetime.fromisoformat(held["until"]) > now:
                return False
            row.state = {**row.state, WATCHED: {"by": self._name, "until": (now + LEASE).isoformat()}}
        return True

    def _release(self, connection_id: int) -> None:
        with self._database.transaction() as session:
            row = session.get(Connection, connection_id, with_for_update=True)
            if row is not None and (row.state.get(WATCHED) or {}).get("by") == self._name:
                row.state = {name: value for name, value in row.state.items() if name != WATCHED}


def _held(watch: Watch, opened: Opened, now: dt.datetime) -> _Held:
    return _Held(watch, opened.version, now + LEASE, now + RENEW)
