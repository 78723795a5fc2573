"""A clock that a replay sets, so that what is played lies in the past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from hub.core.database import EPOCH, Database


class ReplayClock:
    """Stands where the replay put it."""

    def __init__(self, at: dt.datetime) -> None:
        """``at`` is where it stands first."""
        self.at = at

    def now(self) -> dt.datetime:
        """The moment the replay is at."""
        return self.at

    def set(self, seconds: int) -> None:
        """Put it to so many whole seconds since 1970."""
        self.at = EPOCH + dt.timedelta(seconds=seconds)


@contextmanager
def replaying(database: Database) -> Iterator[ReplayClock]:
    """Give the database a clock to set; its own comes back at the end. Nobody else may work meanwhile."""
    own = database.clock
    replay = ReplayClock(own.now())
    database.clock = replay
    try:
        yield replay
    finally:
        database.clock = own
