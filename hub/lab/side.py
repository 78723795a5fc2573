"""Our side in the lab: what a world needs of the hub, and the one of dicts that is quick."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from hub.core.execute.sync.store import OurComment, Store
from hub.lab.line import Killed
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock

# How long until somebody notices that a worker died: the lease of its job.
LEASE = dt.timedelta(seconds=20)
# A strategy that answers itself would go on for ever.
MOST_TURNS = 8
# How long a hub that was killed is away.
RESTART_S = 10
ME = "Wang"


class Side(Protocol):
    """One task with one link for each tracker."""

    # The persons who may own the task.
    people: tuple[int, ...]

    def fields(self) -> dict[str, Any]:
        """The task's canonical fields."""
        ...

    def comments(self) -> tuple[OurComment, ...]:
        """What was said on the task, taken back or not; no internal notes."""
        ...

    def edit(self, field: str, value: Any) -> None:
        """A person changes one field; nothing where the hub would refuse it."""
        ...

    def say(self, text: str, *, internal: bool = False) -> None:
        """A person comments, or leaves an internal note."""
        ...

    def attach(self, name: str, data: bytes, *, public: bool = True) -> None:
        """A person puts a file to the task; one that is not public must not leave."""
        ...

    def files(self) -> tuple[bytes, ...]:
        """What the task's public files hold."""
        ...

    def edit_comment(self, comment: int, text: str) -> None:
        """A person changes a comment."""
        ...

    def take_back(self, comment: int) -> None:
        """A person takes a comment back."""
        ...

    def store(self, link: int) -> Store:
        """The memory of a link, for the oracle."""
        ...

    def state(self, link: int) -> str:
        """What the link as a whole shows."""
        ...

    def hint(self, link: int) -> None:
        """Promise a round of this link."""
        ...

    def work(self, run: Callable[[int, Store], None]) -> None:
        """Do the rounds that are promised and due, until nothing is due."""
        ...

    def next_due(self) -> dt.datetime | None:
        """When the next round is due that waits for its time; None where none waits."""
        ...

    def resting(self, link: int) -> bool:
        """Whether this link's connection is not to be called now."""
        ...

    def due_anyway(self, link: int) -> bool:
        """Whether the sweep looks at this link though nothing tells of a change."""
        ...

    def rest(self, link: int, until: dt.datetime) -> None:
        """The sweep was told not to call before then."""
        ...

    def restart(self) -> None:
        """The hub was ended and starts again."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class DictSide:
    """Fulfils ``Side`` with dicts."""

    people: tuple[int, ...] = (1, 2, 3)

    def __init__(self, clock: HandClock, refs: tuple[str | None, ...], start: Mapping[str, Any]) -> None:
        """``refs`` are the items that are there already; None where it is to be made."""
        self._clock = clock
        self.task = MemoryTask(start["title"], start["body"], assignee=self.people[0])
        self.stores = [MemoryStore(self.task, ref) for ref in refs]
        self._promised: dict[int, dt.datetime] = {link: clock.now() for link in range(len(refs))}

    def fields(self) -> dict[str, Any]:
        """The task's canonical fields."""
        return self.task.fields()

    def comments(self) -> tuple[OurComment, ...]:
        """What was said."""
        return tuple(one for one in self.task.comments.values() if not one.internal)

    def edit(self, field: str, value: Any) -> None:
        """A person changes one field."""
        if self.stores[0].set_field(field, value) is None:
            self._changed()

    def say(self, text: str, *, internal: bool = False) -> None:
        """A person comments."""
        self.task.say(ME, text, internal=internal)
        self._changed()

    def attach(self, name: str, data: bytes, *, public: bool = True) -> None:
        """A person puts a file to the task."""
        self.task.attach(name, data, public=public)
        self._changed()

    def files(self) -> tuple[bytes, ...]:
        """What the public files hold."""
        return tuple(one.data for one in self.task.files if one.public)

    def edit_comment(self, comment: int, text: str) -> None:
        """A person changes a comment."""
        self._replace(comment, text=text)

    def take_back(self, comment: int) -> None:
        """A person takes a comment back."""
        self._replace(comment, deleted=True)

    def _replace(self, comment: int, **changes: Any) -> None:
        self.task.comments[comment] = replace(self.task.comments[comment], **changes)
        self.task.version += 1
        self._changed()

    def store(self, link: int) -> Store:
        """The memory of a link."""
        return self.stores[link]

    def state(self, link: int) -> str:
        """What the link shows."""
        return self.stores[link].state

    def hint(self, link: int) -> None:
        """Promise a round."""
        self._promised[link] = min(self._clock.now(), self._promised.get(link, self._clock.now()))

    def _changed(self) -> None:
        for link in range(len(self.stores)):
            self.hint(link)

    def work(self, run: Callable[[int, Store], None]) -> None:
        """Do what is due."""
        for _ in range(MOST_TURNS):
            due = [link for link, at in self._promised.items() if at <= self._clock.now()]
            for link in due:
                del self._promised[link]
                self._work_one(link, run)

    def _work_one(self, link: int, run: Callable[[int, Store], None]) -> None:
        store, version = self.stores[link], self.task.version
        if store.state == "gone":
            return
        waits = max(filter(None, (store.due_at, store.resting_until)), default=self._clock.now())
        if waits > self._clock.now():
            self._promised[link] = waits
            return
        try:
            run(link, store)
        except Killed:
            self.restart()
            # The job comes again when its lease has run out.
            self._promised[link] = self._clock.now() + LEASE
        if store.again is not None:
            self._promised.setdefault(link, self._clock.now() + store.again)
        if store.due_at is not None:
            self._promised[link] = max(store.due_at, self._promised.get(link, store.due_at))
        if self.task.version != version:
            # What one link's round writes here promises a round of the others.
            self._changed()

    def next_due(self) -> dt.datetime | None:
        """When the next round is due."""
        return min(self._promised.values(), default=None)

    def due_anyway(self, link: int) -> bool:
        """Never: what is promised on dicts does not die with a worker."""
        return False

    def resting(self, link: int) -> bool:
        """Whether the connection rests."""
        until = self.stores[link].resting_until
        return until is not None and until > self._clock.now()

    def rest(self, link: int, until: dt.datetime) -> None:
        """The connection rests."""
        self.stores[link].resting_until = until

    def restart(self) -> None:
        """Dicts survive everything; a start takes its time."""
        self._clock.forward(seconds=RESTART_S)

    def close(self) -> None:
        """Nothing is held."""
