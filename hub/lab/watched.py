"""A store and a tracker that are watched: calls counted, ended or interrupted where a schedule says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from hub.core.execute.sync.fields import tidy
from hub.core.values import Tracker
from hub.lab.line import Armed, Killed, Line
from hub.lab.people import act_here
from hub.lab.schedule import Step

if TYPE_CHECKING:
    from hub.lab.world import World

WRITES_HERE = ("write_here", "comment_here", "edit_here", "delete_here", "file_here")
WRITES_THERE = ("create", "update", "add_comment", "edit_comment", "delete_comment", "add_note", "add_file")


class WatchedTracker:
    """Fulfils ``Tracker``; ``writes`` counts what took effect there, one for each field or comment."""

    def __init__(self, tracker: Tracker, line: Line) -> None:
        """``line`` tells whether a call came through."""
        self._tracker = tracker
        self._line = line
        self.capabilities = tracker.capabilities
        self.find_lag = tracker.find_lag
        self.writes = 0

    def __getattr__(self, name: str) -> Any:
        """The tracker's own methods, those that write with a count."""
        method = getattr(self._tracker, name)
        return self._counted(name, method) if name in WRITES_THERE else method

    def _counted(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            before = self._line.writes
            try:
                return method(*args)
            finally:
                if self._line.writes > before:
                    self.writes += len(args[1]) if name == "update" else 1

        return call


class WatchedStore:
    """Fulfils ``Store``; tells the world what was written here, and ends the hub where it is told to."""

    def __init__(self, world: World, link: int) -> None:
        """``link`` is whose memory this is."""
        self._world = world
        self._link = link
        self._armed: list[Armed] = []
        self.writes = 0

    def arm(self, what: str, left: int, value: int) -> None:
        """End the hub, or let somebody edit here, at the ``left``-th call from now."""
        self._armed.append(Armed(what, left, value))

    def heal(self) -> None:
        """Nothing happens any more."""
        self._armed.clear()

    def __getattr__(self, name: str) -> Any:
        """The store's own methods, watched."""
        method = getattr(self._world.side.store(self._link), name)

        def call(*args: Any, **options: Any) -> Any:
            self._happen(name)
            if name not in WRITES_HERE:
                done = method(*args, **options)
                if name == "look":
                    self._world.looked[self._link] = done.fields
                return done
            before = self._world.side.fields()
            done = method(*args, **options)
            self._wrote(name, args, before)
            return done

        return call

    def _happen(self, name: str) -> None:
        for fault in list(self._armed):
            if fault.what == "between_here" and name != "write_here":
                continue
            fault.left -= 1
            if fault.left >= 0:
                continue
            self._armed.remove(fault)
            if fault.what == "crash_store":
                raise Killed
            field = ("title", "body", "labels", "status")[fault.value % 4]
            act_here(self._world, Step("here", field, self._link, fault.value))

    def _wrote(self, name: str, args: tuple[Any, ...], before: Mapping[str, Any]) -> None:
        if name != "write_here":
            self.writes += 1
            return
        changes = args[1]
        for field, now in self._world.side.fields().items():
            if now == before[field]:
                continue
            if field in changes and tidy(now) == tidy(changes[field]):
                self.writes += 1
                # For every other link this is a change here.
                self._world.oracle.moved(-1, field, but=self._link)
            else:
                # Along with another one; what came from there for this one the hub has refused.
                self._world.oracle.coupled(field, before[field])
