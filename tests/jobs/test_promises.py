"""What a promise keeps: with its transaction, once while it waits, in order within its key."""

from __future__ import annotations

import datetime as dt
import random
import threading

import pytest

from hub.core.database import Database
from hub.core.jobs import Job, Jobs, hasten, promise
from tests.conftest import SettableClock
from tests.jobs import crew
from tests.jobs.conftest import Hire, Working, wait_until


def test_is_kept_after_the_commit(jobs: Jobs, database: Database, working: Working) -> None:
    with working(jobs):
        with database.transaction() as session:
            promise(session, "note", "request:1", "a", 2, None)
        wait_until(lambda: crew.traces(database) == [("request:1", "a", 1)])
    assert jobs.waiting_count() == 0


def test_a_rollback_never_runs(jobs: Jobs, database: Database, working: Working) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        promise(session, "note", "request:1", "rolled back")
        raise ZeroDivisionError
    assert jobs.waiting_count() == 0
    with database.transaction() as session:
        promise(session, "note", "request:1", "kept")
    with working(jobs):
        wait_until(lambda: crew.count(database))
    assert crew.traces(database) == [("request:1", "kept", 1)]


def test_what_waits_for_its_time_can_be_brought_forward(
    jobs: Jobs, database: Database, working: Working
) -> None:
    later = dt.timedelta(hours=1)
    with database.transaction() as session:
        for arg in ("a", "b", "c"):
            promise(session, "note", "request:1", arg, after=later)
    with database.transaction() as session:
        for n, arg in enumerate(("b", "a", "nobody promised this")):
            hasten(session, "note", "request:1", arg, after=n * dt.timedelta(microseconds=1))
    with working(jobs):
        wait_until(lambda: crew.count(database) == 2)
        with database.transaction() as session:
            promise(session, "note", "request:1", "a", after=later)  # its own time is free again
        wait_until(lambda: jobs.waiting_count() == 2)
    assert crew.traces(database) == [("request:1", "b", 1), ("request:1", "a", 1)]


def test_a_savepoint_that_is_rolled_back_takes_its_promises_along(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        promise(session, "note", "request:1", "before")
        with session.begin_nested():
            promise(session, "note", "request:1", "in a good one")
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            promise(session, "note", "request:1", "in a bad one")
            raise ZeroDivisionError
        promise(session, "note", "request:1", "after")
    assert jobs.waiting_count() == 3


def test_a_reading_session_cannot_promise(jobs: Jobs, database: Database) -> None:
    with database.reading() as session, pytest.raises(RuntimeError, match="never commits"):
        promise(session, "note", "request:1")


def test_folds_what_already_waits(jobs: Jobs, database: Database, working: Working) -> None:
    for _ in range(3):
        with database.transaction() as session:
            promise(session, "note", "request:1", "a")
            promise(session, "note", "request:1", "a")
            promise(session, "note", "request:1", "b")
            promise(session, "note", "request:2", "a")
    assert jobs.waiting_count() == 3
    with working(jobs):
        wait_until(lambda: jobs.waiting_count() == 0 and crew.count(database) == 3)
    assert sorted(crew.traces(database)) == [
        ("request:1", "a", 1),
        ("request:1", "b", 1),
        ("request:2", "a", 1),
    ]


def test_does_not_fold_into_what_already_runs(jobs: Jobs, database: Database, working: Working) -> None:
    running, go_on = threading.Event(), threading.Event()

    @jobs.handler("look")
    def look(job: Job) -> None:
        running.set()
        assert go_on.wait(30)
        crew.finish(job)

    with working(jobs):
        for _ in range(2):
            with database.transaction() as session:
                promise(session, "look", "request:1")
            assert running.wait(30)
        assert jobs.waiting_count() == 1
        go_on.set()
        wait_until(lambda: crew.count(database) == 2)


def test_different_keys_run_at_the_same_time(jobs: Jobs, database: Database, working: Working) -> None:
    together = threading.Barrier(3)

    @jobs.handler("meet")
    def meet(job: Job) -> None:
        together.wait(30)
        crew.finish(job)

    with working(jobs):
        with database.transaction() as session:
            for n in range(3):
                promise(session, "meet", f"request:{n}")
        wait_until(lambda: crew.count(database) == 3)


def test_keeps_the_order_within_a_key_over_two_processes(jobs: Jobs, database: Database, hire: Hire) -> None:
    keys, steps = 4, 8
    for n in range(steps):
        with database.transaction() as session:
            for key in range(keys):
                promise(session, "step", f"request:{key}", 2 * n)
                promise(session, "step", f"request:{key}", 2 * n + 1)
    hire()
    hire()
    wait_until(lambda: crew.count(database, "end") == 2 * keys * steps)
    for what in ("begin", "end"):
        for key in range(keys):
            args = [int(arg) for name, arg, _ in crew.traces(database, what) if name == f"request:{key}"]
            assert args == list(range(2 * steps))


def test_waits_for_its_time_without_holding_up_its_key(
    jobs: Jobs, database: Database, working: Working, clock: SettableClock
) -> None:
    database.clock = clock
    with database.transaction() as session:
        promise(session, "note", "request:1", "later", after=dt.timedelta(hours=1))
        promise(session, "note", "request:1", "now")
    with working(jobs):
        wait_until(lambda: crew.count(database) == 1)
        assert crew.traces(database) == [("request:1", "now", 1)]
        assert jobs.waiting_count() == 1
        clock.advance(minutes=59)
        with database.transaction() as session:
            promise(session, "note", "request:1", "still waiting")
        wait_until(lambda: crew.count(database) == 2)
        assert jobs.waiting_count() == 1
        clock.advance(minutes=1, seconds=1)
        wait_until(lambda: crew.count(database) == 3)
    assert [arg for _, arg, _ in crew.traces(database)] == ["now", "still waiting", "later"]


def test_a_wake_up_is_not_lost_by_folding(jobs: Jobs, database: Database, clock: SettableClock) -> None:
    database.clock = clock
    for _ in range(2):
        with database.transaction() as session:
            promise(session, "note", "request:1", after=dt.timedelta(hours=2))
            promise(session, "note", "request:1", after=dt.timedelta(hours=1))
            promise(session, "note", "request:1")
    assert jobs.waiting_count() == 3


def test_promises_of_many_keys_in_any_order_do_not_deadlock(
    jobs: Jobs, database: Database, working: Working
) -> None:
    rounds, threads, keys = 8, 4, 8
    failures: list[Exception] = []

    def promise_all(seed: int) -> None:
        order = random.Random(seed)
        try:
            for _ in range(rounds):
                with database.transaction() as session:
                    for key in order.sample(range(keys), keys):
                        promise(session, "note", f"request:{key}", "same")
        except Exception as error:
            failures.append(error)

    with working(jobs, n=2):
        crowd = [threading.Thread(target=promise_all, args=(seed,)) for seed in range(threads)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        wait_until(lambda: jobs.waiting_count() == 0)
        wait_until(lambda: len({key for key, _, _ in crew.traces(database)}) == keys)
    assert failures == []
    assert crew.count(database) <= rounds * threads * keys
