"""Attempts are counted once for all processes, in windows that begin with the first one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hub.core import attempts
from hub.core.database import Database
from tests.conftest import SettableClock

MINUTE = dt.timedelta(minutes=1)


def test_two_processes_count_as_one(
    database: Database, database_url: str, open_database: Callable[..., Database], clock: SettableClock
) -> None:
    processes = [database, open_database(database_url, clock)]
    for process in processes:
        process.clock = clock
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda n: attempts.count_one(processes[n % 2], "sign-in", MINUTE), range(30)))
    assert sorted(numbers) == list(range(1, 31))
    assert attempts.counted(database, "sign-in") == (30, clock.at + MINUTE)


def test_a_window_ends_a_minute_after_its_first_attempt(database: Database, clock: SettableClock) -> None:
    database.clock = clock
    assert attempts.count_one(database, "a", MINUTE) == 1
    clock.advance(seconds=59)
    assert attempts.count_one(database, "a", MINUTE) == 2
    clock.advance(seconds=1)
    assert attempts.counted(database, "a") == (0, clock.at)
    assert attempts.count_one(database, "a", MINUTE) == 1


def test_ended_windows_and_chosen_keys_are_forgotten(database: Database, clock: SettableClock) -> None:
    database.clock = clock
    for key in "abc":
        attempts.count_one(database, key, MINUTE)
    attempts.forget_key(database, "a")
    assert attempts.counted(database, "a")[0] == 0
    assert attempts.forget_ended(database) == 0
    clock.advance(minutes=2)
    assert attempts.forget_ended(database) == 2
