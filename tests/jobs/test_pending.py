"""Whether a job waits or runs: what a progress row asks."""

from __future__ import annotations

import datetime as dt
import threading

from hub.core.database import Database
from hub.core.jobs import Job, Jobs, promise


def test_a_job_is_pending_until_it_is_done(database: Database) -> None:
    jobs, seen, stop = Jobs(database), list[bool](), threading.Event()

    @jobs.handler("look")
    def look(job: Job) -> None:
        seen.append(jobs.is_pending("look", "thing:1"))
        stop.set()

    assert not jobs.is_pending("look", "thing:1")
    with database.transaction() as session:
        promise(session, "look", "thing:1", 1)
    assert jobs.is_pending("look", "thing:1")
    assert not jobs.is_pending("look", "thing:2")
    assert not jobs.is_pending("other", "thing:1")
    jobs.run_workers(1, stop)
    assert seen == [True]
    assert not jobs.is_pending("look", "thing:1")


def test_a_job_that_waits_for_its_time_is_pending(database: Database) -> None:
    jobs = Jobs(database)
    with database.transaction() as session:
        promise(session, "look", "thing:1", 1, after=dt.timedelta(hours=1))
    assert jobs.is_pending("look", "thing:1")
