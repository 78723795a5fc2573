"""What passes through the door of background work: promises, jobs, handlers, dead letters."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from hub.core.database import EPOCH, Database

TENTH = dt.timedelta(milliseconds=100)


class LeaseLost(Exception):
    """The worker was thought dead and somebody else has its job: nothing it did is kept."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A job as it was promised; ``args`` is canonical JSON."""

    name: str
    key: str
    args: str
    due_at: dt.datetime | None = None
    attempts: int = 0

    @classmethod
    def of(cls, name: str, key: str, args: tuple[Any, ...], due_at: dt.datetime | None = None) -> Promise:
        """Make a promise of plain values; a due time is rounded up to a tenth of a second."""
        if due_at is not None:
            # Two promises of one tenth fold, and neither may wake before its time.
            due_at = EPOCH - ((EPOCH - due_at) // TENTH) * TENTH
        return cls(name, key, json.dumps(args, ensure_ascii=False, separators=(",", ":")), due_at)

    @property
    def fold(self) -> str:
        """The same for everything that is the same work."""
        text = "\0".join((self.name, self.key, self.args))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    @property
    def slot(self) -> int:
        """0 for at once, else the tenth of a second: only promises of one slot fold."""
        return 0 if self.due_at is None else (self.due_at - EPOCH) // TENTH


class Hold(Protocol):
    """A worker's grip on a running job."""

    def check(self, session: Session) -> None:
        """Raise ``LeaseLost`` unless the job is still ours until this session commits."""
        ...

    def end(self, session: Session) -> None:
        """The job is done."""
        ...

    def put_back(self, session: Session, due_at: dt.datetime) -> None:
        """Run it again, at ``due_at``."""
        ...

    def bury(self, session: Session, error: str) -> None:
        """Keep it as a dead letter."""
        ...


class Job:
    """A running job as its handler sees it."""

    def __init__(self, database: Database, promise: Promise, attempt: int, hold: Hold) -> None:
        """``attempt`` counts from 1."""
        self.name = promise.name
        self.key = promise.key
        self.args: tuple[Any, ...] = tuple(json.loads(promise.args))
        self.attempt = attempt
        self.finished = False
        self._database = database
        self._hold = hold

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose commit succeeds only while this worker still holds the job."""
        with self._database.transaction() as session:
            self._hold.check(session)
            yield session

    @contextmanager
    def finish(self) -> Iterator[Session]:
        """The last transaction: its effect and the job's end are committed together."""
        with self.transaction() as session:
            yield session
            self._hold.end(session)
        self.finished = True


Backoff = Callable[[int], dt.timedelta]


def default_backoff(attempt: int) -> dt.timedelta:
    """4 s, 16 s, 64 s … up to a quarter of an hour."""
    return dt.timedelta(seconds=min(4**attempt, 900))


@dataclass(frozen=True, slots=True)
class Handler:
    """Who does the jobs of one name, and how often it is tried."""

    call: Callable[[Job], None]
    attempts: int = 5
    backoff: Backoff = default_backoff


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that failed for the last time."""

    id: int
    name: str
    key: str
    args: tuple[Any, ...]
    attempts: int
    error: str
    died_at: dt.datetime
