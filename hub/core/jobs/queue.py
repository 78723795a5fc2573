"""A job in Procrastinate's queue: how it is held, ended, given back and buried."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import psycopg
from procrastinate import PsycopgConnector, sql
from procrastinate.jobs import Job as QueueJob
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.core.jobs.engine import Engine, dead_row
from hub.core.jobs.models import JobRow
from hub.core.jobs.values import LeaseLost, Promise

TASK = "hub"
QUEUE = "hub"
DIED = "the worker died while it ran this job"
HELD = text(
    "SELECT 1 FROM procrastinate_jobs WHERE id = :id AND status = 'doing'"
    " AND attempts = :attempts AND worker_id IS NOT DISTINCT FROM :worker FOR UPDATE"
)
NOTIFY = """SELECT pg_notify('procrastinate_queue_v1#hub',
    json_build_object('type', 'job_inserted', 'job_id', id)::text)
    FROM procrastinate_jobs WHERE status = 'todo' AND """


@dataclass(frozen=True, slots=True)
class QueueHold:
    """A job Procrastinate gave to one of our workers."""

    engine: Engine
    job: QueueJob

    def check(self, session: Session) -> None:
        """Raise ``LeaseLost`` unless the job is still ours; then nobody frees it until the commit."""
        mine = {"id": self.job.id, "attempts": self.job.attempts, "worker": self.job.worker_id}
        if session.execute(HELD, mine).first() is None:
            raise LeaseLost

    def end(self, session: Session) -> None:
        """End it in this transaction: Procrastinate itself would do so after our commit."""
        arguments = {"job_id": self.job.id, "status": Status.SUCCEEDED.value, "delete_job": True}
        driver(session).execute(sql.queries["finish_job"], arguments)

    def put_back(self, session: Session, due_at: dt.datetime) -> None:
        """Let it wait outside the queue, where it does not hold up its key."""
        promise = promise_of(self.job)
        session.execute(
            insert(JobRow).values(
                name=promise.name,
                key=promise.key,
                args=promise.args,
                state="waiting",
                fold=promise.fold,
                slot=-(self.job.id or 0),
                due_at=due_at,
                attempts=promise.attempts + self.job.attempts + 1,
            )
        )
        self.end(session)

    def bury(self, session: Session, error: str) -> None:
        """Procrastinate keeps no error text: the dead letter is a row of ours."""
        promise = promise_of(self.job)
        attempts = promise.attempts + self.job.attempts + 1
        session.execute(dead_row(promise, attempts, error, self.engine.database.now()))
        self.end(session)

    def free(self, session: Session) -> None:
        """Give the job of a dead worker to another one, or bury it after its last attempt."""
        promise = promise_of(self.job)
        if promise.attempts + self.job.attempts + 1 >= self.engine.limit(promise.name):
            self.bury(session, DIED)
            return
        # With its fold it would clash with a twin that waits.
        unfold = "UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %(job_id)s"
        arguments = {
            "job_id": self.job.id,
            "retry_at": None,
            "new_priority": None,
            "new_queue_name": None,
            "new_lock": None,
        }
        driver(session).execute(unfold, arguments)
        driver(session).execute(sql.queries["retry_job"], arguments)


class Manager(JobManager):
    """Jobs are ended by their holder's transaction; here the rest of the key is woken."""

    def __init__(self, connector: PsycopgConnector) -> None:
        super().__init__(connector)
        self.adrift: list[QueueJob] = []

    async def finish_job(self, job: QueueJob, status: Status, delete_job: bool) -> None:
        """Wake whoever waits for this key; a job whose end could not be written is freed later."""
        if status is not Status.SUCCEEDED:
            self.adrift.append(job)
        await self.connector.execute_query_all_async(query=NOTIFY + "lock = %(lock)s LIMIT 1", lock=job.lock)


def queue_job(promise: Promise) -> QueueJob:
    """A promise in the queue's words."""
    values: dict[str, Any] = {
        "name": promise.name,
        "key": promise.key,
        "args": promise.args,
        "attempts": promise.attempts,
    }
    return QueueJob(
        queue=QUEUE, task_name=TASK, lock=promise.key, queueing_lock=promise.fold, task_kwargs=values
    )


def promise_of(job: QueueJob) -> Promise:
    """The promise that a job of the queue keeps."""
    values: dict[str, Any] = job.task_kwargs
    return Promise(**values)


def driver(session: Session) -> psycopg.Connection[Any]:
    """The driver's connection under a session, for statements that are the queue's own."""
    return session.connection().connection.driver_connection  # type: ignore[return-value]
