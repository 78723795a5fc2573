"""Two thousand deliveries while web processes and workers are killed: none lost, none twice, in order."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from sqlalchemy import func, select

from hub.app import Hub
from hub.core.connections.models import Connection, Delivery
from hub.core.execute.models import Link
from hub.core.history import HistoryEntry, HistoryPersonal
from hub.core.work.models import ServiceRequest
from tests.scale.conftest import Site, wait_until
from tests.scale.senders import Tally, send_form, send_hook

# What each process does when it dies does not depend on the version of PostgreSQL.
pytestmark = pytest.mark.parametrize("empty_database_url", ["postgres18"], indirect=True)

SHOPS, ORDERS = 8, 185
VISITORS, FORMS = 4, 55
LINKS, STEPS = 10, 30
KILLS = (0.2, 0.6)


def slugs(site: Site) -> dict[str, str]:
    """The public address part of each connection, by name."""
    with site.core() as hub, hub.core.database.reading() as session:
        return dict(session.execute(select(Connection.name, Connection.slug)).all())


class Storm:
    """Senders that go on whatever happens, and somebody who kills what they send to."""

    def __init__(self, site: Site, links: list[str]) -> None:
        self.site, self.links = site, links
        self.tallies: list[Tally] = []
        self.kills: Counter[str] = Counter()
        self._order = random.Random(7)
        self._slugs = slugs(site)

    def _shop(self, tally: Tally, shop: int) -> None:
        http, url = requests.Session(), f"{self.site.url}/in/{self._slugs['shop']}"
        for number in range(ORDERS):
            title = f"shop {shop} order {number}"
            send_hook(tally, http, url, title, {"title": title, "key": title, "body": "It came broken."})

    def _visitors(self, tally: Tally, group: int) -> None:
        for number in range(FORMS):
            address = f"10.{group}.0.{number + 1}"
            send_form(
                tally, f"{self.site.url}/f/{self._slugs['desk']}", f"form {group} from {number}", address
            )

    def _changes(self, tally: Tally, half: int) -> None:
        http, url = requests.Session(), f"{self.site.url}/in/{self._slugs['tracker']}"
        for step in range(1, STEPS + 1):
            for key in self.links[half::2]:
                self.site.tracker.board.change(key, "anna", {"title": f"step {step}"})
                send_hook(tally, http, url, f"{key} step {step}", {"type": "item.changed", "item": key})

    @contextmanager
    def senders(self) -> Iterator[list[threading.Thread]]:
        """All of them, each in a thread of its own."""
        jobs = [(self._shop, shop) for shop in range(SHOPS)]
        jobs += [(self._visitors, group) for group in range(VISITORS)]
        jobs += [(self._changes, half) for half in range(2)]
        threads = []
        for send, number in jobs:
            self.tallies.append(Tally())
            threads.append(threading.Thread(target=send, args=(self.tallies[-1], number)))
        for thread in threads:
            thread.start()
        yield threads
        for thread in threads:
            thread.join()

    def accepted(self) -> list[str]:
        """The names of what was answered."""
        return [name for tally in self.tallies for name in tally.accepted]

    def kill(self, workers: list[object]) -> None:
        """SIGKILL for a web process and a worker; gunicorn starts the one, we the other."""
        victim = self._order.choice(sorted(self.site.answering()))
        self.site.kill(victim)
        self.kills["web processes"] += 1
        worker = workers.pop(0)
        worker.kill()  # type: ignore[attr-defined]
        worker.wait()  # type: ignore[attr-defined]
        workers.append(self.site.work())
        self.kills["workers"] += 1


def unread(hub: Hub) -> int:
    """Deliveries nobody has read yet."""
    with hub.core.database.reading() as session:
        return session.scalar(select(func.count()).where(Delivery.status == "unread")) or 0


def unsettled(hub: Hub, step: int) -> int:
    """Links that do not stand where this step put them."""
    with hub.core.database.reading() as session:
        return sum(
            (link.state, link.task.title) != ("settled", f"step {step}")
            for link in session.scalars(select(Link))
        )


def steps_here(hub: Hub) -> dict[int, list[int]]:
    """What each linked task was called, one after the other."""
    edits = (
        select(HistoryEntry.subject_id, HistoryPersonal.data)
        .join(HistoryPersonal, HistoryPersonal.entry_id == HistoryEntry.id)
        .where(HistoryEntry.verb == "task_edited", HistoryEntry.subject_kind == "tasks")
        .order_by(HistoryEntry.id)
    )
    found: dict[int, list[int]] = {}
    with hub.core.database.reading() as session:
        for task, texts in session.execute(edits):
            found.setdefault(task, []).append(int(texts["title"][1].removeprefix("step ")))
    return found


def backward(numbers: list[int]) -> int:
    """How often a number does not come after the one before it."""
    return sum(later <= earlier for earlier, later in itertools.pairwise(numbers))


@pytest.mark.timeout(240)
def test_nothing_is_lost_doubled_or_out_of_order_while_processes_are_killed(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    site.configure()
    storm = Storm(site, site.settle(LINKS))
    site.web(2)
    workers: list[object] = [site.work(), site.work()]
    with site.core() as hub:
        # The first look at two sides that differ would have to ask a person.
        wait_until(lambda: unsettled(hub, 0) == 0)
    began = time.monotonic()
    many = SHOPS * ORDERS + VISITORS * FORMS + LINKS * STEPS
    with storm.senders() as threads:
        for share in KILLS:
            wait_until(lambda part=share: len(storm.accepted()) >= many * part)
            storm.kill(workers)
        wait_until(lambda: not any(thread.is_alive() for thread in threads))
    sent = time.monotonic() - began
    with site.core() as hub:
        wait_until(lambda: unread(hub) == 0)
        wait_until(lambda: unsettled(hub, STEPS) == 0)
        with hub.core.database.reading() as session:
            titles = list(
                session.scalars(
                    select(ServiceRequest.title)
                    .where(ServiceRequest.connection_id.is_not(None))
                    .order_by(ServiceRequest.id)
                )
            )
        steps = steps_here(hub)
        dead = hub.core.jobs.dead_letters()
    wanted = {name for name in storm.accepted() if " step " not in name}
    made = Counter(titles)
    lost, twice = len(wanted - set(titles)), sum(made.values()) - len(made)
    orders = [[int(t.split()[-1]) for t in titles if t.startswith(f"shop {s} ")] for s in range(SHOPS)]
    out_of_order = sum(map(backward, [*orders, *steps.values()]))
    again = sum(tally.again for tally in storm.tallies)
    kills = ", ".join(f"{count} {what}" for what, count in storm.kills.items())
    record_property(
        "counted",
        f"{len(storm.accepted())} deliveries in {sent:.0f} s, killed {kills}, {again} sent again:"
        f" lost {lost}, twice {twice}, out of order {out_of_order};"
        f" {sum(map(len, steps.values()))} changes of {len(steps)} links,"
        f" all settled after {time.monotonic() - began:.0f} s",
    )
    assert [text for tally in storm.tallies for text in tally.refused] == []
    assert len(storm.accepted()) == many and again > 0
    assert (lost, twice, out_of_order) == (0, 0, 0)
    assert len(steps) == LINKS
    assert dead == []
