"""Worktile's plugin and its imitation at both ends of the wire."""

import pytest

from hub.core.database import SystemClock
from hub.core.values import Refused, Retry
from hub.lab.memory import MemoryStore
from hub.lab.pair import HandClock
from hub.lab.worktile.board import PROJECT
from hub.lab.worktile.imitation import WorktileImitation
from hub.outbound import Guard, Outbound
from hub.plugins.worktile.plugin import plugin
from tests.plugins.far import Bench, serving

(KIND,) = plugin.execute_trackers()
STATES = WorktileImitation.settings["status_map"]
# What a connection has without an administrator who knows more.
PUBLISHED = {"client_id": "lab-client", "project": PROJECT, "status_map": STATES}


@pytest.fixture
def published():
    """Only what is published: a task there, linked with one here."""
    bench = Bench(KIND, WorktileImitation, calls={}, names={}, directions={})
    made = bench.there.board.create({"title": "Printer", "desc": "It burns."})
    bench.store = MemoryStore(bench.task, made.id)
    return bench


@pytest.fixture
def named():
    """With the writes of this server named by an administrator."""
    bench = Bench(KIND, WorktileImitation)
    assert bench.settle().state == "settled"
    return bench


@pytest.fixture
def fresh():
    return Bench(KIND, WorktileImitation)


@pytest.fixture
def there():
    return WorktileImitation(HandClock())


@pytest.fixture
def serve():
    return serving


@pytest.fixture
def opened():
    http = Outbound(retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1"]))

    def open(there, address, secrets=None, **settings):
        given = {**PUBLISHED, "base_url": address, **settings}
        return KIND.open(KIND.settings(**given), secrets or there.secrets, http, {})

    yield open
    http.close()
