"""A switch that makes the sandbox ill, for tests: each fault hits a given number of calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

FaultKind = Literal["unavailable", "too_many", "lose_answer", "change_nothing"]
FAULTS: tuple[FaultKind, ...] = ("unavailable", "too_many", "lose_answer", "change_nothing")
WRITES = ("POST", "PATCH", "PUT", "DELETE")


@dataclass
class Faults:
    """What will go wrong next.

    ``unavailable``: 503 and no effect. ``too_many``: 429 with Retry-After. ``lose_answer``: the write
    happens and the answer is 504. ``change_nothing``: the write is answered 200 and nothing changes.
    """

    _waiting: dict[str, int] = field(default_factory=dict)
    _before_write: list[Callable[[], Any]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

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
        kinds = FAULTS if method in WRITES else FAULTS[:2]
        with self._lock:
            for kind in kinds:
                if self._waiting.get(kind, 0) > 0:
                    self._waiting[kind] -= 1
                    return kind
        return None

    def somebody_else(self, method: str) -> None:
        """Let somebody edit, if that was asked for."""
        with self._lock:
            call = self._before_write.pop(0) if method in WRITES and self._before_write else None
        if call is not None:
            call()
