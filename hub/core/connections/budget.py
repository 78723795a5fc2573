"""How many calls a minute one credential may make: kept here, before the far side has to say no."""

from __future__ import annotations

import datetime as dt
import threading
from collections import deque
from collections.abc import Callable, Mapping

from hub.core.connections.models import Connection
from hub.core.connections.secrets import token_hash
from hub.core.values import Retry, TrackerKind

SPAN = dt.timedelta(minutes=1)


class Budget:
    """Calls in any minute. Called before each call: lets it go or raises ``Retry``."""

    def __init__(self, most: int, now: Callable[[], dt.datetime]) -> None:
        """``most`` calls in any minute of this clock."""
        self._most, self._now = most, now
        self._calls: deque[dt.datetime] = deque()
        self._lock = threading.Lock()

    def __call__(self) -> None:
        """Count a call; one too many waits until the first of this minute is a minute old."""
        with self._lock:
            now = self._now()
            while self._calls and self._calls[0] <= now - SPAN:
                self._calls.popleft()
            if len(self._calls) >= self._most:
                wait = self._calls[0] + SPAN - now
                raise Retry(f"{self._most} calls were made within a minute, more are not allowed", wait)
            self._calls.append(now)


class Budgets:
    """The budgets of all connections: those that use the same credential share one."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        """``now`` is the hub's clock."""
        self._now = now
        self._budgets: dict[tuple[str, ...], Budget] = {}
        self._lock = threading.Lock()

    def of(
        self, connection: Connection, offered: object, secrets: Mapping[str, str]
    ) -> Callable[[], None] | None:
        """The budget of this connection, or None where its kind names no limit."""
        if not isinstance(offered, TrackerKind) or offered.calls_per_minute is None:
            return None
        own = [value for name, value in sorted(secrets.items()) if not name.startswith("hook")]
        key = connection.kind, token_hash("\n".join(own)) if own else str(connection.id)
        with self._lock:
            return self._budgets.setdefault(key, Budget(offered.calls_per_minute, self._now))
