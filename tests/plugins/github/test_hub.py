"""A whole hub with a GitHub connection: hooks come in at its door, a wrong token is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from hub.app import Hub, build
from hub.config import load
from hub.core.connections import manage
from hub.core.connections.models import Connection, Delivery
from hub.core.directory.people import add_person
from hub.core.execute import sync
from hub.core.execute.models import Link
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.models import Task
from hub.core.work.requests import create_request
from hub.core.work.tasks import assign_task, create_task, edit_task
from hub.core.workflow import chores
from hub.lab.github import Account, GitHub
from hub.lab.pair import HandClock
from tests.plugins.github.conftest import SECRETS

CONFIG = '[hub]\npublic_url = "https://hub.example.org"\n[outbound]\nallow = ["127.0.0.1"]\n'


class House:
    """A hub, its door, and the imitation behind a real socket."""

    def __init__(self, hub: Hub, github: GitHub, clock: HandClock, url: str) -> None:
        self.hub, self.core, self.github, self.clock = hub, hub.core, github, clock
        self.home = github.forge.repository("octo/app")
        self.door = hub.web().test_client()
        now = self.core.database.now()
        with self.core.database.transaction() as session:
            person = add_person(
                session,
                now,
                SYSTEM,
                name="Wang",
                email="wang@hub.test",
                password="long-enough-9",
                role="member",
            )
            session.flush()
            row = manage.create(
                session,
                now,
                SYSTEM,
                self.core.registry,
                hub.keys,
                name="App",
                kind="github",
                secrets=SECRETS,
                settings={"api_url": url, "repository": "octo/app", "people_map": {str(person.id): "mei"}},
            )
            request = create_request(session, now, SYSTEM, title="Printer")
            request.stage = "execute"
            task = create_task(session, now, SYSTEM, request, TaskDraft("Printer", "It burns, @octocat."))
            assign_task(session, now, SYSTEM, task, person)
            link = sync.link_task(session, now, SYSTEM, task, row)
            self.connection_id, self.task_id, self.link_id = row.id, task.id, link.id

    def link_more(self, count: int) -> list[int]:
        """So many tasks more, each with a link that has not been looked at; gives the links' numbers."""
        with self.core.database.transaction() as session:
            now, far = self.core.database.now(), session.get_one(Connection, self.connection_id)
            request = session.get_one(Task, self.task_id).request
            made = [create_task(session, now, SYSTEM, request, TaskDraft(f"T{n}")) for n in range(count)]
            return [sync.link_task(session, now, SYSTEM, task, far).id for task in made]

    def round(self) -> str | None:
        outcome = sync.run_round(self.core.database, self.core.opener, self.link_id)
        self.clock.forward(seconds=2)
        return outcome.state if outcome else None

    def sweep(self, minutes: float = 1) -> int:
        promised = sync.sweep_all(self.core.database, self.core.opener, "https://hub.example.org")
        self.clock.forward(minutes=minutes)
        return promised

    def row(self) -> Connection:
        with self.core.database.reading() as session:
            return session.get_one(Connection, self.connection_id)

    def task(self) -> Task:
        with self.core.database.reading() as session:
            return session.get_one(Task, self.task_id)

    def link(self) -> Link:
        with self.core.database.reading() as session:
            return session.get_one(Link, self.link_id)

    def edit(self, **changes: Any) -> None:
        with self.core.database.transaction() as session:
            edit_task(
                session, self.core.database.now(), SYSTEM, session.get_one(Task, self.task_id), **changes
            )

    def post(self, url: str, headers: Any, body: bytes) -> int:
        """How GitHub reaches the hub's door."""
        sent = [(name, value) for name, value in headers.items() if name != "Content-Type"]
        return self.door.post(
            urlsplit(url).path, data=body, headers=sent, content_type="application/json"
        ).status_code

    def secret(self, **secrets: str) -> None:
        with self.core.database.transaction() as session:
            row = session.get_one(Connection, self.connection_id)
            manage.change(
                session,
                self.core.database.now(),
                SYSTEM,
                self.core.registry,
                self.hub.keys,
                row,
                secrets=secrets,
            )


@pytest.fixture
def house(tmp_path: Path, github: GitHub, clock: HandClock, url: str) -> Iterator[House]:
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    hub = build(load(config, {"HUB_DATA": str(tmp_path / "data")}), {})
    hub.core.database.clock = clock
    yield House(hub, github, clock, url)
    hub.close()


