"""Redmine's plugin, an imitation at the other end of the wire, and a link between both."""

from random import Random

import pytest
from hub_redmine.plugin import plugin

from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock
from hub.lab.redmine.imitation import RedmineImitation
from hub.lab.wire import Wire

(KIND,) = plugin.execute_trackers()
MARK = "01938a6e-7c00-7000-8000-000000000001"


class Link:
    """A task in memory, an issue in the imitation, and rounds of the real engine between them."""

    def __init__(self, **settings):
        self.clock = HandClock()
        self.there = RedmineImitation(self.clock)
        given = {**self.there.settings, "people_map": {1: "5", 2: "6"}, **settings}
        self.settings = KIND.settings(**given)
        self.wire = Wire(self.there.application)
        self.task = MemoryTask("Printer is on fire", "It burns.\nSince noon.", assignee=1)
        self.store = MemoryStore(self.task)

    @property
    def tracker(self):
        """The connection, opened anew."""
        return KIND.open(self.settings, self.there.secrets, self.wire, {})

    @property
    def book(self):
        return self.there.book

    @property
    def ref(self):
        return self.store.ref

    @property
    def issue(self):
        return self.book.issues[int(self.ref)]

    def settle(self):
        """Rounds until the link waits no more."""
        for _ in range(6):
            outcome = Round(self.store, self.tracker, rules(self.settings), self.clock.now, Random(1)).run()
            if outcome.due_at is None:
                return outcome.state
            self.clock.forward(hours=2)
        return outcome.state


@pytest.fixture
def link():
    """A link whose issue is made."""
    made = Link()
    assert made.settle() == "settled"
    return made


@pytest.fixture
def fresh():
    return Link()
