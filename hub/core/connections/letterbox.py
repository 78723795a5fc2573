"""Keeping what comes in: durable before it is answered; on SQLite those who come together share a commit."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from hub.core import files
from hub.core.connections.models import Delivery
from hub.core.database import Database
from hub.core.jobs import pressed, promise

READ = "read_deliveries"
# How long a letter is felt by those who share the writer with it, seconds.
FELT = 0.1
LONGEST_KEY = 200

Stored = Literal["new", "again", "read"]
_TABLE: Any = Delivery.__table__
_INSERT = {
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(),
}


@dataclass(eq=False, slots=True)
class Letter:
    """A genuine delivery on its way into the database; ``aside`` is the file that holds a large body."""

    connection_id: int
    key: str
    headers: Mapping[str, str]
    body: bytes
    received_at: dt.datetime
    aside: files.Stored | None = None
    became: Stored | Exception | None = field(default=None, init=False)

    def row(self) -> dict[str, Any]:
        """Its row as it is first written."""
        return {
            "connection_id": self.connection_id,
            "key": self.key[:LONGEST_KEY],
            "headers": dict(self.headers),
            "body": self.body,
            "body_sha256": self.aside.sha256 if self.aside else None,
            "received_at": self.received_at,
            "status": "unread",
        }


def keep(database: Database, letter: Letter) -> Stored:
    """Keep a delivery, in a transaction of its own or one it shares."""
    box: Letterbox | None = database.info.get("letterbox")
    return (box or database.info.setdefault("letterbox", Letterbox(database))).put(letter)


def is_busy(database: Database) -> bool:
    """Whether deliveries are coming into this process just now."""
    box: Letterbox | None = database.info.get("letterbox")
    return box is not None and box.is_busy()


def store(session: Session, letter: Letter) -> Stored:
    """Keep a delivery in the caller's transaction and promise to read it.

    A repeat of one already read changes nothing. The unique constraint decides what is a repeat:
    two at once cannot both be new.
    """
    if letter.aside is not None:
        files.record(session, letter.aside)
    insert = _INSERT[session.get_bind().dialect.name].returning(_TABLE.c.id)
    # Not the row count: with PostgreSQL's implicit RETURNING it says nothing.
    if session.connection().execute(insert, letter.row()).first():
        became: Stored = "new"
    else:
        same = (Delivery.connection_id == letter.connection_id, Delivery.key == letter.key[:LONGEST_KEY])
        status = session.scalar(select(Delivery.status).where(*same))
        if status == "read":
            return "read"
        if status == "dead":
            session.execute(update(Delivery).where(*same).values(status="unread", reason=None))
        became = "again"
    _promise(session, [letter])
    return became


def _promise(session: Session, letters: Sequence[Letter]) -> None:
    for connection_id in {letter.connection_id for letter in letters}:
        promise(session, READ, f"connection:{connection_id}", connection_id)


class _NotAllNew(Exception):
    """One of several letters is a repeat: each must go alone to learn what became of it."""


class Letterbox:
    """A line before the one writer: whoever waits in it goes along with the next commit."""

    def __init__(self, database: Database) -> None:
        """One for each database."""
        self._database = database
        self._waiting: list[Letter] = []
        self._writing = False
        self._changed = threading.Condition()
        self._last = -FELT

    def put(self, letter: Letter) -> Stored:
        """Return once the letter is durable."""
        self._last = time.monotonic()
        if not self._database.is_sqlite:
            self._write([letter])  # many may write at once there, and waiting for others would cost
        elif batch := self._turn(letter):
            pressed(self._database, FELT)
            try:
                self._write(batch)
            finally:
                with self._changed:
                    self._writing = False
                    self._changed.notify_all()
        if isinstance(letter.became, Exception):
            raise letter.became
        assert letter.became is not None  # whoever took it along has written it
        return letter.became

    def is_busy(self) -> bool:
        """Whether letters are coming in one after the other just now."""
        return time.monotonic() - self._last < FELT

    def _turn(self, letter: Letter) -> list[Letter]:
        """All that wait, to be written by the caller; nothing where somebody took the letter along."""
        with self._changed:
            self._waiting.append(letter)
            while self._writing and letter.became is None:
                self._changed.wait()
            if letter.became is not None:
                return []
            self._writing = True
            batch, self._waiting = self._waiting, []
            return batch

    def _write(self, letters: Sequence[Letter]) -> None:
        if len(letters) > 1 and self._written_together(letters):
            return
        for letter in letters:
            try:
                with self._database.transaction() as session:
                    became = store(session, letter)
                letter.became = became
            except Exception as error:  # noqa: BLE001 - raised where the letter was brought
                letter.became = error

    def _written_together(self, letters: Sequence[Letter]) -> bool:
        rows = [letter.row() for letter in letters]
        try:
            with self._database.transaction() as session:
                if session.connection().execute(_INSERT["sqlite"], rows).rowcount < len(rows):
                    raise _NotAllNew
                _promise(session, letters)
        except (_NotAllNew, SQLAlchemyError):
            return False
        for letter in letters:
            letter.became = "new"
        return True
