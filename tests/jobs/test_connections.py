"""Connections that are nested or leaked end in an error, not in a standstill."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import TimeoutError

from hub.core.database import Database, after_commit
from hub.core.jobs import Jobs, promise
from tests.jobs import crew
from tests.jobs.conftest import Working, wait_until


def test_a_nested_transaction_is_refused(jobs: Jobs, database: Database) -> None:
    with database.transaction() as outer:
        with pytest.raises(RuntimeError, match="already open"), database.transaction():
            pass
        promise(outer, "note", "request:1")
    assert jobs.waiting_count() == 1
    assert database.checked_out() == 0


def test_reading_inside_a_transaction_does_not_hang(jobs: Jobs, database: Database) -> None:
    with database.transaction() as session:
        promise(session, "note", "request:1")
        assert crew.count(database) == 0


def test_workers_survive_a_leaked_writer(
    jobs: Jobs, database_url: str, open_database: Callable[..., Database], working: Working
) -> None:
    tight = open_database(database_url, pool_size=1, pool_timeout=0.2)
    door = Jobs(tight, lease=crew.LEASE)
    crew.register(door)
    with tight.transaction() as session:
        promise(session, "note", "request:1")
    leaked = [tight.writer_engine.connect() for _ in range(1 if tight.is_sqlite else 2)]
    for connection in leaked:
        connection.exec_driver_sql("SELECT 1")
    with pytest.raises(TimeoutError), tight.transaction() as session:
        session.connection()
    with working(door):
        with pytest.raises(TimeoutError), tight.transaction() as session:
            session.connection()
        for connection in leaked:
            connection.close()
        wait_until(lambda: crew.count(tight) == 1)
    assert tight.checked_out() == 0


def test_after_commit_is_called_once_and_never_after_a_rollback(database: Database) -> None:
    called: list[str] = []
    with database.transaction() as session:
        after_commit(session, lambda: called.append("outer"))
        with session.begin_nested():
            after_commit(session, lambda: called.append("good"))
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            after_commit(session, lambda: called.append("bad"))
            raise ZeroDivisionError
        assert called == []
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        after_commit(session, lambda: called.append("never"))
        raise ZeroDivisionError
    assert called == ["outer", "good"]
