"""A small service desk over each database: a team, a category, a customer, and the plugins of the box."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select

from hub.config.settings import BOX
from hub.core import workflow
from hub.core.connections.opening import Opener
from hub.core.connections.secrets import KeyRing
from hub.core.customers.models import Contact, Customer
from hub.core.database import Database
from hub.core.directory.models import Person, Team
from hub.core.directory.people import actor_of, add_person
from hub.core.files import FileStore
from hub.core.history import HistoryEntry
from hub.core.jobs import Jobs
from hub.core.registry import Registry
from hub.core.values import SYSTEM, Actor, Refusal
from hub.core.work.models import Category, ServiceRequest, Task
from hub.core.work.parts import add_goal, score_goal
from hub.core.work.requests import create_request
from hub.core.work.tasks import set_state
from hub.core.workflow import Core, Settings

T = TypeVar("T")


def no_way_out(_connection: object, _ask: object) -> Any:
    """Nothing in these tests reaches outside."""
    return None


class Desk:
    """A hub's core without web and workers: each test says itself when the hub looks again."""

    def __init__(self, core: Core) -> None:
        self.core, self.database, self.clock = core, core.database, core.database.clock
        self.people: list[int] = []
        with self.database.transaction() as session:
            team = Team(name="Network")
            session.add(team)
            session.flush()
            self.team_id = team.id
        for name in ("Mei", "Jonas", "Lin"):
            self.people.append(self.person(name).id or 0)
        with self.database.transaction() as session:
            customer = Customer(name="Acme", profile={"industry": "retail"})
            session.add(customer)
            session.flush()
            contact = Contact(name="Li Hua", email="li@acme.example", customer_id=customer.id)
            category = Category(
                key="network",
                title={"zh": "网络", "en": "Network"},
                skill="network",
                team_id=self.team_id,
                keywords=["vpn"],
                hours=2.0,
            )
            session.add_all([contact, category])
            session.flush()
            self.customer_id, self.contact_id, self.category_id = customer.id, contact.id, category.id
        self.manager = self.person("Wang", "manager", skills={}, teams=False)
        self.member = Actor("person", self.people[0], "member", "Mei")

    def person(
        self, name: str, role: str = "member", *, skills: dict[str, int] | None = None, teams: bool = True
    ) -> Actor:
        """Add a person; gives the actor."""
        with self.database.transaction() as session:
            made = add_person(
                session,
                self.database.now(),
                SYSTEM,
                name=name,
                email=f"{name.lower()}@hub.example",
                role=role,
                skills={"network": 3} if skills is None else skills,
                teams=[session.get_one(Team, self.team_id)] if teams else (),
            )
        return actor_of(made)

    def do(self, verb: Callable[..., T], *args: Any, **options: Any) -> T:
        """One verb in one transaction: ``desk.do(add_goal, desk.member, request, "text")``.

        Rows come from other transactions; each is read anew, as a page does.
        """
        with self.database.transaction() as session:
            fresh = [session.get_one(type(a), a.id) if hasattr(a, "__tablename__") else a for a in args]
            return verb(session, self.database.now(), *fresh, **options)

    def refused(self, verb: Callable[..., Any], *args: Any, **options: Any) -> str:
        """The message id with which this verb is refused."""
        with pytest.raises(Refusal) as caught:
            self.do(verb, *args, **options)
        return caught.value.message

    def open(self, title: str = "VPN drops", *, goal: bool = True, known: bool = True, **values: Any) -> int:
        """A request as it comes in; gives its id."""
        with self.database.transaction() as session:
            contact = session.get(Contact, self.contact_id) if known else None
            now = self.database.now()
            request = create_request(session, now, SYSTEM, title=title, contact=contact, **values)
            if goal:
                add_goal(session, now, SYSTEM, request, "It works again")
            return request.id

    def look(self, request_id: int) -> ServiceRequest:
        """Let the hub look at a request as often as its own changes ask for it."""
        before = None
        while before != (now := self.get(ServiceRequest, request_id).version):
            before = now
            workflow.look(self.core, request_id)
        return self.request(request_id)

    def bring(self, stage: str, **values: Any) -> int:
        """A request that has come as far as this stage by its verbs."""
        request_id = self.open(**values)
        self.look(request_id)
        if stage in ("evaluate", "improve"):
            for task in self.request(request_id).tasks:
                self.do(set_state, SYSTEM, task, "done")
            self.look(request_id)
        if stage == "improve":
            for goal in self.request(request_id).goals:
                self.do(score_goal, self.manager, goal, "met")
            workflow.move(self.core, self.manager, request_id, "improve")
        found = self.request(request_id)
        assert found.stage == stage, f"{found.stage}, not {stage}"
        return request_id

    def request(self, request_id: int) -> ServiceRequest:
        """A request with its parts."""
        with self.database.reading() as session:
            row = session.get_one(ServiceRequest, request_id)
            for part in (row.tasks, row.goals, row.needs):
                list(part)  # read while the session is open
            return row

    def task(self, request_id: int) -> Task:
        """The only task of a request."""
        (task,) = self.request(request_id).tasks
        return task

    def get(self, model: type[T], id: int) -> T:
        """A row as it stands."""
        with self.database.reading() as session:
            return session.get_one(model, id)

    def all(self, model: type[T], *where: Any) -> list[T]:
        """Rows as they stand, by id."""
        with self.database.reading() as session:
            return list(session.scalars(select(model).where(*where).order_by(model.id)))  # type: ignore[attr-defined]

    def count(self, model: Any, *where: Any) -> int:
        """How many rows there are."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    def verbs(self, request_id: int) -> list[str]:
        """What the history says of a request, oldest first."""
        return [row.verb for row in self.all(HistoryEntry, HistoryEntry.request_id == request_id)]

    def fill_up(self) -> None:
        """Let nobody have an hour left."""
        self.spare(0.0)

    def spare(self, hours: float) -> None:
        """Give everybody so many hours."""
        with self.database.transaction() as session:
            for person in session.scalars(select(Person)):
                person.capacity_hours = hours


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """Do these at the same time, each in a thread of its own; gives answers or errors, in order."""
    start = threading.Barrier(len(calls))
    results: list[T | Exception] = [RuntimeError("never ran")] * len(calls)

    def run(at: int, call: Callable[[], T]) -> None:
        start.wait()
        try:
            results[at] = call()
        except Exception as error:
            results[at] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def core(database_url: str, clock: Any, open_database: Callable[..., Database], tmp_path: Path) -> Core:
    """The parts of a hub, with the plugins of the box."""
    database = open_database(database_url, clock)
    registry = Registry(database)
    registry.load(BOX)
    opener = Opener(database, registry, KeyRing([Fernet.generate_key().decode()]), no_way_out)
    files = FileStore((tmp_path / "files").as_uri())
    return Core(database, registry, Jobs(database), files, opener, Settings(quality_percent=0))


@pytest.fixture
def desk(core: Core) -> Desk:
    """A furnished desk."""
    return Desk(core)
