"""A tracker's own hooks: registered at our address when there is one, asked for what was lost, shown."""

import datetime as dt
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from hub.core.connections.models import Connection
from hub.core.execute import sync
from hub.core.execute.models import Link
from hub.core.execute.sync.hooks import HOOK
from hub.core.execute.sync.sweep import CURSOR, ILL
from hub.core.values import Refused, Retry

PUBLIC = "https://hub.example.org"


class Far:
    """A tracker with hooks that says what it was asked."""

    capabilities = frozenset({"hooks"})

    def __init__(self):
        self.calls = []
        self.error = None

    def changed_since(self, cursor):
        self.calls.append("changes")
        if self.error:
            raise self.error
        return [], "later"

    def ensure_hook(self, url):
        self.calls.append(url)
        if self.error:
            raise self.error

    def redeliver(self, url, cursor):
        self.calls.append(("again", cursor))
        return f"after {cursor}"


@pytest.fixture
def far(office):
    office.make_task()
    office.far = Far()
    return office.far


def connection(office):
    with office.database.reading() as session:
        return session.get_one(Connection, office.connection_id)


def hooked(far):
    """What was asked about hooks since the last time."""
    calls, far.calls = [call for call in far.calls if call != "changes"], []
    return calls


def sweep(office, public_url=PUBLIC):
    sync.sweep_all(office.database, office, public_url)
    office.clock.forward(minutes=1)


def test_a_hook_is_registered_once_and_what_failed_is_asked_for_now_and_then(office, far):
    address = f"{PUBLIC}/in/{connection(office).slug}"
    sweep(office)
    assert hooked(far) == [address, ("again", None)]
    for _ in range(5):
        sweep(office)
    assert hooked(far) == []
    office.clock.forward(minutes=10)
    sweep(office)
    assert hooked(far) == [("again", "after None")]
    office.clock.forward(days=1)
    sweep(office)
    assert hooked(far) == [address, ("again", "after after None")]
    state = connection(office).state
    assert (state[HOOK]["ok"], state[HOOK]["url"], state[CURSOR]) == (True, address, "later")


def test_another_address_or_other_settings_register_it_anew(office, far):
    sweep(office)
    hooked(far)
    sweep(office, "https://moved.example.org")
    moved = f"https://moved.example.org/in/{connection(office).slug}"
    assert hooked(far) == [moved, ("again", None)]
    with office.database.transaction() as session:
        session.get_one(Connection, office.connection_id).version += 1
    sweep(office, "https://moved.example.org")
    assert hooked(far) == [moved, ("again", "after None")]


@pytest.mark.parametrize(
    "public_url", [None, "", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:80"]
)
def test_without_a_public_address_nothing_is_registered(office, far, public_url):
    sweep(office, public_url)
    assert hooked(far) == []
    assert HOOK not in connection(office).state


def test_a_tracker_without_hooks_is_not_asked(office, far):
    far.capabilities = frozenset()
    sweep(office)
    assert hooked(far) == []


def test_a_refusal_is_kept_and_the_sweep_goes_on_without_hooks(office, far):
    def refuse(url):
        far.calls.append(url)
        raise Refused("the token may not")

    far.ensure_hook = refuse
    for _ in range(3):
        sweep(office)
    assert len(hooked(far)) == 1
    row = connection(office)
    assert (row.state[HOOK]["ok"], row.state[HOOK]["text"]) == (False, "the token may not")
    assert (row.failures, row.state[CURSOR]) == (0, "later")
    del far.ensure_hook
    office.clock.forward(days=1)
    sweep(office)
    assert connection(office).state[HOOK]["ok"] is True


def test_a_failing_sweep_is_tried_later_and_later_and_at_once_after_a_change(office, far):
    far.error = Refused("the token is not accepted")
    for _ in range(120):
        sweep(office)
    tried = len(far.calls)
    assert tried < 20, "every minute would be a storm"
    assert connection(office).last_error == "the token is not accepted"
    with office.database.transaction() as session:
        session.get_one(Connection, office.connection_id).version += 1
    far.error = None
    sweep(office)
    assert len(far.calls) > tried
    assert ILL not in connection(office).state
    assert connection(office).failures == 0


def test_a_limit_with_a_time_rests_the_whole_connection(office, far):
    far.error = Retry("limit", dt.timedelta(hours=2))
    now = office.clock.now()
    sweep(office)
    assert connection(office).breaker_until == now + dt.timedelta(hours=2)
    for _ in range(100):
        sweep(office)
    assert far.calls == ["changes"]
    far.error = None
    office.clock.forward(hours=1)
    sweep(office)
    assert connection(office).breaker_until is None


def test_links_refused_while_nothing_worked_are_looked_at_when_it_works_again(office, far):
    with office.database.transaction() as session:
        link = session.scalars(select(Link)).one()
        link.state, link.reason, link.looked_at = "refused", {"id": "sync_refused"}, office.clock.now()
    assert sync.sweep(office.database, office, office.connection_id) == 0
    far.error = Refused("the token is not accepted")
    sync.sweep_all(office.database, office)
    far.error = None
    assert sync.sweep(office.database, office, office.connection_id) == 1
    assert sync.sweep(office.database, office, office.connection_id) == 0


def test_what_only_looks_like_a_tracker_with_hooks_is_left_alone(office, far):
    office.far = SimpleNamespace(capabilities=frozenset({"hooks"}), changed_since=lambda cursor: ([], None))
    sweep(office)
    assert HOOK not in connection(office).state
