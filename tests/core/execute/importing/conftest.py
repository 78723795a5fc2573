"""A hub with a few people on a real database, and a sandbox full of items."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from hub.core.connections.models import Connection
from hub.core.database import Database
from hub.core.directory.models import Person
from hub.core.execute import importing, sync
from hub.core.execute.importing.models import Import, ImportRow
from hub.core.execute.models import Link
from hub.core.values import SYSTEM, Actor, TaskDraft
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.requests import create_request
from hub.core.work.tasks import assign_task, create_task
from hub.lab.pair import HandClock
from hub.lab.sandbox import SandboxTracker
from hub.lab.wire import Wire
from hub.plugins.sandbox.plugin import SandboxSettings, _open

ADMIN = Actor("person", None, "administrator", "Wang")


class Office:
    """One hub, one sandbox, one connection at a time."""

    def __init__(self, database: Database, clock: HandClock) -> None:
        self.database, self.clock, self.made = database, clock, 0
        self.sandbox = SandboxTracker(":memory:", clock=clock)
        self.wire = Wire(self.sandbox)
        with database.transaction() as session:
            people = [Person(name=name, email=f"{name}@hub.test") for name in ("Wang", "Jonas")]
            session.add_all(people)
            session.flush()
            self.people = [person.id for person in people]
        self.connect()

    @property
    def board(self) -> Any:
        return self.sandbox.board

    def connect(self, **settings: Any) -> None:
        """A fresh connection to an empty sandbox."""
        self.board.forget()
        self.made += 1
        people = dict(zip(self.people, ["mei", "jonas"], strict=True))
        self.settings = SandboxSettings(
            **{"base_url": "http://127.0.0.1/", "people_map": people, **settings}
        )  # fmt: skip
        self.tracker: Any = _open(self.settings, {}, self.wire, {})
        with self.database.transaction() as session:
            row = Connection(
                name=f"Board {self.made}", family="tracker", kind="sandbox", slug=f"b{self.made}",
                settings=self.settings.model_dump(mode="json"),
            )  # fmt: skip
            session.add(row)
            session.flush()
            self.connection_id = row.id

    def by_id(self, _id: int) -> Any:
        """The opener's part."""
        return SimpleNamespace(settings=self.settings, object=self.tracker, kind="sandbox")

    def item(self, title: str = "Printer is on fire", **values: Any) -> str:
        """An item there; gives its key."""
        key: str = self.board.create("mei", {"title": title, **values})["key"]
        return key

    def task(self, title: str, owner: int | None = None, **values: Any) -> int:
        """A task here; gives its id."""
        now = self.database.now()
        with self.database.transaction() as session:
            request = create_request(session, now, SYSTEM, title=title)
            request.stage = "execute"
            task = create_task(session, now, SYSTEM, request, TaskDraft(title, values.get("body", "")))
            if owner is not None:
                assign_task(session, now, SYSTEM, task, session.get(Person, owner))
            return task.id

    def do(self, verb: Any, held_id: int, *args: Any) -> None:
        """One verb on an import, as the administrator."""
        with self.database.transaction() as session:
            held = session.get_one(Import, held_id)
            with_time = verb in (importing.start, importing.cancel)
            verb(session, *((self.database.now(),) if with_time else ()), ADMIN, held, *args)

    def choose(self, held_id: int, ref: str, choice: str) -> None:
        """Something else than is proposed for an item."""
        with self.database.transaction() as session:
            row = session.get_one(ImportRow, self.rows(held_id)[ref].id)
            importing.choose(session, ADMIN, session.get_one(Import, held_id), row, choice)

    def begin(self, target: str = "requests", **options: Any) -> int:
        with self.database.transaction() as session:
            row = session.get_one(Connection, self.connection_id)
            if number := options.pop("request_id", None):
                options["request"] = session.get_one(ServiceRequest, number)
            return importing.begin(session, self.database.now(), ADMIN, row, target, **options).id

    def work(self, held_id: int, steps: int = 500) -> str:
        """Let the job go on until it waits for somebody; gives the state."""
        for _ in range(steps):
            before = self.held(held_id)
            importing.advance(self.database, self, held_id)  # type: ignore[arg-type]
            held = self.held(held_id)
            if held.state not in importing.WORKING or (held.reason and before.reason == held.reason):
                break
        return self.held(held_id).state

    def look(self, target: str = "requests", **options: Any) -> int:
        """A dry run to its end; gives the import."""
        held_id = self.begin(target, **options)
        assert self.work(held_id) == "ready"
        return held_id

    def run(self, held_id: int) -> dict[str, ImportRow]:
        """The run to its end; gives the rows by reference."""
        self.do(importing.start, held_id)
        assert self.work(held_id) == "done"
        return self.rows(held_id)

    def settle(self) -> None:
        """The rounds that follow."""
        for link in self.links():
            sync.run_round(self.database, self, link.id)  # type: ignore[arg-type]
            self.clock.forward(seconds=1)

    def held(self, held_id: int) -> Import:
        with self.database.reading() as session:
            return session.get_one(Import, held_id)

    def rows(self, held_id: int) -> dict[str, ImportRow]:
        wanted = select(ImportRow).where(ImportRow.import_id == held_id)
        with self.database.reading() as session:
            return {row.ref: row for row in session.scalars(wanted)}

    def links(self) -> list[Link]:
        wanted = select(Link).where(Link.connection_id == self.connection_id).order_by(Link.id)
        with self.database.reading() as session:
            return list(session.scalars(wanted))

    def tasks(self) -> list[Task]:
        """The tasks that are linked there."""
        with self.database.reading() as session:
            found = [session.get_one(Task, link.task_id) for link in self.links()]
            for task in found:
                assert task.request.id
            return found

    def far_writes(self) -> int:
        """How many log entries there are by the hub's own account."""
        log = [entry for item in self.board.items() for entry in self.board.log(item["key"])]
        return sum(entry["author"] == "hub-bot" for entry in log)


@pytest.fixture
def office(database_url: str, open_database: Any) -> Any:
    clock = HandClock()
    made = Office(open_database(database_url, clock), clock)
    yield made
    made.sandbox.close()
