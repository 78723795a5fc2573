"""Work at set times: promised once, however many workers there are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from cronsim import CronSimError
from sqlalchemy import select

from hub.core.database import Database
from hub.core.jobs import Jobs
from hub.core.jobs.models import JobSchedule
from tests.conftest import SettableClock
from tests.jobs import crew
from tests.jobs.conftest import Working, wait_until


def schedule(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(JobSchedule.cron)))


def test_two_workers_promise_a_cron_once(
    jobs: Jobs,
    database: Database,
    database_url: str,
    open_database: Callable[..., Database],
    working: Working,
    clock: SettableClock,
) -> None:
    database.clock = clock
    other = Jobs(open_database(database_url, clock), lease=crew.LEASE)
    crew.register(other)
    for door in (jobs, other):
        door.every("0 * * * *", "note")
    with working(jobs, other):
        wait_until(lambda: schedule(database) == ["0 * * * *"])
        for hour in range(3):
            clock.advance(hours=1)
            wait_until(partial(crew.has_more, database, "done", hour))
            clock.advance(minutes=3)
        clock.advance(hours=5)  # what was missed is made up for once, not five times
        wait_until(lambda: crew.count(database) == 4)
        clock.advance(minutes=1)
    assert crew.traces(database) == [("cron:note", "", 1)] * 4
    assert jobs.waiting_count() == 0


def test_a_changed_cron_takes_effect_at_the_next_start(
    jobs: Jobs, database: Database, working: Working, clock: SettableClock
) -> None:
    database.clock = clock
    jobs.every("0 0 1 1 *", "note")
    with working(jobs):
        wait_until(lambda: schedule(database) == ["0 0 1 1 *"])
    jobs.every("*/5 * * * *", "note")
    with working(jobs):
        wait_until(lambda: schedule(database) == ["*/5 * * * *"])
        clock.advance(minutes=6)
        wait_until(lambda: crew.count(database) == 1)


def test_a_wrong_cron_is_refused_at_once(jobs: Jobs) -> None:
    with pytest.raises(CronSimError):
        jobs.every("61 * * * *", "note")
