"""A task in memory, the real engine, and an imitation at the other end: what tests of trackers play on."""

import datetime as dt
import threading
from collections import deque
from contextlib import contextmanager
from random import Random

from werkzeug.serving import WSGIRequestHandler, make_server

from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.core.values import Held, Retry
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock
from hub.lab.wire import Wire


class Budget:
    """So many calls in any minute of a clock, in memory; a hub's stands in its database (see its gate)."""

    def __init__(self, most, now):
        self.most, self.now, self.calls = most, now, deque()

    def __call__(self):
        now, span = self.now(), dt.timedelta(minutes=1)
        while self.calls and self.calls[0] <= now - span:
            self.calls.popleft()
        if len(self.calls) >= self.most:
            raise Held(f"{self.most} calls in a minute are made", self.calls[0] + span - now)
        self.calls.append(now)


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
        if method != "GET" and not url.endswith(("/search", "token")):
            self.written.append((method, url))
            if self.lose:
                self.lose -= 1
                raise Retry("the answer was lost")
        return answer


class Bench:
    """One link between a task here and an item there."""

    def __init__(self, kind, imitation, **settings):
        self.clock = HandClock()
        self.there = imitation(self.clock)
        people = {1: self.there.accounts[0], 2: self.there.accounts[1]}
        given = {**self.there.settings, "people_map": people, **settings}
        self.settings = kind.settings(**given)
        self.http = FaultyWire(self.there.application, Budget(kind.calls_per_minute, self.clock.now))
        self.tracker = kind.open(self.settings, self.there.secrets, self.http, {})
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