@pytest.mark.process("P14")
def test_the_hub_registers_its_hook_and_what_github_says_there_reaches_the_task(house: House) -> None:
    assert house.round() == "settled"
    house.sweep()
    (hook,) = house.github.hooks.hooks.values()
    assert hook.url == f"https://hub.example.org/in/{house.row().slug}"
    assert house.row().state["hook"]["ok"]
    assert set(house.github.hooks.deliver(house.post)) == {202}
    house.github.forge.change(house.home, house.home.issues[1], Account("jonas"), {"title": "Printer burns"})
    assert house.github.hooks.deliver(house.post) == [202]
    chores.read_deliveries(house.core, house.connection_id)
    with house.core.database.reading() as session:
        assert set(session.scalars(select(Delivery.status))) == {"read"}
    assert house.round() == "settled"
    assert house.task().title == "Printer burns"


def test_a_redelivery_of_what_was_read_has_no_effect_and_one_that_was_lost_arrives(house: House) -> None:
    house.round()
    house.sweep()
    house.github.hooks.deliver(house.post)
    chores.read_deliveries(house.core, house.connection_id)
    for sending in list(house.github.hooks.sendings):
        house.github.hooks.again(sending)
    assert set(house.github.hooks.deliver(house.post)) == {200}
    house.github.forge.comment(house.home, house.home.issues[1], "mei", "said while the hub was away")
    assert house.github.hooks.deliver(lambda url, headers, body: 0) == [0]
    house.clock.forward(minutes=30)
    house.sweep()
    assert house.github.hooks.deliver(house.post) == [202]


def test_what_is_not_signed_is_not_taken(house: House) -> None:
    house.round()
    slug = house.row().slug
    assert house.door.post(f"/in/{slug}", data=b"{}", headers={"X-GitHub-Event": "issues"}).status_code == 401


def test_a_wrong_token_is_said_causes_no_storm_and_everything_goes_on_with_a_right_one(house: House) -> None:
    house.round()
    house.sweep()
    house.secret(token="expired")
    chores.check_connection(house.core, house.connection_id)
    found = house.row().state[chores.CHECKED]
    assert not found["ok"]
    assert "expired, revoked" in found["text"]["en"]
    house.edit(title="Meanwhile")
    assert house.round() == "refused"
    cost = house.github.door.cost
    for _ in range(60):
        house.sweep()
    assert house.github.door.cost - cost < 20
    assert "Bad credentials" in (house.row().last_error or "")
    house.secret(token="hub-token")
    assert house.sweep() >= 1, "what was refused is looked at again"
    assert house.round() == "settled"
    assert house.home.issues[1].title == "Meanwhile"
    assert house.row().failures == 0


def test_a_refused_token_is_tried_a_few_times_a_day_however_many_links_there_are(house: House) -> None:
    house.round()
    more = house.link_more(20)
    house.sweep()
    house.secret(token="expired")
    assert house.github.door.refused == 0
    rounds = [sync.run_round(house.core.database, house.core.opener, number) for number in more]
    assert {outcome.state for outcome in rounds if outcome} == {"refused"}
    assert house.github.door.refused <= len(more)
    asked = []
    for minute in range(24 * 60):
        before = house.github.door.refused
        house.sweep()
        asked += [minute] * (house.github.door.refused - before)
    # A round that was refused is not tried again by itself; the sweep tries less and less often.
    assert len([minute for minute in asked if minute < 60]) <= 15
    assert len([minute for minute in asked if minute >= 23 * 60]) <= 3
    assert "Bad credentials" in (house.row().last_error or "")
    house.secret(token="hub-token")
    assert house.sweep() >= len(more)


def test_a_limit_rests_the_connection_and_nothing_is_lost(house: House) -> None:
    house.round()
    house.edit(title="Later")
    house.github.faults.next("secondary")
    assert house.round() == "waiting"
    until = house.row().breaker_until
    assert until is not None
    assert until > house.core.database.now()
    cost = house.github.door.cost
    assert house.round() is None
    house.sweep(minutes=0)
    assert house.github.door.cost == cost, "nobody calls before the time GitHub named"
    house.clock.forward(hours=1)
    assert house.round() == "settled"
    assert house.home.issues[1].title == "Later"


def test_the_sweep_alone_brings_what_was_done_there(house: House) -> None:
    house.round()
    house.sweep()
    house.clock.forward(minutes=5)
    house.github.forge.comment(house.home, house.home.issues[1], "mei", "no hook told of this")
    assert house.sweep() == 1
    assert house.round() == "settled"
    assert house.link().state == "settled"
    assert dt.timedelta(0) < house.core.database.now() - (house.link().looked_at or house.clock.now())
