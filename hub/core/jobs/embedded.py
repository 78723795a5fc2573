"""The engine on SQLite: one table, one machine, and no more ambition than that."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session, aliased

from hub.core.database import Database, after_commit, new_uuid
from hub.core.jobs.engine import Engine
from hub.core.jobs.models import RUNNING, WAITING, JobRow
from hub.core.jobs.values import LeaseLost, Promise

log = logging.getLogger(__name__)
POLL = 0.2
DIED = "the worker died while it ran this job"

_other = aliased(JobRow)
_key_is_busy = exists().where(_other.state == literal_column("'running'"), _other.key == JobRow.key)
_insert: Any = insert(JobRow).on_conflict_do_nothing()


def _next_due(now: dt.datetime) -> Any:
    return (
        select(JobRow.id)
        .where(WAITING, JobRow.due_at <= now, ~_key_is_busy)
        .order_by(JobRow.due_at, JobRow.id)
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class _RowHold:
    """A claim on a row: good as long as the row names this holder."""

    database: Database
    id: int
    holder: str

    def check(self, session: Session) -> None:
        """Raise ``LeaseLost`` unless the row still names this holder."""
        mine = select(JobRow.id).where(JobRow.id == self.id, JobRow.holder == self.holder)
        if session.execute(mine).first() is None:
            raise LeaseLost

    def end(self, session: Session) -> None:
        """Delete the row."""
        session.execute(delete(JobRow).where(JobRow.id == self.id))

    def put_back(self, session: Session, due_at: dt.datetime) -> None:
        """Let the row wait, in a slot of its own so that it folds with nothing."""
        self._leave(session, state="waiting", due_at=due_at)

    def bury(self, session: Session, error: str) -> None:
        """Mark the row dead."""
        self._leave(session, state="dead", error=error, died_at=self.database.now())

    def _leave(self, session: Session, **values: Any) -> None:
        row = update(JobRow).where(JobRow.id == self.id)
        session.execute(row.values(holder=None, lease_until=None, slot=-self.id, **values))


class EmbeddedEngine(Engine):
    """Threads of this process take the oldest due job of each free key."""

    name = "embedded"

    def __init__(self, database: Database, lease: dt.timedelta) -> None:
        """See ``Engine``."""
        super().__init__(database, lease)
        self._wake = threading.Event()

    def prepare(self) -> None:
        """Nothing to do: the one table is the hub's own."""

    def write(self, session: Session, promises: list[Promise]) -> None:
        """Insert what does not wait yet; workers of this process wake after the commit."""
        now = self.database.now()
        session.connection().execute(
            _insert,
            [
                {
                    "name": p.name,
                    "key": p.key,
                    "args": p.args,
                    "state": "waiting",
                    "fold": p.fold,
                    "slot": p.slot,
                    "due_at": p.due_at or now,
                    "attempts": p.attempts,
                }
                for p in promises
            ],
        )
        after_commit(session, self._wake.set)

    def waiting_count(self) -> int:
        """How many jobs wait, for their time or for a worker."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(JobRow).where(WAITING)) or 0

    def run_due(self) -> int:
        """Do what is due now, one job after another, in the caller's thread; gives how many were done.

        For the lab, whose clock stands still meanwhile: whatever ends a job early ends this call.
        """
        crew, done = _Crew(self), 0
        crew.renew_and_recover()
        while taken := crew.claim(1):
            for work in taken:
                crew.work(*work)
                done += 1
        return done

    def run(self, n: int, stop: threading.Event) -> None:
        """Run up to ``n`` jobs at a time; returns when stopped and the running ones are done."""
        self.register_crons()
        crew = _Crew(self)
        drained = threading.Event()
        chores = threading.Thread(target=crew.do_chores, args=(drained,), name="job-chores", daemon=True)
        chores.start()
        try:
            with ThreadPoolExecutor(n, thread_name_prefix="job") as pool:
                while not stop.is_set():
                    self._wake.wait(POLL)
                    self._wake.clear()
                    with _surviving("taking jobs"):
                        for work in crew.claim(self.at_once(n)):
                            pool.submit(crew.work, *work)
        finally:
            drained.set()
            chores.join()


class _Crew:
    """The workers of one call of ``run``, and what they hold."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self.engine = engine
        self.database = engine.database
        self.name = new_uuid()
        self.claims = 0
        self.held: dict[str, None] = {}

    def claim(self, n: int) -> list[tuple[Promise, int, _RowHold]]:
        """Take due jobs until ``n`` are held."""
        now = self.database.now()
        with self.database.reader_engine.connect() as connection:
            if len(self.held) >= n or connection.execute(_next_due(now)).first() is None:
                return []
        taken: list[tuple[Promise, int, _RowHold]] = []
        with self.database.transaction() as session:
            now = self.database.now()  # the writer may have kept us waiting
            while len(self.held) + len(taken) < n and (work := self._claim_one(session, now)):
                taken.append(work)
        self.held.update((hold.holder, None) for _, _, hold in taken)
        return taken

    def _claim_one(self, session: Session, now: dt.datetime) -> tuple[Promise, int, _RowHold] | None:
        self.claims += 1
        holder = f"{self.name}:{self.claims}"
        row = session.execute(
            update(JobRow)
            .where(JobRow.id == _next_due(now).scalar_subquery())
            .values(
                state="running",
                holder=holder,
                lease_until=now + self.engine.lease,
                attempts=JobRow.attempts + 1,
            )
            .returning(JobRow.id, JobRow.name, JobRow.key, JobRow.args, JobRow.fold, JobRow.attempts),
            execution_options={"synchronize_session": False},
        ).first()
        if row is None:
            return None
        twins = delete(JobRow).where(WAITING, JobRow.fold == row.fold, JobRow.due_at <= now)
        session.execute(twins, execution_options={"synchronize_session": False})
        hold = _RowHold(self.database, row.id, holder)
        return Promise(row.name, row.key, row.args), row.attempts, hold

    def work(self, promise: Promise, attempt: int, hold: _RowHold) -> None:
        """Run one job; whatever happens, the grip on it is loosened."""
        try:
            with _surviving(f"ending job {promise.name}"):
                self.engine.perform(promise, attempt, hold)
        finally:
            # A row that still names us lapses now, for nobody renews it.
            del self.held[hold.holder]
            self.engine._wake.set()

    def do_chores(self, drained: threading.Event) -> None:
        """Renew what is held, free what a dead worker held, promise crons."""
        every = self.engine.lease.total_seconds() / 4
        renewed = time.monotonic()
        while not drained.wait(min(every, 1)):
            with _surviving("job chores"):
                if time.monotonic() - renewed >= every or self._lapsed():
                    renewed = time.monotonic()
                    self.renew_and_recover()
                self.engine.promise_crons()

    def _lapsed(self) -> bool:
        lapsed = select(JobRow.id).where(RUNNING, JobRow.lease_until < self.database.now()).limit(1)
        with self.database.reader_engine.connect() as connection:
            return connection.execute(lapsed).first() is not None

    def renew_and_recover(self) -> None:
        """In one transaction, so that no clock that jumps makes us free what we hold ourselves."""
        if not self.held and not self._lapsed():
            return
        with self.database.transaction() as session:
            now = self.database.now()
            mine = update(JobRow).where(RUNNING, JobRow.holder.in_(list(self.held)))
            session.execute(mine.values(lease_until=now + self.engine.lease))
            lapsed = select(JobRow).where(RUNNING, JobRow.lease_until < now)
            for row in session.scalars(lapsed).all():
                hold = _RowHold(self.database, row.id, "")
                if row.attempts >= self.engine.limit(row.name):
                    hold.bury(session, DIED)
                else:
                    hold.put_back(session, row.due_at)
                after_commit(session, self.engine._wake.set)


@contextmanager
def _surviving(what: str) -> Iterator[None]:
    """A locked or unreachable database must not end the loop: say so and go on."""
    try:
        yield
    except Exception:
        log.exception("%s failed", what)
        time.sleep(POLL)
