"""A link between a task in memory and a real sandbox."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from hub.core.connections.models import Connection
from hub.core.directory.models import Person
from hub.core.execute import sync
from hub.core.execute.models import Conflict, Link
from hub.core.execute.sync import link_task
from hub.core.execute.sync.tables import TableStore
from hub.core.files import FileStore
from hub.core.values import SYSTEM, Actor, TaskDraft
from hub.core.work.models import Task
from hub.core.work.requests import create_request
from hub.core.work.tasks import assign_task, create_task, edit_task
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock, Pair
from hub.plugins.sandbox.plugin import SandboxSettings, _open

SETTINGS = SandboxSettings(base_url="http://127.0.0.1/", people_map={1: "mei", 2: "jonas"})


def make_pair(store, settings=SETTINGS, clock=None, **options):
    return Pair(store, settings, lambda http: _open(settings, {}, http, {}), clock or HandClock(), **options)


@pytest.fixture
def task():
    return MemoryTask("Printer is on fire", "It burns.\nSince noon.\nThird floor.", assignee=1)


@pytest.fixture
def pair(task):
    pair = make_pair(MemoryStore(task))
    yield pair
    pair.close()


@pytest.fixture
def linked(pair):
    """The pair after its item was made."""
    assert pair.round().state == "settled"
    return pair


class Office:
    """A hub with two people, one request and a sandbox connection, on a real database."""

    def __init__(self, database, clock, folder):
        self.database = database
        self.files = FileStore(f"file://{folder}")
        self.clock = clock
        self.made = 0
        with database.transaction() as session:
            people = [Person(name=name, email=f"{name}@hub.test") for name in ("Wang", "Jonas")]
            session.add_all(people)
            session.flush()
            self.people = [person.id for person in people]
            self.settings = SETTINGS.model_copy(
                update={"people_map": dict(zip(self.people, ["mei", "jonas"], strict=False))}
            )
        self.actor = Actor("person", self.people[0], "member", "Wang")

    def make_task(self, title="Printer is on fire", body="It burns.\nSince noon.\nThird floor.", ref=None):
        """A task with an owner, linked by a connection of its own."""
        now = self.database.now()
        self.made += 1
        with self.database.transaction() as session:
            name = f"sandbox {self.made}"
            connection = Connection(name=name, family="tracker", kind="sandbox", slug=name)
            connection.settings = self.settings.model_dump(mode="json")
            session.add(connection)
            session.flush()
            self.connection_id = connection.id
            request = create_request(session, now, SYSTEM, title=title)
            request.stage = "execute"
            task = create_task(session, now, SYSTEM, request, TaskDraft(title, body))
            assign_task(session, now, SYSTEM, task, session.get(Person, self.people[0]))
            link = link_task(session, now, self.actor, task, connection, ref)
            return task.id, link.id

    def by_id(self, connection_id):
        """The opener's part."""
        assert connection_id == self.connection_id
        return SimpleNamespace(kind="sandbox", settings=self.settings, object=self.far)

    def tracker(self, connection_id):
        return self.by_id(connection_id).object


@pytest.fixture
def hand_clock():
    return HandClock()


@pytest.fixture
def office(database_url, open_database, hand_clock, tmp_path):
    return Office(open_database(database_url, hand_clock), hand_clock, tmp_path / "files")


class Desk:
    """One linked task of an office and its sandbox."""

    def __init__(self, office):
        self.office = office
        self.database = office.database
        self.task_id, self.link_id = office.make_task()
        self.pair = make_pair(TableStore(self.database, self.link_id), office.settings, office.clock)
        office.far = self.pair.tracker

    def round(self):
        outcome = sync.run_round(self.database, self.office, self.link_id)
        self.office.clock.forward(seconds=1)
        return outcome.state if outcome else None

    def edit(self, **changes):
        with self.database.transaction() as session:
            task = session.get_one(Task, self.task_id)
            edit_task(session, self.database.now(), self.office.actor, task, **changes)

    def change_there(self, **changes):
        self.pair.sandbox.board.change(self.pair.item()["key"], "jonas", changes)

    def task(self):
        with self.database.reading() as session:
            return session.get_one(Task, self.task_id)

    def fields(self):
        with self.database.reading() as session:
            return list(session.get_one(Link, self.link_id).fields)

    def link(self):
        with self.database.reading() as session:
            return session.get_one(Link, self.link_id)

    def resolve(self, choice, text=None, actor=None):
        with self.database.transaction() as session:
            conflict = session.scalars(select(Conflict).where(Conflict.closed_at.is_(None))).one()
            now = self.database.now()
            sync.resolve_conflict(session, now, actor or self.office.actor, conflict, choice, text)


@pytest.fixture
def desk(office):
    desk = Desk(office)
    yield desk
    desk.pair.close()
