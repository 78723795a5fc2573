"""The gate before every call: a budget that all processes share, and pauses the far side asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from hub.core.connections import manage
from hub.core.connections.gate import COUNTED, Budget, Gate, calls_left
from hub.core.connections.models import CallLease, Connection
from hub.core.database import Database
from hub.core.values import Held
from tests.conftest import SettableClock

Gates = Callable[..., list[Gate]]


@pytest.fixture
def connection_id(database: Database, clock: SettableClock) -> int:
    """A connection at the test's clock."""
    database.clock = clock
    with database.transaction() as session:
        row = Connection(name="t", family="tracker", kind="t", slug="t")
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def gates(
    database: Database,
    database_url: str,
    open_database: Callable[..., Database],
    clock: SettableClock,
    connection_id: int,
) -> Iterator[Gates]:
    """The gates of several processes before one connection."""

    def make(count: int, budget: Budget | None = None) -> list[Gate]:
        return [Gate(open_database(database_url, clock), connection_id, budget) for _ in range(count)]

    return make


def passed(gate: Gate) -> bool:
    """Whether a call may go."""
    try:
        gate.pass_through()
    except Held:
        return False
    return True


def test_no_span_of_time_sees_more_calls_than_the_budget(gates: Gates, clock: SettableClock) -> None:
    budget = Budget(60, 30, "k")
    processes = gates(3, budget)
    start, made = clock.at, []
    for tick in range(400):
        clock.set(start + dt.timedelta(seconds=tick * 0.3))
        made += [clock.at for gate in processes if passed(gate)]
    for begin in made:
        assert sum(begin <= at < begin + dt.timedelta(seconds=30) for at in made) <= 60
    # In 120 s the budget is 240; what is lost is the margin, and leases that were not used up.
    assert len(made) > 150


def test_threads_and_processes_at_the_same_moment_take_no_more_than_there_is(
    gates: Gates, database: Database
) -> None:
    processes = gates(2, Budget(50, 60, "k"))
    with ThreadPoolExecutor(8) as pool:
        went = list(pool.map(lambda number: passed(processes[number % 2]), range(120)))
    assert sum(went) == 50
    with database.reading() as session:
        assert session.scalar(select(func.sum(CallLease.calls))) == 50


def test_says_when_there_will_be_calls_again(gates: Gates, clock: SettableClock) -> None:
    (gate,) = gates(1, Budget(2, 10, "k"))
    assert passed(gate) and passed(gate)
    clock.advance(seconds=4)
    with pytest.raises(Held) as held:
        gate.pass_through()
    assert held.value.after == dt.timedelta(seconds=6) + COUNTED
    clock.advance(seconds=8)
    assert passed(gate)


def test_what_is_left_of_a_lease_is_not_used_late(gates: Gates, clock: SettableClock) -> None:
    (gate,) = gates(1, Budget(40, 10, "k"))
    assert passed(gate)
    clock.advance(seconds=9)
    assert sum(passed(gate) for _ in range(60)) == 38, "one call of the first lease is lost, none is late"


def test_forgotten_leases_leave_no_rows(gates: Gates, clock: SettableClock, database: Database) -> None:
    (gate,) = gates(1, Budget(5, 10, "k"))
    for _ in range(20):
        passed(gate)
        clock.advance(seconds=5)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CallLease)) <= 5


def test_a_pause_holds_for_every_process_until_it_is_over(
    gates: Gates, clock: SettableClock, database: Database, connection_id: int
) -> None:
    processes = gates(2)
    assert all(map(passed, processes))
    with database.transaction() as session:
        manage.failed(session, clock.at, connection_id, "429", after=dt.timedelta(seconds=90))
        manage.failed(session, clock.at, connection_id, "429", after=dt.timedelta(seconds=30))
    assert not any(map(passed, processes))
    clock.advance(seconds=89)
    with pytest.raises(Held) as held:
        processes[1].pass_through()
    assert held.value.after == dt.timedelta(seconds=1)
    clock.advance(seconds=1)
    assert all(map(passed, processes))


def test_after_a_rest_one_may_try_and_the_others_wait(
    database: Database,
    database_url: str,
    open_database: Callable[..., Database],
    clock: SettableClock,
    connection_id: int,
) -> None:
    rest = clock.at + dt.timedelta(minutes=5)
    for failures in range(1, manage.BREAKER_AFTER + 1):
        assert manage.may_try(database, connection_id), f"after {failures - 1} failures"
        with database.transaction() as session:
            manage.failed(session, clock.at, connection_id, "no answer", rest_until=rest)
    processes = [database, *(open_database(database_url, clock) for _ in range(3))]

    def tries() -> list[bool]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda process: manage.may_try(process, connection_id), processes))

    assert sum(tries()) == 0, "it rests"
    clock.set(rest)
    assert sum(tries()) == 1
    clock.advance(seconds=manage.TRIAL.total_seconds())
    assert sum(tries()) == 1, "the first one died while it tried"
    with database.transaction() as session:
        manage.worked(session, clock.at, connection_id)
    assert sum(tries()) == 4


def test_what_is_left_is_what_no_process_has_taken(
    gates: Gates, database: Database, clock: SettableClock
) -> None:
    budget = Budget(60, 30, "k")

    def left() -> int:
        with database.reading() as session:
            return calls_left(session, clock.now(), budget)

    assert left() == 60
    one, two = gates(2, budget)
    assert passed(one)
    assert passed(two)
    # Each has taken a lease of three, though it has made one call so far.
    assert left() == 54
    while passed(one):
        clock.advance(seconds=0.01)
    assert left() == 0
    clock.advance(seconds=30 + COUNTED.total_seconds())
    assert left() == 60
