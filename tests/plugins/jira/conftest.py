"""A Jira imitated in memory or over real HTTP, the plugin before it, and a link between both."""

import threading
from random import Random

import pytest
from werkzeug.serving import make_server

from hub.core.database import SystemClock
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.lab.jira import EMAIL, TOKEN, Jira
from hub.lab.jira.imitation import RESOLVED, SECRET, DataCenterImitation, JiraImitation
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock
from hub.lab.wire import Wire
from hub.outbound import Guard, Outbound
from hub.plugins.jira.plugin import plugin
from hub.sdk import Refused, Retry

(KIND,) = plugin.execute_trackers()
SECRETS = {"token": TOKEN, "hook_secret": SECRET}
MARK = "01938a6e-7c00-7000-8000-000000000001"
MARK2 = "01938a6e-7c00-7000-8000-000000000002"
EDITIONS = {"cloud": JiraImitation, "datacenter": DataCenterImitation}


def settings_of(flavour="cloud", **changed):
    """A connection to project OPS."""
    return KIND.settings(
        **{
            "base_url": "https://jira.test",
            "flavour": flavour,
            "email": EMAIL if flavour == "cloud" else "",
            "project": "OPS",
            "through": ["In Progress", "To Do"],
            "transition_fields": {"Done": RESOLVED, "Cancelled": RESOLVED},
            "people_map": {1: "5b-mei", 2: "5b-jonas", 3: "5b-lin"},
        }
        | changed
    )


def open_on(http, flavour="cloud", secrets=SECRETS, **changed):
    """The plugin on this way out."""
    return KIND.open(settings_of(flavour, **changed), secrets, http, {})


class Link:
    """A task in memory, an issue in the imitation, and rounds of the real engine between them."""

    def __init__(self, far, flavour, clock, task, ref=None, store=None, **changed):
        self.far, self.clock, self.task = far, clock, task
        self.jira, self.site = far._jira, far._site
        self.store = store or MemoryStore(task, ref=ref)
        self.settings = settings_of(flavour, **changed)
        self.wire = Wire(far.application)
        self.tracker = KIND.open(self.settings, SECRETS, self.wire, {})

    def round(self):
        outcome = Round(self.store, self.tracker, rules(self.settings), self.clock.now, Random(1)).run()
        self.clock.forward(seconds=2)
        return outcome

    def settle(self):
        """Rounds until nothing is owed any more."""
        for _ in range(6):
            outcome = self.round()
            if outcome.due_at is None:
                return outcome.state
            self.clock.forward(hours=2)
        return outcome.state

    @property
    def ref(self):
        return self.store.look().ref

    def issue(self):
        """The issue, wherever it is."""
        return self.site.find(self.ref)

    def seen(self, name):
        """A field as its own people see it."""
        return self.far.see(self.ref).fields[name]

    def there(self, field, value, who="5b-jonas"):
        """Somebody at Jira changes the issue."""
        self.far.edit(self.ref, who, field, value)


@pytest.fixture(params=list(EDITIONS))
def flavour(request):
    return request.param


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def far(flavour, clock):
    return EDITIONS[flavour](clock)


@pytest.fixture
def task():
    return MemoryTask("Printer is on fire", "It burns.\nSince noon.\nThird floor.", assignee=1)


@pytest.fixture
def link(far, flavour, clock, task):
    return Link(far, flavour, clock, task)


@pytest.fixture
def linked(link):
    """The link after its issue was made."""
    assert link.round().state == "settled"
    return link


@pytest.fixture
def tracker(link):
    return link.tracker


@pytest.fixture
def cloud(clock):
    """A Cloud link alone."""
    made = Link(JiraImitation(clock), "cloud", clock, MemoryTask("Printer", "It burns.", assignee=1))
    assert made.round().state == "settled"
    return made


@pytest.fixture
def http():
    http = Outbound(
        retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1", "localhost"])
    )
    yield http
    http.close()


@pytest.fixture
def serve():
    """Serves an application over real HTTP on loopback; gives its address."""
    stop = []

    def start(application):
        server = make_server("127.0.0.1", 0, application, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        stop.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in stop:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def served(http, serve, flavour):
    """The plugin before an imitation, over real HTTP and the hub's one way out."""
    jira = Jira(cloud=flavour == "cloud")
    return open_on(http, flavour, base_url=serve(jira)), jira
