"""A GitHub imitated in memory or over real HTTP, the plugin before it, and a link between both."""

import threading
from contextlib import contextmanager
from random import Random

import pytest
from werkzeug.serving import make_server

from hub.core.database import SystemClock
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.lab.github import Account, GitHub
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock
from hub.lab.wire import Wire
from hub.outbound import Guard, Outbound
from hub.plugins.github.plugin import plugin
from hub.sdk import Refused, Retry

(KIND,) = plugin.execute_trackers()
SECRET = "a-hook-secret-for-tests"
SECRETS = {"token": "hub-token", "hook_secret": SECRET}
MARK = "01938a6e-7c00-7000-8000-000000000001"


def open_on(http, url="https://api.github.test", secrets=SECRETS, state=None, **changed):
    """The plugin on this way out."""
    settings = KIND.settings(api_url=url, **({"repository": "octo/app"} | changed))
    return KIND.open(settings, secrets, http, state or {})


class Link:
    """A task in memory, an issue in the imitation, and rounds of the real engine between them."""

    def __init__(self, github, clock, task=None, ref=None, store=None, **changed):
        self.github, self.clock, self.forge = github, clock, github.forge
        self.task = task
        self.store = store or MemoryStore(task, ref=ref)
        changed = {"people_map": {1: "mei", 2: "jonas", 3: "lin"}} | changed
        self.settings = KIND.settings(
            api_url="https://api.github.test", **({"repository": "octo/app"} | changed)
        )
        self.wire = Wire(github)
        self.tracker = KIND.open(self.settings, SECRETS, self.wire, {})
        self.home = self.forge.repository("octo/app")

    def round(self):
        outcome = Round(self.store, self.tracker, rules(self.settings), self.clock.now, Random(1)).run()
        self.clock.forward(seconds=2)
        return outcome

    def settle(self):
        """Rounds until nothing is owed any more."""
        for _ in range(6):
            outcome = self.round()
            if outcome.state != "waiting":
                return outcome.state
            self.clock.forward(hours=2)
        return outcome.state

    def issue(self):
        """The issue, wherever it is."""
        name, _, number = (self.store.look().ref or "").rpartition("#")
        return self.forge.repository(name or "octo/app").issues[int(number)]

    def there(self, who="jonas", **values):
        """Somebody at GitHub changes the issue."""
        self.forge.change(self.home, self.issue(), Account(who), values)

    def copies(self):
        """All issues but those that went."""
        return [one for one in self.home.issues.values() if not (one.deleted or one.moved_to or one.pull)]


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def github(clock):
    return GitHub(clock)


@pytest.fixture
def forge(github):
    return github.forge


@pytest.fixture
def home(forge):
    return forge.repository("octo/app")


@pytest.fixture
def task():
    return MemoryTask("Printer is on fire", "It burns.\nSince noon.\nThird floor.", assignee=1)


@pytest.fixture
def link(github, clock, task):
    return Link(github, clock, task)


@pytest.fixture
def linked(link):
    """The link after its issue was made."""
    assert link.round().state == "settled"
    return link


@pytest.fixture
def wire(github):
    return Wire(github)


@pytest.fixture
def tracker(wire):
    return open_on(wire)


@contextmanager
def serve(application):
    """An application over real HTTP on loopback; gives its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def http():
    http = Outbound(
        retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1", "localhost"])
    )
    yield http
    http.close()


@pytest.fixture
def url(github):
    """The imitation's address over real HTTP."""
    with serve(github) as url:
        yield url


@pytest.fixture
def served(http, url):
    """The plugin before the imitation, over real HTTP and the hub's one way out."""
    return open_on(http, url)
