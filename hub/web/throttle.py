"""Where the rate limits count: in the database, so that a guess costs the same at every web process."""

from __future__ import annotations

import datetime as dt
import hashlib

from flask import current_app
from limits.storage import MemoryStorage, Storage

from hub.core import attempts
from hub.core.database import Database

SCHEME = "hub"


class SharedStorage(Storage):
    """Counts in the application's database; on SQLite, which has one web process, in its memory."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - how the library finds the class

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_options: str) -> None:
        """The database is that of the application which asks."""
        super().__init__(uri, wrap_exceptions)
        self._memory = MemoryStorage()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing is hidden: without its database no page is answered either."""
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, in a window of ``expiry`` seconds that begins with the first."""
        if self._database.is_sqlite:
            return self._memory.incr(key, expiry, amount)
        return attempts.count_one(self._database, _digest(key), dt.timedelta(seconds=expiry), amount)

    def get(self, key: str) -> int:
        """How many there are in the present window."""
        if self._database.is_sqlite:
            return self._memory.get(key)
        return attempts.counted(self._database, _digest(key))[0]

    def get_expiry(self, key: str) -> float:
        """When the present window ends, in seconds since 1970."""
        if self._database.is_sqlite:
            return self._memory.get_expiry(key)
        return attempts.counted(self._database, _digest(key))[1].timestamp()

    def check(self) -> bool:
        """Whether the place where it counts can be reached."""
        return True

    def reset(self) -> int | None:
        """Begin anew in this process; what others count with is forgotten when it ends."""
        return self._memory.reset()

    def clear(self, key: str) -> None:
        """Begin anew for one key."""
        if self._database.is_sqlite:
            self._memory.clear(key)
        else:
            attempts.forget_key(self._database, _digest(key))

    @property
    def _database(self) -> Database:
        return current_app.extensions["hub"].database  # type: ignore[no-any-return]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
