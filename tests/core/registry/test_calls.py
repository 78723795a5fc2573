"""Calls of plugins run in threads that are used again."""

from __future__ import annotations

from queue import Empty, SimpleQueue

import pytest

from hub.core.registry import calls
from hub.core.registry.calls import Caller


class Raced(SimpleQueue):  # type: ignore[type-arg] # of anything
    """A queue in which another thread is always first: it looks full and gives nothing."""

    def get(self, block: bool = True, timeout: float | None = None) -> None:
        """Nothing comes; who would wait without end is told so."""
        assert not block or timeout is not None, "waits without end"
        raise Empty

    def get_nowait(self) -> None:
        """Somebody else has it."""
        raise Empty

    def empty(self) -> bool:
        """There seems to be something."""
        return False


def test_a_thread_that_comes_second_to_a_call_goes_and_holds_up_nobody() -> None:
    caller = Caller(5.0)
    caller._waiting = Raced()
    caller._free = 1
    assert caller._next() is None
    assert caller._free == 0
    assert caller._lock.acquire(timeout=1)


def test_a_call_is_answered_whenever_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LINGER", 0.0005)
    caller = Caller(5.0)
    assert [caller.call("steady", lambda number=number: number) for number in range(500)] == list(range(500))
