"""Workers for the tests of background work: in threads, and as processes that may be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from hub.core.database import Database
from hub.core.jobs import Jobs
from tests.jobs import crew

ROOT = Path(__file__).parents[2]
Working = Callable[..., AbstractContextManager[None]]
Hire = Callable[[], "subprocess.Popen[bytes]"]


def wait_until(true: Callable[[], object], seconds: float = 40) -> None:
    """Wait for something to become true; the limit only ends a hopeless test."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def jobs(database: Database) -> Jobs:
    """The door of this test's database, with a table for traces."""
    crew.METADATA.create_all(database.writer_engine)
    jobs = Jobs(database, lease=crew.LEASE)
    crew.register(jobs)
    return jobs


@pytest.fixture
def working() -> Working:
    """``with working(jobs):`` runs workers in a thread of this process."""

    @contextmanager
    def work(*doors: Jobs, n: int = 4) -> Iterator[None]:
        stop = threading.Event()
        threads = [threading.Thread(target=door.run_workers, args=(n, stop)) for door in doors]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    return work


@pytest.fixture
def hire(database_url: str) -> Iterator[Hire]:
    """Start a worker process; whoever is left at the end is killed."""
    hired: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.jobs.crew", database_url]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        hired.append(subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL))
        return hired[-1]

    yield start
    for process in hired:
        process.kill()
        process.wait()
