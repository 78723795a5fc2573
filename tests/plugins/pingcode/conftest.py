"""A task in memory, the real engine, and the imitation of PingCode at the other end."""

import threading
from contextlib import contextmanager
from random import Random

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from hub.core.connections.budget import Budget
from hub.core.database import SystemClock
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.core.values import Refused, Retry
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock
from hub.lab.pingcode.board import CONTAINERS, TICKET_TYPES
from hub.lab.pingcode.imitation import PingCodeImitation
from hub.lab.wire import Wire
from hub.outbound import Guard, Outbound
from hub.plugins.pingcode.plugin import plugin

(KIND,) = plugin.execute_trackers()
PRODUCT = {"container": CONTAINERS["product"]}
AREAS = {
    "work_item": {},
    "idea": {"area": "idea", "type": "", **PRODUCT},
    "ticket": {"area": "ticket", "type": next(iter(TICKET_TYPES)), **PRODUCT},
}


class FaultyWire:
    """The wire with a budget, and with faults: calls that fail before or after their effect."""

    def __init__(self, application, budget):
        self.wire = Wire(application)
        self.budget = budget
        self.down = 0
        self.lose = 0
        self.written = []

    def send(self, method, url, **request):
        self.budget()
        if self.down:
            self.down -= 1
            raise Retry("unavailable")
        answer = self.wire.send(method, url, **request)
        if method != "GET" and not url.endswith("/search"):
            self.written.append((method, url.rpartition("/v1")[2]))
            if self.lose:
                self.lose -= 1
                raise Retry("the answer was lost")
        return answer


class Bench:
    """One link between a task here and an item there."""

    def __init__(self, **settings):
        self.clock = HandClock()
        self.there = PingCodeImitation(self.clock)
        people = {1: self.there.accounts[0], 2: self.there.accounts[1]}
        given = {**self.there.settings, "people_map": people, **settings}
        self.settings = KIND.settings(**given)
        self.http = FaultyWire(self.there.application, Budget(KIND.calls_per_minute, self.clock.now))
        self.tracker = KIND.open(self.settings, self.there.secrets, self.http, {})
        self.task = MemoryTask("Printer is on fire", "It burns.\nSince noon.\n\nThird floor.", assignee=1)
        self.store = MemoryStore(self.task)
        self.chance = Random(1)

    def round(self):
        outcome = Round(self.store, self.tracker, rules(self.settings), self.clock.now, self.chance).run()
        self.clock.forward(seconds=1)
        return outcome

    def settle(self, rounds=12):
        """Rounds until the link waits no more, each when it is due."""
        for _ in range(rounds):
            outcome = self.round()
            if outcome.state != "waiting":
                return outcome
            self.clock.forward(seconds=max(0, (outcome.due_at - self.clock.now()).total_seconds()))
        raise AssertionError(f"still waiting: {outcome.reason}")

    @property
    def ref(self):
        return self.store.ref

    @property
    def item(self):
        return self.there.board.items[self.store.ref]

    def seen(self):
        return self.there.see(self.ref)

    def reason(self, field):
        declined = self.store.states[field].declined
        return declined.reason.get("text") if declined else None


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def make_bench():
    return Bench


@pytest.fixture
def linked(bench):
    assert bench.settle().state == "settled"
    return bench


@pytest.fixture(params=AREAS)
def area(request):
    return Bench(**AREAS[request.param])


@pytest.fixture
def http():
    http = Outbound(retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1"]))
    yield http
    http.close()


class Quiet(WSGIRequestHandler):
    def log(self, *_args):
        pass


@contextmanager
def serving(application):
    """The application on a free port of this machine; gives its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def serve():
    return serving


@pytest.fixture
def opened(http):
    """Opens the plugin on an address, with the imitation's settings changed as wanted."""

    def open(there, address, secrets=None, **settings):
        given = {**there.settings, "base_url": address, **settings}
        return KIND.open(KIND.settings(**given), secrets or there.secrets, http, {})

    return open
