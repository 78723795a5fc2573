"""Handlers that leave traces, and the worker process that runs them: ``python -m tests.jobs.crew URL``."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import threading
import time

from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select

from hub.core.database import Database
from hub.core.jobs import Job, Jobs

LEASE = dt.timedelta(seconds=1.5)
METADATA = MetaData()
TRACES = Table(
    "traces",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("what", String(40)),
    Column("key", String(40)),
    Column("arg", String(40)),
    Column("attempt", Integer),
    Column("pid", Integer),
)


def trace(job: Job, what: str) -> None:
    """Leave a trace in a transaction of its own, while the job is ours."""
    with job.transaction() as session:
        session.execute(insert(TRACES).values(**_values(job, what)))


def finish(job: Job, what: str = "done") -> None:
    """Leave a trace together with the job's end."""
    with job.finish() as session:
        session.execute(insert(TRACES).values(**_values(job, what)))


def _values(job: Job, what: str) -> dict[str, object]:
    arg = str(job.args[0]) if job.args else ""
    return {"what": what, "key": job.key, "arg": arg, "attempt": job.attempt, "pid": os.getpid()}


def traces(database: Database, what: str = "done") -> list[tuple[str, str, int]]:
    """(key, arg, attempt) of each trace, in the order in which they were left."""
    wanted = select(TRACES.c.key, TRACES.c.arg, TRACES.c.attempt).where(TRACES.c.what == what)
    with database.reading() as session:
        return [(key, arg, attempt) for key, arg, attempt in session.execute(wanted.order_by(TRACES.c.id))]


def count(database: Database, what: str = "done") -> int:
    """How many such traces there are."""
    with database.reading() as session:
        return session.scalar(select(func.count()).where(TRACES.c.what == what)) or 0


def has_more(database: Database, what: str, than: int) -> bool:
    """Whether there are more such traces than there were."""
    return count(database, what) > than


def pids(database: Database, what: str) -> list[int]:
    """Which processes left such traces."""
    with database.reading() as session:
        return list(session.scalars(select(TRACES.c.pid).where(TRACES.c.what == what).order_by(TRACES.c.id)))


def register(jobs: Jobs) -> None:
    """The handlers every worker of these tests knows."""
    jobs.handler("note")(finish)

    @jobs.handler("step")
    def step(job: Job) -> None:
        trace(job, "begin")
        time.sleep(0.005)
        finish(job, "end")

    @jobs.handler("hang_once")
    def hang_once(job: Job) -> None:
        """Its first attempt waits to be killed before it has finished."""
        trace(job, "begin")
        if job.attempt == 1:
            time.sleep(60)
        finish(job)

    @jobs.handler("die_inside")
    def die_inside(job: Job) -> None:
        """Its first attempt dies with its last transaction open and written to."""
        trace(job, "begin")
        with job.finish() as session:
            session.execute(insert(TRACES).values(**_values(job, "done")))
            if job.attempt == 1:
                os.kill(os.getpid(), signal.SIGKILL)

    @jobs.handler("sleep_once")
    def sleep_once(job: Job) -> None:
        """Its first attempt is stopped between two transactions."""
        trace(job, "begin")
        if job.attempt == 1:
            time.sleep(1)
        finish(job)

    @jobs.handler("poison", attempts=2)
    def poison(job: Job) -> None:
        trace(job, "begin")
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str) -> None:
    """Work until killed or asked to stop."""
    database = Database(url)
    jobs = Jobs(database, lease=LEASE)
    register(jobs)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    jobs.run_workers(3, stop)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1])
