"""Jobs that fail: tried again, kept as dead letters, and never half-owned."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import insert, text

from hub.core.database import Database
from hub.core.jobs import Job, Jobs, LeaseLost, promise
from hub.core.jobs.values import default_backoff
from tests.conftest import SettableClock
from tests.jobs import crew
from tests.jobs.conftest import Working, wait_until


def soon(_attempt: int) -> dt.timedelta:
    return dt.timedelta(milliseconds=20)


def promise_one(database: Database, name: str, *args: object) -> None:
    with database.transaction() as session:
        promise(session, name, "request:1", *args)


def test_is_tried_again_with_its_attempt_counted(jobs: Jobs, database: Database, working: Working) -> None:
    asked: list[int] = []

    def backoff(attempt: int) -> dt.timedelta:
        asked.append(attempt)
        return soon(attempt)

    @jobs.handler("third_time_lucky", backoff=backoff)
    def third_time_lucky(job: Job) -> None:
        crew.trace(job, "begin")
        if job.attempt < 3:
            raise ValueError("not yet")
        crew.finish(job)

    with working(jobs):
        promise_one(database, "third_time_lucky", "a")
        wait_until(lambda: crew.count(database) == 1)
    assert [attempt for _, _, attempt in crew.traces(database, "begin")] == [1, 2, 3]
    assert asked == [1, 2]
    assert jobs.dead_letters() == []


def test_waits_longer_each_time() -> None:
    waits = [default_backoff(attempt) for attempt in range(1, 8)]
    assert waits == sorted(waits)
    assert waits[0] == dt.timedelta(seconds=4)
    assert waits[-1] == dt.timedelta(minutes=15)


def test_a_failing_job_does_not_hold_up_its_key(jobs: Jobs, database: Database, working: Working) -> None:
    @jobs.handler("hopeless", backoff=lambda _: dt.timedelta(hours=1))
    def hopeless(job: Job) -> None:
        crew.trace(job, "begin")
        raise ValueError("no")

    with working(jobs):
        promise_one(database, "hopeless")
        promise_one(database, "note", "next")
        wait_until(lambda: crew.count(database) == 1)
    assert crew.count(database, "begin") == 1
    assert jobs.waiting_count() == 1


def test_what_a_failing_transaction_wrote_is_undone(jobs: Jobs, database: Database, working: Working) -> None:
    @jobs.handler("half", attempts=1)
    def half(job: Job) -> None:
        with job.finish() as session:
            session.execute(insert(crew.TRACES).values(what="done", key=job.key))
            promise(session, "note", job.key, "never")
            raise ValueError("half way")

    with working(jobs):
        promise_one(database, "half")
        wait_until(jobs.dead_letters)
    assert crew.count(database) == 0
    assert jobs.waiting_count() == 0


def test_the_last_failure_makes_a_dead_letter_that_can_be_run_again(
    jobs: Jobs, database: Database, working: Working
) -> None:
    healed: list[bool] = []

    @jobs.handler("fragile", attempts=2, backoff=soon)
    def fragile(job: Job) -> None:
        crew.trace(job, "begin")
        if not healed:
            raise ValueError("the far side is broken")
        crew.finish(job)

    with working(jobs):
        promise_one(database, "fragile", "a", 2)
        wait_until(jobs.dead_letters)
        [letter] = jobs.dead_letters()
        assert (letter.name, letter.key, letter.args) == ("fragile", "request:1", ("a", 2))
        assert letter.attempts == 2
        assert "ValueError: the far side is broken" in letter.error
        assert letter.died_at <= database.now()
        assert jobs.rerun(letter.id)
        wait_until(lambda: crew.count(database, "begin") == 4 and jobs.dead_letters())
        healed.append(True)
        [again] = jobs.dead_letters()
        assert jobs.rerun(again.id)
        assert not jobs.rerun(again.id)
        wait_until(lambda: crew.count(database) == 1)
    assert [attempt for _, _, attempt in crew.traces(database, "begin")] == [1, 2, 1, 2, 1]
    assert jobs.dead_letters() == []


def test_a_name_without_a_handler_ends_as_a_dead_letter(
    jobs: Jobs, database: Database, working: Working, clock: SettableClock
) -> None:
    database.clock = clock
    with working(jobs):
        promise_one(database, "nobody")

        def later() -> bool:
            clock.advance(minutes=1)
            return bool(jobs.dead_letters())

        wait_until(later)
    assert jobs.dead_letters()[0].attempts == 5
    assert "no handler named 'nobody'" in jobs.dead_letters()[0].error


def test_an_error_after_the_finish_changes_nothing(jobs: Jobs, database: Database, working: Working) -> None:
    @jobs.handler("clumsy", backoff=soon)
    def clumsy(job: Job) -> None:
        crew.finish(job)
        raise ValueError("too late to matter")

    with working(jobs):
        promise_one(database, "clumsy")
        promise_one(database, "note", "after it")
        wait_until(lambda: crew.count(database) == 2)
    assert jobs.waiting_count() == 0
    assert jobs.dead_letters() == []


def test_two_handlers_of_one_name_are_refused(jobs: Jobs) -> None:
    with pytest.raises(ValueError, match="note"):
        jobs.handler("note")(crew.finish)


def test_a_lost_lease_cannot_commit(jobs: Jobs, database: Database, working: Working) -> None:
    lost: list[str] = []

    @jobs.handler("overtaken", attempts=3, backoff=soon)
    def overtaken(job: Job) -> None:
        if job.attempt > 1:
            return crew.finish(job)
        with database.transaction() as session:
            session.execute(
                text(
                    "UPDATE jobs SET holder = 'another worker' WHERE state = 'running'"
                    if database.is_sqlite
                    else "UPDATE procrastinate_jobs SET worker_id = NULL WHERE status = 'doing'"
                )
            )
        for transaction in (job.transaction, job.finish):
            try:
                with transaction() as session:
                    session.execute(insert(crew.TRACES).values(what="stolen", key=job.key))
            except LeaseLost:
                lost.append(transaction.__name__)
        raise ValueError("and its failure is not written down either")

    with working(jobs):
        promise_one(database, "overtaken")
        wait_until(lambda: crew.count(database) == 1)
    assert lost == ["transaction", "finish"]
    assert crew.count(database, "stolen") == 0
    assert jobs.dead_letters() == []
