"""PingCode's plugin and its imitation at both ends of the wire."""

import pytest

from hub.core.database import SystemClock
from hub.core.values import Refused, Retry
from hub.lab.pingcode.board import CONTAINERS, TICKET_TYPES
from hub.lab.pingcode.imitation import PingCodeImitation
from hub.outbound import Guard, Outbound
from hub.plugins.pingcode.plugin import plugin
from tests.plugins.far import Bench, serving

(KIND,) = plugin.execute_trackers()
PRODUCT = {"container": CONTAINERS["product"]}
AREAS = {
    "work_item": {},
    "idea": {"area": "idea", "type": "", **PRODUCT},
    "ticket": {"area": "ticket", "type": next(iter(TICKET_TYPES)), **PRODUCT},
}


def make(**settings):
    return Bench(KIND, PingCodeImitation, **settings)


@pytest.fixture
def bench():
    return make()


@pytest.fixture
def make_bench():
    return make


@pytest.fixture
def linked(bench):
    assert bench.settle().state == "settled"
    return bench


@pytest.fixture(params=AREAS)
def area(request):
    return make(**AREAS[request.param])


@pytest.fixture
def http():
    http = Outbound(retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1"]))
    yield http
    http.close()


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
