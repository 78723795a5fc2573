"""Calls into plugins, each on a thread of its own and waited for no longer than the budget."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")
# A thread whose call came back waits so long for the next one, seconds: a page asks twice, and to start
# a thread costs more than most answers.
LINGER = 10.0


class Late(Exception):
    """The plugin did not answer within its budget."""


class Caller:
    """Runs plugin code beside the caller; a stuck call costs its own plugin, never the others.

    At most ``at_once`` calls are waited for at a time. A late call gives its place back and is left to
    itself; when ``most_late`` calls of one plugin have not come back, it is not called again until one
    does. Where nothing is asked for a while, no thread is left.
    """

    def __init__(self, budget_s: float, *, at_once: int = 16, most_late: int = 5) -> None:
        """``budget_s`` is how long one call is waited for, in seconds."""
        self.budget_s = budget_s
        self._most_late = most_late
        self._places = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._late: Counter[str] = Counter()
        self._free = 0
        self._waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def call(self, plugin: str, function: Callable[[], T]) -> T:
        """The function's answer, its exception, or ``Late``."""
        if self._late[plugin] >= self._most_late:
            raise Late(f"not asked: {self._most_late} earlier calls have not come back")
        with self._places:
            future = self._start(plugin, function)
            wait([future], self.budget_s)
        if future.done():
            return future.result()
        with self._lock:
            self._late[plugin] += 1
        future.add_done_callback(lambda _future: self._came_back(plugin))
        raise Late(f"no answer within {self.budget_s:g} s")

    def _start(self, plugin: str, function: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function())
            except Exception as error:  # noqa: BLE001 - it is raised again where the answer is awaited
                future.set_exception(error)
            except BaseException as error:  # noqa: BLE001 - sys.exit() in a plugin must not end the hub
                future.set_exception(RuntimeError(f"raised {type(error).__name__}"))

        with self._lock:
            taken = self._free > 0
            if taken:
                self._free -= 1
                self._waiting.put(run)
        if not taken:
            threading.Thread(target=self._work, args=(run,), name=f"plugin-{plugin}", daemon=True).start()
        return future

    def _work(self, run: Callable[[], None] | None) -> None:
        while run is not None:
            run()
            run = None  # what it knew need not be remembered while this thread waits
            with self._lock:
                self._free += 1
            run = self._next()

    def _next(self) -> Callable[[], None] | None:
        try:
            return self._waiting.get(timeout=LINGER)
        except Empty:
            with self._lock:
                # Between the end of the wait and this line somebody may have counted on us. Nothing is
                # waited for here: another thread may have taken it, and this one holds the lock.
                try:
                    return self._waiting.get_nowait()
                except Empty:
                    self._free -= 1
                    return None

    def _came_back(self, plugin: str) -> None:
        with self._lock:
            self._late[plugin] -= 1
