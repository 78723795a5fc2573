"""The only door to background work: promise, do, and see what died."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

from cronsim import CronSim
from sqlalchemy.orm import Session

from hub.core.database import Database, before_commit, database_of
from hub.core.jobs.engine import Engine
from hub.core.jobs.values import Backoff, DeadLetter, Handler, Job, LeaseLost, Promise, default_backoff

__all__ = ["DeadLetter", "Job", "Jobs", "LeaseLost", "hasten", "is_foreign_table", "pressed", "promise"]

LEASE = dt.timedelta(seconds=20)


def promise(session: Session, name: str, key: str, *args: Any, after: dt.timedelta | None = None) -> None:
    """Promise a job in the caller's transaction; folded when the same already waits.

    ``key`` (``request:12``) names what it works on: jobs of one key run one after another. Two
    delayed promises fold only when they are due at the same time, so that no wake-up is lost.
    """
    database = database_of(session)
    due_at = None if after is None else database.now() + after
    before_commit(session, _engine(database).write, Promise.of(name, key, args, due_at))


def hasten(session: Session, name: str, key: str, *args: Any, after: dt.timedelta = dt.timedelta(0)) -> None:
    """Let the same promise, where it waits for a later time, be due now or so soon after."""
    database = database_of(session)
    _engine(database).hasten(session, Promise.of(name, key, args), database.now() + after)


def pressed(database: Database, seconds: float) -> None:
    """What comes in from outside goes first: for these seconds, jobs run one at a time.

    Only where web and workers share one process and one writer (SQLite).
    """
    engine = _engine(database)
    engine.pressed_until = max(engine.pressed_until, time.monotonic() + seconds)


def is_foreign_table(name: str) -> bool:
    """Whether a table belongs to the queue of PostgreSQL, so that Alembic leaves it alone."""
    return name.startswith("procrastinate_")


class Jobs:
    """Background work of one database; the database chooses the engine."""

    def __init__(self, database: Database, *, lease: dt.timedelta = LEASE) -> None:
        """A worker that gives no sign for a ``lease`` is taken for dead."""
        self._engine = _engine(database)
        self._engine.lease = lease

    @property
    def engine(self) -> str:
        """``embedded`` or ``procrastinate``."""
        return self._engine.name

    def prepare(self) -> None:
        """Make or upgrade the tables that are not Alembic's."""
        self._engine.prepare()

    def handler(
        self, name: str, attempts: int = 5, backoff: Backoff = default_backoff
    ) -> Callable[[Callable[[Job], None]], Callable[[Job], None]]:
        """Name the function that does the jobs called ``name``."""

        def register(call: Callable[[Job], None]) -> Callable[[Job], None]:
            if name in self._engine.handlers:
                raise ValueError(f"two handlers are named {name!r}")
            self._engine.handlers[name] = Handler(call, attempts, backoff)
            return call

        return register

    def every(self, cron: str, name: str) -> None:
        """Promise ``name`` at the times of a cron expression, in UTC."""
        CronSim(cron, self._engine.database.now())
        self._engine.crons[name] = cron

    def run_workers(self, n: int, stop: threading.Event) -> None:
        """Run up to ``n`` jobs at a time; returns when stopped and the running ones are done."""
        self._engine.run(n, stop)

    def waiting_count(self) -> int:
        """How many jobs wait, for their time or for a worker."""
        return self._engine.waiting_count()

    def is_pending(self, name: str, key: str) -> bool:
        """Whether a job of this name and key waits or runs: what a progress row asks."""
        return self._engine.is_pending(name, key)

    def dead_letters(self) -> list[DeadLetter]:
        """Jobs that failed for the last time, the oldest first."""
        return self._engine.dead_letters()

    def rerun(self, id: int) -> bool:
        """Promise a dead job anew, with fresh attempts; False when there is no such dead letter."""
        return self._engine.rerun(id)


def _engine(database: Database) -> Engine:
    engine: Engine | None = database.info.get("jobs")
    if engine is None:
        engine = database.info["jobs"] = _choose(database)
    return engine


def _choose(database: Database) -> Engine:
    if database.is_sqlite:
        from hub.core.jobs.embedded import EmbeddedEngine

        return EmbeddedEngine(database, LEASE)
    try:
        # Only here, for `hub --help` and SQLite must not pay for it.
        from hub.core.jobs.distributed import DistributedEngine
    except ModuleNotFoundError as error:
        raise RuntimeError("PostgreSQL needs the extra: pip install 'service-hub[postgres]'") from error
    return DistributedEngine(database, LEASE)
