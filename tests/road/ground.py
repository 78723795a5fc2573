"""The ground the road is laid on: a furnished hub, and what the steps know of one another."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

import requests
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from hub.core import workflow
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.directory.models import Person, Team
from hub.core.directory.people import actor_of, add_person
from hub.core.execute import sync
from hub.core.execute.models import Link
from hub.core.notices.models import Notice
from hub.core.values import SYSTEM, Actor
from hub.core.work.models import Category, ServiceRequest, Task
from tests.post_office import Taken
from tests.road.conftest import Place

PASSWORD = "a password for this walk"
DEAD_END = "http://127.0.0.1:9/"


def fresh_secret() -> str:
    """A secret as Standard Webhooks wants it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


@dataclass
class Road:
    """What the steps know of one another."""

    place: Place
    actor: Actor = SYSTEM
    people: list[int] = field(default_factory=list)
    webhook: str = ""
    webhook_secret: str = ""
    hook_secret: str = ""
    form: str = ""
    tracker_slug: str = ""
    tracker_id: int = 0
    request_id: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.place, name)

    def request(self) -> ServiceRequest:
        """The request, with its tasks and goals."""
        with self.database.reading() as session:
            row = session.get_one(ServiceRequest, self.request_id)
            for part in (row.tasks, row.goals, row.needs):
                list(part)  # read while the session is open
            return row

    def task(self) -> Task:
        """The request's only task."""
        (task,) = self.request().tasks
        return task

    def link(self) -> Link:
        """The link of the only task; a second one fails here."""

        def made() -> list[Link]:
            with self.database.reading() as session:
                return sync.links_of_request(session, self.request_id)

        (link,) = self.wait_until(made)
        return link

    def item(self) -> dict[str, Any]:
        """The one item in the sandbox; a twin fails here."""
        (item,) = self.board.items()
        return item

    def stands_in(self, stage: str, state: str = "open") -> None:
        """Wait until the request has come to this stage."""
        self.wait_until(lambda: (self.request().stage, self.request().state) == (stage, state))

    def settles(self) -> None:
        """Wait until the link is settled and both sides hold the same."""
        self.wait_until(lambda: self.link().state == "settled" and self.differences() == [])

    def differences(self) -> list[str]:
        """The fields in which task and item differ."""
        task, item = self.task(), self.item()
        states = {"open": "todo", "doing": "doing", "waiting": "blocked", "done": "done"}
        accounts = dict(zip(self.people, ("mei", "jonas", "lin"), strict=True))
        here = (
            task.title,
            task.body,
            states[task.state],
            accounts.get(task.assignee_id or 0),
            set(task.labels),
        )
        there = (item["title"], item["text"], item["status"], item["assignee"], set(item["labels"]))
        return [f"{one!r} != {other!r}" for one, other in zip(here, there, strict=True) if one != other]

    def ask_all_points(self) -> list[str]:
        """The keys of the open points."""
        return [point.key for point in workflow.all_open_points(self.core, self.request_id)]


def furnish(road: Road) -> None:
    """Make the team, the catalogue and the three connections."""
    now, core = road.clock.now(), road.core
    road.webhook_secret, road.hook_secret = fresh_secret(), fresh_secret()
    with road.database.transaction() as session:
        team = Team(name="Network")
        session.add(team)
        session.flush()
        for name, role in (("Mei", "manager"), ("Jonas", "member"), ("Lin", "member")):
            email = f"{name.lower()}@hub.example"
            skills = {"network": 3}
            person = add_person(
                session,
                now,
                SYSTEM,
                name=name,
                email=email,
                role=role,
                skills=skills,
                teams=[team],
                password=PASSWORD if role == "manager" else None,
                language="en",
            )
            road.people.append(person.id)
        road.actor = actor_of(session.get_one(Person, road.people[0]))

        def connect(name: str, kind: str, settings: dict[str, Any], **kept: str) -> Connection:
            return manage.create(
                session, now, SYSTEM, core.registry, road.hub.keys, name=name, kind=kind, settings=settings,
                secrets=kept,
            )  # fmt: skip

        road.webhook = connect("Shop", "webhook", {}, secret=road.webhook_secret).slug
        road.form = connect("Front desk", "form", {"customer": "Acme"}).slug
        people = dict(zip(road.people, ("mei", "jonas", "lin"), strict=True))
        tracker = connect(
            "Sandbox", "sandbox", {"base_url": road.far_url, "people_map": people},
            hook_secret=road.hook_secret,
        )  # fmt: skip
        road.tracker_id, road.tracker_slug = tracker.id, tracker.slug
        server = {"host": road.post_office.host, "port": road.post_office.port, "security": "none"}
        connect("Post", "smtp", {**server, "sender": "support@hub.example"})
        session.add(
            Category(
                key="network", title={"zh": "网络", "en": "Network"}, skill="network", team_id=team.id,
                keywords=["vpn"], hours=3.0, tracker_id=tracker.id,
            )
        )  # fmt: skip
    hook_up(road)


def hook_up(road: Road) -> None:
    """Let the sandbox tell the hub what changes there."""
    road.sandbox.register_hook("hub", f"{road.url}/in/{road.tracker_slug}", road.hook_secret)


def unhook(road: Road) -> None:
    """Let the sandbox's hints go nowhere."""
    road.sandbox.register_hook("hub", DEAD_END, road.hook_secret)


def mailed(road: Road, to: str, subject: str) -> Taken:
    """Wait for the one mail to this address with these words in its subject."""

    def arrived() -> list[Taken]:
        return [
            taken
            for taken in road.post_office.taken
            if taken.recipients == (to,) and subject in taken["Subject"]
        ]

    (taken,) = road.wait_until(arrived)
    road.wait_until(lambda: not count(road, Notice, Notice.state == "waiting"))
    return taken


def link_in(road: Road, taken: Taken, door: str) -> str:
    """The link of a mail that leads through this door, at the address where the hub really serves."""
    found = re.search(rf"/{door}/[\w-]+", taken.text())
    assert found, taken.text()
    return road.url + found[0]


def count(road: Road, model: Any, *where: Any) -> int:
    """How many rows there are."""
    with road.database.reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def post_form(
    visitor: requests.Session, shown: requests.Response, url: str, **values: Any
) -> requests.Response:
    """Post the form of a page as a browser would, with its hidden fields."""
    hidden = BeautifulSoup(shown.text, "html.parser").select("main form input[type=hidden]")
    fields = {str(one["name"]): str(one.get("value", "")) for one in hidden}
    return visitor.post(url, {**fields, **values}, headers={"Referer": url}, timeout=30)
