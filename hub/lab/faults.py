"""A switch that makes an imitation ill, for tests and the lab: each fault hits a given number of calls."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Literal

FaultKind = Literal[
    "unavailable", "too_many", "secondary", "secondary_bare", "primary", "lose_answer", "change_nothing"
]
AT_WRITES: tuple[FaultKind, ...] = ("lose_answer", "change_nothing")
# What every tracker may show.
FAULTS: tuple[FaultKind, ...] = ("unavailable", "too_many", *AT_WRITES)
WRITES = ("POST", "PATCH", "PUT", "DELETE")


class Faults:
    """What will go wrong next.

    ``unavailable``: 503 and no effect. ``too_many``: 429 with Retry-After. ``lose_answer``: the write
    happens and the answer is 504. ``change_nothing``: the write is answered 200 and nothing changes.
    GitHub's own: ``secondary``: 403 with Retry-After, ``secondary_bare``: 403 that names no time,
    ``primary``: 403 until the limit is reset.
    """

    def __init__(self, *own: FaultKind) -> None:
        """All is well. ``own`` are the faults of this tracker besides those every one may show."""
        self._kinds = (*own, *FAULTS)
        self._waiting: dict[FaultKind, int] = {}
        self._before_write: list[Callable[[], Any]] = []
        self._lock = Lock()

    def next(self, kind: FaultKind, count: int = 1) -> None:
        """Let the next ``count`` calls (for the last two kinds: writes) go wrong."""
        with self._lock:
            self._waiting[kind] = self._waiting.get(kind, 0) + count

    def before_next_write(self, call: Callable[[], Any]) -> None:
        """Do this right before the next write: somebody edits between a client's look and its write."""
        with self._lock:
            self._before_write.append(call)

    def clear(self) -> None:
        """Be well again."""
        with self._lock:
            self._waiting.clear()
            self._before_write.clear()

    def take(self, method: str) -> FaultKind | None:
        """The fault that hits this call, if any."""
        with self._lock:
            for kind in self._kinds:
                if self._waiting.get(kind, 0) > 0 and (method in WRITES or kind not in AT_WRITES):
                    self._waiting[kind] -= 1
                    return kind
        return None

    def somebody_else(self, method: str) -> None:
        """Let somebody edit, if that was asked for."""
        with self._lock:
            call = self._before_write.pop(0) if method in WRITES and self._before_write else None
        if call is not None:
            call()
