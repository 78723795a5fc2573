"""One schedule, lived through: people on both sides, faults on the wires, the hub's rounds in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.core.execute.sync.store import Store
from hub.core.values import FarItem, Refused, Retry, TrackerKind
from hub.lab.imitation import Imitation
from hub.lab.judge import judge
from hub.lab.line import Killed, Line
from hub.lab.oracle import HERE, Counts, Oracle, Place
from hub.lab.pair import HandClock
from hub.lab.papers import Papers
from hub.lab.people import act_here, act_there
from hub.lab.post import Post
from hub.lab.schedule import ON_CALLS, Schedule, Step
from hub.lab.side import DictSide, Side
from hub.lab.watched import WatchedStore, WatchedTracker

START = {"title": "Printer on fire", "body": "It burns.\n\nSince noon.\n\nThird floor."}
# Longer than any wait of a link; after the faults the hub has all the time it wants.
PATIENCE = dt.timedelta(hours=2)
TURNS_AFTER = 30


@dataclass(frozen=True)
class Far:
    """One tracker of the lab: its imitation, its plugin and the settings between them."""

    kind: str
    imitation: Imitation
    offered: TrackerKind
    settings: SyncSettings


class Syncs(Protocol):
    """What a world asks to bring one link up to date: the round, or a naive strategy."""

    def run(self) -> Any:
        """Once."""
        ...


# What runs for a link of this world, and our side of it.
MakeSyncs = Callable[["World", int], Syncs]
MakeSide = Callable[["World", tuple[str | None, ...]], Side]


def the_round(world: World, link: int) -> Round:
    """The engine itself."""
    now, chance = world.clock.now, world.schedule_chance
    return Round(world.stores[link], world.trackers[link], world.rules[link], now, chance)


def in_dicts(world: World, refs: tuple[str | None, ...]) -> Side:
    """Our side in dicts."""
    return DictSide(world.clock, refs, START)


class World:
    """Plays one schedule and lets the oracle count."""

    def __init__(
        self,
        schedule: Schedule,
        fars: Sequence[Far],
        clock: HandClock,
        make_side: MakeSide = in_dicts,
        make: MakeSyncs = the_round,
    ) -> None:
        """``make`` gives the engine under test; each imitation begins anew."""
        self.schedule = schedule
        self.clock = clock
        self.fars = fars
        self.counts = Counts(schedules=1)
        self._make = make
        self.carries = getattr(make, "carries", True)
        self.schedule_chance = Random(schedule.seed)
        self.rules = tuple(rules(far.settings) for far in fars)
        self.oracle = Oracle(self.rules)
        self.papers = Papers()
        self.lines: list[Line] = []
        self.trackers: list[WatchedTracker] = []
        for far in fars:
            far.imitation.reset()
            line = Line(far.imitation.application, clock)
            self.lines.append(line)
            line.meanwhile = self._meanwhile_of(len(self.lines) - 1)
            tracker = far.offered.open(far.settings, far.imitation.secrets, line, {})
            self.trackers.append(WatchedTracker(tracker, line))
        self.quiet = [
            far.offered.open(far.settings, far.imitation.secrets, Line(far.imitation.application, clock), {})
            for far in fars
        ]
        self.side = make_side(self, tuple(self._existing()))
        self.stores = [WatchedStore(self, link) for link in range(len(fars))]
        for link, was_there in enumerate(schedule.existing):
            for name in self.rules[link]:
                # Two who never met: both have something to say. An item we make says what we say, and
                # who changes it before we could look has answered.
                self.oracle.moved(HERE, name)
                if was_there:
                    self.oracle.moved(link, name)
        self.posts = [Post(far.imitation, tracker) for far, tracker in zip(fars, self.quiet, strict=True)]
        self._cursors: list[str | None] = [None] * len(fars)
        self.running: set[int] = set()
        # What the round under way has seen on our side.
        self.looked: dict[int, Mapping[str, Any]] = {}
        # Items that somebody moved: where they are now, the connection's feed and hooks may not reach.
        self.strayed: set[int] = set()
        # Where people did what no feed and no hook tells: the look at what was long not seen finds it.
        self.unheard: set[int] = set()
        self.locked = True
        self.memory: dict[int, dict[str, Any]] = {}

    def _existing(self) -> list[str | None]:
        """Items that people had made before the hub came."""
        found: list[str | None] = []
        for link, is_there in enumerate(self.schedule.existing):
            if not is_there:
                found.append(None)
                continue
            settings = self.fars[link].settings
            values = {
                "title": f"Old item {link}",
                "body": "Written there.",
                "status": settings.status_map["open"][0],
            }
            found.append(self.quiet[link].create({**values, "labels": frozenset(), "assignee": None}, ""))
        return found

    # ---- looking -----------------------------------------------------------------------------

    def ref(self, link: int) -> str | None:
        """The far reference of a link, as the hub knows it."""
        return self.side.store(link).look().ref

    def see(self, link: int) -> FarItem | None:
        """The far item as it is now."""
        ref = self.ref(link)
        return None if ref is None else self.fars[link].imitation.see(ref)

    def place(self, place: int) -> Place | None:
        """What stands on a side, in the hub's words; None where there is nothing."""
        if place == HERE:
            said = tuple(one.text for one in self.side.comments() if not one.deleted)
            return Place(self.side.fields(), said)
        item = self.see(place)
        if item is None:
            return None
        ours = {name: self.oracle.ours(place, name, value) for name, value in item.fields.items()}
        return Place(ours, tuple(comment.text for comment in item.comments))

    # ---- playing -----------------------------------------------------------------------------

    def play(self) -> Counts:
        """Live through the schedule, end the faults, and judge."""
        try:
            for step in self.schedule.steps:
                self._step(step)
            self._recover()
        except Exception as bug:  # noqa: BLE001 whatever the engine throws is what the lab looks for
            self.counts.fail("bugs", f"{type(bug).__name__}: {bug}")
            return self.counts
        judge(self)
        return self.counts

    def _step(self, step: Step) -> None:
        link = step.link
        if step.kind == "here":
            act_here(self, step)
        elif step.kind == "there":
            act_there(self, step)
        elif step.kind == "hooks":
            self.posts[link].arm(step.what)
        elif step.kind == "fault":
            self._arm(step)
        elif step.kind == "sweep":
            self.sweep(link)
        else:
            self.work()

    def _arm(self, step: Step) -> None:
        if step.what in ("crash_store", "between_here"):
            self.stores[step.link].arm(step.what, step.after, step.value)
        elif step.what in ON_CALLS:
            self.lines[step.link].arm(step.what, step.after, step.value)
        elif step.what in self.fars[step.link].imitation.quirks:
            self.fars[step.link].imitation.ail(step.what)

    def work(self) -> None:
        """Hooks arrive, and the hub does what is due."""
        self.clock.forward(seconds=1 + self.schedule_chance.randrange(20))
        for link, post in enumerate(self.posts):
            if self.ref(link) in post.arrived():
                self.side.hint(link)
        self.side.work(self._run)

    def _run(self, link: int, _store: Store) -> None:
        before = self.side.fields()
        self.running.add(link)
        try:
            self._make(self, link).run()
        finally:
            self.running.discard(link)
            self.looked.pop(link, None)
            self._after_round(link, before)

    def _after_round(self, link: int, before: Mapping[str, Any]) -> None:
        look, item = self.side.store(link).look(), self.see(link)
        self.oracle.look(link, look.states)
        for name, state in look.states.items():
            if item is not None and state.clash is None and state.sent is None:
                base = (state.base.here, state.base.there)
                if base == (look.fields.get(name), item.fields.get(name)):
                    self.oracle.agreed(link, name)

    def _meanwhile_of(self, link: int) -> Callable[[str, int], None]:
        def meanwhile(what: str, value: int) -> None:
            if what == "second":
                # With the lock the second worker finds the link taken, and its hint is kept.
                self.side.hint(link)
                if not self.locked and link in self.running:
                    self._run(link, self.stores[link])
            else:
                field = ("title", "body", "labels", "status")[value % 4]
                act_there(self, Step("there", field, link, value))

        return meanwhile

    def sweep(self, link: int) -> None:
        """Ask the change feed, as the regular job does: not while the connection rests."""
        if self.side.resting(link):
            return
        try:
            refs, self._cursors[link] = self.trackers[link].changed_since(self._cursors[link])
        except Retry as ill:
            if ill.after is not None:
                self.side.rest(link, self.clock.now() + ill.after)
            return
        except Refused:
            return
        except Killed:
            self.side.restart()
            return
        # The regular job looks at what was long not seen, too: that is how it comes by what strayed.
        if self.ref(link) in refs or link in self.strayed or self.side.due_anyway(link):
            self.side.hint(link)

    def _recover(self) -> None:
        """The faults end; two sweeps, and all the time the waits ask for."""
        for link, far in enumerate(self.fars):
            self.lines[link].heal()
            self.stores[link].heal()
            far.imitation.heal()
            self.posts[link].heal()
        for _ in range(2):
            self.clock.forward(seconds=60)
            self.settle()
            for link in range(len(self.fars)):
                self.sweep(link)
            self.settle()
        for link in self.unheard:
            self.side.hint(link)
        self.settle()

    def settle(self) -> None:
        """Work until nothing is promised."""
        for _ in range(TURNS_AFTER):
            self.work()
            due = self.side.next_due()
            if due is None:
                return
            with suppress(ValueError):
                self.clock.forward(seconds=max((due - self.clock.now()).total_seconds(), 0) + 0.001)
