"""A task in memory and an item in the sandbox with one link between them: what tests and the lab play on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any

from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.file_notes import Note
from hub.core.execute.sync.files import FileWay
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Outcome, Round
from hub.core.execute.sync.store import Store
from hub.core.values import Http, Tracker
from hub.lab.sandbox import SandboxTracker
from hub.lab.wire import Wire


class HandClock:
    """A clock that moves only when told."""

    def __init__(self, start: dt.datetime = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)) -> None:
        """Starts on a Monday morning."""
        self._now = start

    def now(self) -> dt.datetime:
        """The present moment."""
        return self._now

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self._now += dt.timedelta(**span)


class Pair:
    """One link between a store and a sandbox, and the wire between them."""

    def __init__(
        self,
        store: Store,
        settings: SyncSettings,
        open_tracker: Callable[[Http], Tracker],
        clock: HandClock,
        path: str = ":memory:",
    ) -> None:
        """``open_tracker`` opens the plugin on the given wire."""
        self.store = store
        self.clock = clock
        self.sandbox = SandboxTracker(path, clock=clock)
        self.wire = Wire(self.sandbox)
        self.tracker = open_tracker(self.wire)
        self._rules = rules(settings)
        self._chance = Random(1)
        self.files = FileWay()
        self.note: Note | None = None

    def round(self) -> Outcome:
        """One round, as a worker would run it."""
        now, chance = self.clock.now, self._chance
        outcome = Round(self.store, self.tracker, self._rules, now, chance, self.files, self.note).run()
        self.clock.forward(seconds=1)
        return outcome

    def item(self) -> dict[str, Any]:
        """The far item as its own people see it."""
        ref = self.store.look().ref
        return self.sandbox.board.item(ref or "")

    def close(self) -> None:
        """Stop the sandbox."""
        self.sandbox.close()
