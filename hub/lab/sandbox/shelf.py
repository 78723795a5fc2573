"""What lies beside an item of the sandbox: files, and time people logged."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from hub.lab.sandbox.checked import Wrong

MOST_BYTES = 20_000_000
TABLES = """
create table if not exists files (
    id integer primary key autoincrement, item text, name text, data blob, author text, at integer
);
create table if not exists work (
    id integer primary key autoincrement, item text, author text, day text, minutes integer, note text
);
"""

Write = Callable[[str | None], AbstractContextManager[sqlite3.Connection]]
Log = Callable[[sqlite3.Connection, str, str, Any, str], None]


class NoSuchFile(Exception):
    """It was taken away, or never was."""


class Shelf:
    """Of one board; each verb is one transaction of it."""

    def __init__(self, db: sqlite3.Connection, write: Write, log: Log, now: Callable[[], int]) -> None:
        """``write`` opens a transaction and tells about the item after it."""
        self._db, self._write, self._log, self._now = db, write, log, now
        db.executescript(TABLES)

    def of(self, key: str) -> dict[str, list[dict[str, Any]]]:
        """The files and the logged time of an item, oldest first."""
        files = "select id, name, length(data) as size, author, at from files where item = ? order by id"
        work = "select id, author, day, minutes, note from work where item = ? order by id"
        return {
            "files": [dict(row) for row in self._db.execute(files, (key,))],
            "work": [dict(row) for row in self._db.execute(work, (key,))],
        }

    def put(self, key: str, author: str, name: str, data: bytes) -> int:
        """Put a file to an item; gives its number."""
        if not name:
            raise Wrong("file", "a file needs a name")
        if len(data) > MOST_BYTES:
            raise Wrong("file", f"a file has at most {MOST_BYTES} bytes")
        with self._write(key) as db:
            sql = "insert into files (item, name, data, author, at) values (?, ?, ?, ?, ?)"
            made = db.execute(sql, (key, name, data, author, self._now())).lastrowid
            self._log(db, key, "file", name, author)
        return int(made or 0)

    def read(self, number: int) -> tuple[str, bytes]:
        """The name and the bytes of a file."""
        row = self._db.execute("select name, data from files where id = ?", (number,)).fetchone()
        if row is None:
            raise NoSuchFile
        return row["name"], bytes(row["data"])

    def remove(self, number: int, author: str) -> None:
        """Take a file away."""
        row = self._db.execute("select item, name from files where id = ?", (number,)).fetchone()
        if row is None:
            raise NoSuchFile
        with self._write(row["item"]) as db:
            db.execute("delete from files where id = ?", (number,))
            self._log(db, row["item"], "file", None, author)

    def log_work(self, key: str, author: str, day: str, minutes: int, note: str = "") -> int:
        """Somebody has worked on an item; gives the entry's number."""
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            raise Wrong("day", f"no such day: {day}") from None
        if minutes < 1:
            raise Wrong("minutes", "work takes a minute at least")
        with self._write(key) as db:
            sql = "insert into work (item, author, day, minutes, note) values (?, ?, ?, ?, ?)"
            made = db.execute(sql, (key, author, day, minutes, note)).lastrowid
            self._log(db, key, "work", minutes, author)
        return int(made or 0)

    def unlog_work(self, number: int, author: str) -> None:
        """Somebody takes back what they logged."""
        row = self._db.execute("select item from work where id = ?", (number,)).fetchone()
        if row is None:
            raise NoSuchFile
        with self._write(row["item"]) as db:
            db.execute("delete from work where id = ?", (number,))
            self._log(db, row["item"], "work", None, author)
