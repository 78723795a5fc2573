"""Workers that are killed with SIGKILL, as processes: nothing is lost and nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from functools import partial

import pytest

from hub.core.database import Database
from hub.core.jobs import Jobs, promise
from tests.jobs import crew
from tests.jobs.conftest import Hire, wait_until

# Both engines; what differs between versions of PostgreSQL is not how a process dies.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgres18"], indirect=True)


def promise_one(database: Database, name: str) -> None:
    with database.transaction() as session:
        promise(session, name, "request:1", "a")


def begun(database: Database, times: int = 1) -> None:
    wait_until(lambda: crew.count(database, "begin") >= times)


def test_a_killed_job_runs_again_in_the_same_place(jobs: Jobs, database: Database, hire: Hire) -> None:
    promise_one(database, "hang_once")
    worker = hire()
    begun(database)
    worker.kill()
    worker.wait()
    hire()
    wait_until(lambda: crew.count(database))
    assert crew.traces(database) == [("request:1", "a", 2)]


def test_a_killed_job_runs_again_at_another_worker(jobs: Jobs, database: Database, hire: Hire) -> None:
    promise_one(database, "hang_once")
    workers = {worker.pid: worker for worker in (hire(), hire())}
    begun(database)
    [first] = crew.pids(database, "begin")
    workers[first].kill()
    wait_until(lambda: crew.count(database))
    [second] = crew.pids(database, "done")
    assert second in workers and second != first
    assert crew.traces(database) == [("request:1", "a", 2)]


def test_a_machine_that_is_gone_and_comes_back_changes_nothing(
    jobs: Jobs, database: Database, hire: Hire
) -> None:
    promise_one(database, "sleep_once")
    gone = hire()
    begun(database)
    os.kill(gone.pid, signal.SIGSTOP)
    hire()
    wait_until(lambda: crew.count(database))
    os.kill(gone.pid, signal.SIGCONT)
    # It still works, for it takes the next job when the other one has left.
    promise_one(database, "note")
    wait_until(lambda: crew.count(database) == 2)
    gone.send_signal(signal.SIGTERM)
    assert gone.wait(40) == 0
    assert crew.traces(database) == [("request:1", "a", 2), ("request:1", "a", 1)]
    assert crew.pids(database, "done")[0] != gone.pid
    assert jobs.waiting_count() == 0 and jobs.dead_letters() == []


def test_an_effect_and_the_end_are_one(jobs: Jobs, database: Database, hire: Hire) -> None:
    promise_one(database, "die_inside")
    assert hire().wait(40) == -signal.SIGKILL
    assert crew.count(database) == 0
    hire()
    wait_until(lambda: crew.count(database))
    assert crew.traces(database) == [("request:1", "a", 2)]


def test_a_job_that_kills_its_worker_is_buried(jobs: Jobs, database: Database, hire: Hire) -> None:
    promise_one(database, "poison")
    promise_one(database, "note")
    for _ in range(2):
        assert hire().wait(40) == -signal.SIGKILL
    worker = hire()
    wait_until(lambda: crew.count(database))
    assert worker.poll() is None
    [letter] = jobs.dead_letters()
    assert (letter.name, letter.attempts) == ("poison", 2)
    assert "the worker died" in letter.error
    assert crew.count(database, "begin") == 2


@pytest.mark.timeout(120)
def test_nothing_is_lost_and_nothing_doubled_in_a_storm_of_kills(
    jobs: Jobs, database: Database, hire: Hire, record_property: Callable[[str, object], None]
) -> None:
    many, keys = 240, 24
    order = random.Random(7)
    workers = [hire(), hire()]
    kills = 0
    for n in range(many):
        with database.transaction() as session:
            promise(session, "step", f"request:{n % keys}", n)
        if n % 60 == 40:
            # Wherever it is: starting, working, or idle.
            victim = order.randrange(2)
            done_before = crew.count(database, "end")
            wait_until(partial(crew.has_more, database, "end", done_before))
            workers[victim].kill()
            workers[victim].wait()
            workers[victim] = hire()
            kills += 1
            time.sleep(0.3)
    wait_until(lambda: jobs.waiting_count() == 0 and crew.count(database, "end") >= many, 90)
    done = [int(arg) for _, arg, _ in crew.traces(database, "end")]
    again = sum(attempt > 1 for _, _, attempt in crew.traces(database, "end"))
    twice = len(done) - len(set(done))
    counted = f"{many} jobs, {kills} kills: {len(done)} done, {again} run again, {twice} twice"
    record_property("counted", counted)
    assert sorted(done) == list(range(many))
    assert jobs.dead_letters() == []
