"""Our side on a real database: the hub's own tables, verbs and jobs, killed and started again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, func, select

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.conversation import comments
from hub.core.conversation.models import Comment
from hub.core.database import Database
from hub.core.directory.models import Person
from hub.core.execute.models import Link
from hub.core.execute.sync import (
    DRAIN,
    ROUND,
    drain,
    due_anyway,
    link_task,
    promise_round,
    promise_rounds,
    run_round,
)
from hub.core.execute.sync.store import OurComment, Store
from hub.core.execute.sync.tables import TableStore
from hub.core.execute.sync.task_writer import read, write
from hub.core.files import FileStore, attachments_of
from hub.core.jobs import Job, Jobs
from hub.core.jobs.embedded import EmbeddedEngine
from hub.core.jobs.models import JobRow
from hub.core.migrations import upgrade
from hub.core.values import LOOK, SYSTEM, Actor, Refusal, TaskDraft
from hub.core.work.attachments import attach_file
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.requests import create_request
from hub.core.work.tasks import assign_task, create_task, set_state
from hub.lab.line import Killed
from hub.lab.pair import HandClock
from hub.lab.side import ME, RESTART_S

if TYPE_CHECKING:
    from hub.lab.world import Far, World


class RealHub:
    """One SQLite file for many schedules."""

    def __init__(self, folder: Path, clock: HandClock) -> None:
        """``folder`` holds the file."""
        self._url = f"sqlite:///{folder / 'lab.sqlite'}"
        self._clock = clock
        self.files = FileStore(f"file://{folder / 'files'}")
        self.playing: RealSide | None = None
        self.database = self._open()
        upgrade(self.database, Jobs(self.database))
        with self.database.transaction() as session:
            people = [Person(name=name, email=f"{name.lower()}@hub.test") for name in (ME, "Jonas", "Lin")]
            session.add_all(people)
            session.flush()
            self.people = tuple(person.id for person in people)
        self._made = 0

    def restart(self) -> None:
        """The process is gone; another one opens the file."""
        self.database.close()
        self._clock.forward(seconds=RESTART_S)
        self.database = self._open()

    def _open(self) -> Database:
        database = Database(self._url, self._clock)
        event.listen(database.writer_engine, "connect", _never_wait_for_the_disk)
        jobs = Jobs(database)

        @jobs.handler(ROUND)
        def round_(job: Job) -> None:
            if self.playing is not None:
                self.playing.round(job.args[0])

        @jobs.handler(DRAIN)
        def drain_(job: Job) -> None:
            drain(database, job.args[0])

        @jobs.handler(LOOK)
        def look(job: Job) -> None:
            if self.playing is not None:
                self.playing.look(job.args[0])

        return database

    def syncs(self, world: World, link: int) -> RealRound:
        """What brings this link up to date: the hub's own way into a round."""
        assert self.playing is not None
        return RealRound(self.database, world, link, self.playing.links[link])

    def connect(self, far: Far) -> int:
        """A connection to this tracker; gives its id."""
        self._made += 1
        with self.database.transaction() as session:
            name = f"{far.kind} {self._made}"
            settings = far.settings.model_dump(mode="json")
            row = Connection(name=name, family="tracker", kind=far.kind, slug=name, settings=settings)
            session.add(row)
            session.flush()
            return row.id

    def close(self) -> None:
        """Close the file."""
        self.database.close()


def _never_wait_for_the_disk(connection: Any, _record: Any) -> None:
    # The lab kills the hub and never the machine: what was written is there for whoever opens the file next.
    connection.execute("PRAGMA synchronous=OFF")


