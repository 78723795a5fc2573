"""Two worker processes call one tracker: within its budget, never in its pause, never in its rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.execute.models import Link
from tests.scale.conftest import Site, wait_until

pytestmark = pytest.mark.parametrize("empty_database_url", ["postgres18"], indirect=True)


def settled(hub: Hub) -> int:
    """How many links are settled."""
    with hub.core.database.reading() as session:
        return session.scalar(select(func.count()).where(Link.state == "settled")) or 0


def tracker(hub: Hub) -> Connection:
    """The row of the tracker's connection."""
    with hub.core.database.reading() as session:
        return session.scalars(select(Connection).where(Connection.name == "tracker")).one()


def test_two_workers_together_stay_within_the_budget(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    calls, seconds, links = 40, 3, 60
    site.configure(budget_calls=calls, budget_seconds=seconds)
    site.settle(links)
    site.work()
    site.work()
    with site.core() as hub:
        wait_until(lambda: settled(hub) == links)
        assert tracker(hub).failures == 0, "a spent budget is no illness of the tracker"
    most = site.far.most_in(seconds)
    made = len(site.far.calls)
    record_property(
        "counted", f"{made} calls of 2 workers, at most {most} in {seconds} s, {calls} are allowed"
    )
    assert most <= calls
    assert made > calls, "the budget was never asked for more than it has"


def test_a_pause_that_one_worker_is_asked_for_holds_for_all(site: Site) -> None:
    links, pause = 20, 4
    site.configure()
    site.settle(links)
    site.far.pauses.append(pause)
    site.work()
    site.work()
    with site.core() as hub:
        until = wait_until(lambda: tracker(hub).held_until)
        # What had passed the gate a moment before may still arrive.
        begin = hub.core.database.now() + dt.timedelta(seconds=0.5)
        assert begin < until, "too late to see anything"
        wait_until(lambda: settled(hub) == links)
    called = [dt.datetime.fromtimestamp(at, dt.UTC) for at in site.far.calls]
    assert [at for at in called if begin < at < until] == []
    assert max(called) > until


def test_the_rest_after_failures_of_both_workers_holds_for_both(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    links = 40
    site.configure()
    site.settle(links)
    site.far.is_ill = True
    site.work()
    site.work()
    with site.core() as hub:
        until = wait_until(lambda: tracker(hub).breaker_until)
        # It is well again at once; that nobody calls before the rest is over is what is looked at.
        site.far.is_ill = False
        # What had passed the breaker a moment before may still arrive.
        begin = hub.core.database.now() + dt.timedelta(seconds=0.5)
        assert begin < until, "too late to see anything"
        failed = len(site.far.calls)
        wait_until(lambda: settled(hub) == links)
        assert tracker(hub).failures == 0
    called = [dt.datetime.fromtimestamp(at, dt.UTC) for at in site.far.calls]
    assert [at for at in called if begin < at < until] == []
    # Five failures in a row open it, whoever counted them; each of four threads may have one under way.
    assert failed <= manage.BREAKER_AFTER + 4
    record_property("counted", f"{links} links of 2 workers, {failed} calls until the breaker opened")
