"""What both engines share: handlers, the way a job is run, crons and dead letters."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import time
import traceback
from abc import ABC, abstractmethod
from typing import Any

from cronsim import CronSim
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hub.core.database import Database, before_commit
from hub.core.jobs.models import DEAD, RUNNING, WAITING, JobRow, JobSchedule
from hub.core.jobs.values import DeadLetter, Handler, Hold, Job, LeaseLost, Promise

log = logging.getLogger(__name__)
LONGEST_ERROR = 8000


def _unknown(job: Job) -> None:
    raise LookupError(f"no handler named {job.name!r}")


NOBODY = Handler(_unknown)


class Engine(ABC):
    """Keeps promises, one way or another."""

    name: str

    def __init__(self, database: Database, lease: dt.timedelta) -> None:
        """A worker that gives no sign for a ``lease`` is taken for dead."""
        self.database = database
        self.lease = lease
        self.handlers: dict[str, Handler] = {}
        self.crons: dict[str, str] = {}
        self.pressed_until = 0.0  # of time.monotonic()

    def at_once(self, n: int) -> int:
        """How many of ``n`` jobs may run at a time now: one, while the outside presses."""
        return 1 if time.monotonic() < self.pressed_until else n

    @abstractmethod
    def write(self, session: Session, promises: list[Promise]) -> None:
        """Write promises in the caller's transaction; what already waits is folded."""

    @abstractmethod
    def run(self, n: int, stop: threading.Event) -> None:
        """Run up to ``n`` jobs at a time until stopped."""

    @abstractmethod
    def prepare(self) -> None:
        """Make or upgrade the tables that are not the hub's own."""

    @abstractmethod
    def waiting_count(self) -> int:
        """How many jobs wait, for their time or for a worker."""

    def is_pending(self, name: str, key: str) -> bool:
        """Whether a job of this name and key waits or runs."""
        wanted = select(JobRow.id).where(JobRow.name == name, JobRow.key == key, or_(WAITING, RUNNING))
        with self.database.reading() as session:
            return session.scalar(wanted.limit(1)) is not None

    def hasten(self, session: Session, promise: Promise, due_at: dt.datetime) -> None:
        """Bring what waits for a later time forward, in a slot of its own: its old one is free again."""
        waits = update(JobRow).where(WAITING, JobRow.fold == promise.fold, JobRow.due_at > due_at)
        forward = waits.values(due_at=due_at, slot=-JobRow.id)
        session.execute(forward, execution_options={"synchronize_session": False})

    def perform(self, promise: Promise, attempt: int, hold: Hold) -> None:
        """Run one job to its end, its next attempt or its burial."""
        job = Job(self.database, promise, attempt, hold)
        try:
            self.handlers.get(job.name, NOBODY).call(job)
            if not job.finished:
                with job.finish():
                    pass
        except LeaseLost:
            log.warning("job %s %s was taken over by another worker", job.name, job.key)
        except Exception as error:
            log.warning("job %s %s failed (attempt %d)", job.name, job.key, attempt, exc_info=True)
            if not job.finished:
                self._failed(job, hold, error)

    def _failed(self, job: Job, hold: Hold, error: Exception) -> None:
        handler = self.handlers.get(job.name, NOBODY)
        try:
            with job.transaction() as session:
                if job.attempt >= handler.attempts:
                    hold.bury(session, "".join(traceback.format_exception(error))[-LONGEST_ERROR:])
                else:
                    hold.put_back(session, self.database.now() + handler.backoff(job.attempt))
        except LeaseLost:
            log.warning("job %s %s was taken over by another worker", job.name, job.key)

    def limit(self, name: str) -> int:
        """How often a job of this name is tried."""
        return self.handlers.get(name, NOBODY).attempts

    def register_crons(self) -> None:
        """Make the rows of new and changed crons."""
        if not self.crons:
            return
        now = self.database.now()
        with self.database.transaction() as session:
            known = dict(session.execute(select(JobSchedule.name, JobSchedule.cron)).all())
            for name, cron in sorted(self.crons.items()):
                if known.get(name) != cron:
                    session.execute(_schedule(session, name, cron, _next(cron, now)))

    def promise_crons(self) -> None:
        """Promise what is due; whoever moves the next time on, promises."""
        if not self.crons:
            return
        now = self.database.now()
        due = select(JobSchedule).where(JobSchedule.next_at <= now, JobSchedule.name.in_(self.crons))
        with self.database.reading() as session:
            rows = list(session.scalars(due))
        for row in rows:
            moved = (
                update(JobSchedule)
                .where(JobSchedule.name == row.name, JobSchedule.next_at == row.next_at)
                .values(next_at=_next(row.cron, now))
                .returning(JobSchedule.name)
            )
            with self.database.transaction() as session:
                if session.execute(moved).first():
                    before_commit(session, self.write, Promise.of(row.name, f"cron:{row.name}", ()))

    def dead_letters(self) -> list[DeadLetter]:
        """Jobs that failed for the last time, the oldest first."""
        with self.database.reading() as session:
            return [
                DeadLetter(
                    row.id,
                    row.name,
                    row.key,
                    tuple(json.loads(row.args)),
                    row.attempts,
                    row.error or "",
                    row.died_at or row.due_at,
                )
                for row in session.scalars(select(JobRow).where(DEAD).order_by(JobRow.died_at, JobRow.id))
            ]

    def rerun(self, id: int) -> bool:
        """Promise a dead job anew; False when there is no such dead letter."""
        taken = delete(JobRow).where(DEAD, JobRow.id == id).returning(JobRow.name, JobRow.key, JobRow.args)
        with self.database.transaction() as session:
            row = session.execute(taken).first()
            if row is not None:
                before_commit(session, self.write, Promise(row.name, row.key, row.args))
        return row is not None


def dead_row(promise: Promise, attempts: int, error: str, now: dt.datetime) -> Any:
    """The statement that keeps a job as a dead letter."""
    return insert(JobRow).values(
        name=promise.name,
        key=promise.key,
        args=promise.args,
        state="dead",
        fold=promise.fold,
        slot=0,
        due_at=now,
        attempts=attempts,
        error=error,
        died_at=now,
    )


def _schedule(session: Session, name: str, cron: str, next_at: dt.datetime) -> Any:
    # Workers start together: whoever comes second must not fail.
    insert_for = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert_for(JobSchedule).values(name=name, cron=cron, next_at=next_at)
    return row.on_conflict_do_update(
        index_elements=["name"], set_={"cron": row.excluded.cron, "next_at": row.excluded.next_at}
    )


def _next(cron: str, after: dt.datetime) -> dt.datetime:
    return next(CronSim(cron, after))