class RealSide:
    """Fulfils ``Side`` with the hub itself."""

    def __init__(
        self, hub: RealHub, fars: Sequence[Far], refs: Sequence[str | None], start: Mapping[str, Any]
    ) -> None:
        """A task of its own, linked to each tracker by a connection of its own."""
        self._hub = hub
        self.people = hub.people
        self._actor = Actor("person", hub.people[0], "member", ME)
        self.connections = [hub.connect(far) for far in fars]
        self._run: Callable[[int, Store], None] = lambda link, store: None
        with hub.database.transaction() as session:
            now = hub.database.now()
            request = create_request(session, now, SYSTEM, title=start["title"])
            request.stage = "execute"
            task = create_task(session, now, SYSTEM, request, TaskDraft(start["title"], start["body"]))
            assign_task(session, now, SYSTEM, task, session.get(Person, hub.people[0]))
            links = [
                link_task(session, now, self._actor, task, session.get_one(Connection, number), ref)
                for number, ref in zip(self.connections, refs, strict=True)
            ]
            session.flush()
            self._task, self._request = task.id, request.id
            self.links = [link.id for link in links]
        hub.playing = self

    def round(self, link_id: int) -> None:
        """The job of a link; those of an earlier schedule are nobody's."""
        if link_id in self.links:
            link = self.links.index(link_id)
            self._run(link, self.store(link))

    def look(self, request_id: int) -> None:
        """The job that looks at a request: what changed here promises rounds."""
        with self._hub.database.transaction() as session:
            promise_rounds(session, [self._task] if request_id == self._request else [])

    def fields(self) -> dict[str, Any]:
        """The task's canonical fields."""
        with self._hub.database.reading() as session:
            return read(session.get_one(Task, self._task))

    def comments(self) -> tuple[OurComment, ...]:
        """What was said publicly."""
        return tuple(one for one in self.store(0).look().comments if not one.internal)

    def edit(self, field: str, value: Any) -> None:
        """By the task's verbs; a refusal is no edit."""
        try:
            with self._hub.database.transaction() as session:
                task, now = session.get_one(Task, self._task), self._hub.database.now()
                if field == "status":
                    reason = "…" if value == "waiting" else ""
                    set_state(session, now, self._actor, task, value, reason=reason)
                else:
                    write(session, now, self._actor, task, field, value)
        except Refusal:
            return

    def say(self, text: str, *, internal: bool = False) -> None:
        """By the verb."""
        with self._hub.database.transaction() as session:
            comments.say(
                session,
                self._hub.database.now(),
                self._actor,
                request_id=self._request,
                text=text,
                stream="internal" if internal else "public",
                task_id=self._task,
            )

    def attach(self, name: str, data: bytes, *, public: bool = True) -> None:
        """By the verb; its bytes are stored before."""
        stored = self._hub.files.put(data)
        with self._hub.database.transaction() as session:
            request = session.get_one(ServiceRequest, self._request)
            attach_file(session, self._hub.database.now(), self._actor, request, stored, name, public=public)

    def files(self) -> tuple[bytes, ...]:
        """What the public files of task and request hold."""
        owners = (("tasks", self._task), ("requests", self._request))
        with self._hub.database.reading() as session:
            rows = [row for owner in owners for row in attachments_of(session, owner, public_only=True)]
        return tuple(self.store(0).file_bytes(stored.sha256) for _row, stored in rows)

    def edit_comment(self, comment: int, text: str) -> None:
        """By the verb."""
        with self._hub.database.transaction() as session:
            row = session.get_one(Comment, comment)
            comments.edit(session, self._hub.database.now(), self._actor, row, text)

    def take_back(self, comment: int) -> None:
        """By the verb."""
        with self._hub.database.transaction() as session:
            comments.take_back(
                session, self._hub.database.now(), self._actor, session.get_one(Comment, comment)
            )

    def store(self, link: int) -> Store:
        """The memory of a link."""
        return TableStore(self._hub.database, self.links[link], files=self._hub.files)

    def state(self, link: int) -> str:
        """What the link shows."""
        with self._hub.database.reading() as session:
            return session.get_one(Link, self.links[link]).state

    def hint(self, link: int) -> None:
        """As a delivery would."""
        with self._hub.database.transaction() as session:
            promise_round(session, self.links[link])

    def work(self, run: Callable[[int, Store], None]) -> None:
        """Do what is due, by the real queue."""
        self._run = run
        for _ in range(50):
            engine = self._hub.database.info["jobs"]
            assert isinstance(engine, EmbeddedEngine)
            try:
                if engine.run_due() == 0:
                    return
            except Killed:
                self.restart()

    def next_due(self) -> dt.datetime | None:
        """When the next job is due, or a dead worker's lapses."""
        times = func.min(func.coalesce(JobRow.lease_until, JobRow.due_at))
        with self._hub.database.reading() as session:
            found: dt.datetime | None = session.scalar(select(times).where(JobRow.state != "dead"))
        return found

    def due_anyway(self, link: int) -> bool:
        """By the sweep's own question: a job that died five times with its worker is promised again."""
        with self._hub.database.reading() as session:
            return self.links[link] in due_anyway(session, self._hub.database.now(), self.connections[link])

    def resting(self, link: int) -> bool:
        """Whether the connection rests."""
        with self._hub.database.reading() as session:
            until = session.get_one(Connection, self.connections[link]).breaker_until
        return until is not None and until > self._hub.database.now()

    def rest(self, link: int, until: dt.datetime) -> None:
        """As the sweep does it."""
        with self._hub.database.transaction() as session:
            manage.rest(session, self.connections[link], until)

    def restart(self) -> None:
        """Another process opens the file."""
        self._hub.restart()

    def close(self) -> None:
        """The file is the hub's."""


class RealRound:
    """One run of ``run_round``, with the lab's eyes on its store and its tracker."""

    def __init__(self, database: Database, world: World, link: int, link_id: int) -> None:
        """``link`` is the world's number, ``link_id`` the row's."""
        self._database, self._world, self._link, self._link_id = database, world, link, link_id

    def run(self) -> Any:
        """As a worker runs it."""
        world, link = self._world, self._link
        opener: Any = SimpleNamespace(
            by_id=lambda _id: SimpleNamespace(
                kind=world.fars[link].kind, settings=world.fars[link].settings, object=world.trackers[link]
            )
        )
        return run_round(
            self._database,
            opener,
            self._link_id,
            world.schedule_chance,
            make_store=lambda _database, _link_id: world.stores[link],
        )
