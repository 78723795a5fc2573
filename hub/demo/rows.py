"""Rows on their way into the database in bulk: buffers, numbers, encodings, and the fast way in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from hmac import digest as hmac_digest
from random import Random
from typing import Any

from sqlalchemy import Table, insert, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from hub.core.assign.models import Decision
from hub.core.conversation.models import Comment
from hub.core.database import EPOCH, Base
from hub.core.evaluate.models import QualitySample
from hub.core.history import HistoryEntry, HistoryPersonal
from hub.core.identify.models import Intake
from hub.core.improve.models import Finding
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.work.models import Goal, Need, ServiceRequest, Task, TaskNeed, TimeEntry

WRITTEN: tuple[type[Base], ...] = (
    ServiceRequest, Need, Goal, Task, TaskNeed, TimeEntry, Comment, SurveyInvitation, SurveyAnswer, Intake,
    Decision, QualitySample, Finding, HistoryEntry, HistoryPersonal,
)  # fmt: skip
TABLES: dict[str, Table] = {model.__tablename__: model.metadata.tables[model.__tablename__] for model in WRITTEN}
Who = tuple[str, int | None]
Record = Callable[..., None]
NUMBERED = tuple(name for name, table in TABLES.items() if "id" in table.columns)
# One statement and ready ones: a batch asks and writes often enough for that to count.
LAST = text(f"SELECT {', '.join(f'(SELECT coalesce(max(id), 0) FROM {name})' for name in NUMBERED)}")  # noqa: S608
INSERTS = {name: str(insert(table).compile(dialect=sqlite.dialect())) for name, table in TABLES.items()}


def dumps(value: Any) -> str:
    """JSON as the database keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def moment_of(session: Session) -> Callable[[int], Any]:
    """How this database stores a moment given in whole seconds since 1970."""
    if session.get_bind().dialect.name == "sqlite":
        return lambda seconds: seconds * 1_000_000
    return lambda seconds: EPOCH + dt.timedelta(seconds=seconds)


class Rows:
    """What one transaction will write: tuples in the order of each table's columns."""

    def __init__(self, session: Session, random: Random) -> None:
        """Nobody else may take numbers before the transaction ends, so that those taken here hold."""
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"
        if not self._sqlite:
            session.execute(text(f"LOCK TABLE {', '.join(TABLES)} IN SHARE ROW EXCLUSIVE MODE"))
        self.moment = moment_of(session)
        self.bits = random.getrandbits
        self.tables: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        self.last: dict[str, int] = dict(zip(NUMBERED, session.execute(LAST).one(), strict=True))

    def number(self, table: str) -> int:
        """The next number of a table."""
        self.last[table] = number = self.last[table] + 1
        return number

    def uid(self, at: int) -> str:
        """A UUIDv7 of this moment."""
        high, low = f"{at * 1000:012x}", f"{self.bits(62) | 1 << 63:016x}"
        return f"{high[:8]}-{high[8:]}-7{self.bits(12):03x}-{low[:4]}-{low[4:]}"

    def day(self, at: int) -> str:
        """The UTC day of this moment."""
        return (EPOCH + dt.timedelta(seconds=at)).date().isoformat()

    def about(self, request: int) -> Record:
        """Writes events about one request, as ``history.record`` does; the personal part is canonical JSON."""
        last, bits = self.last, self.bits
        entries, aside = self.tables["history"].append, self.tables["history_personal"].append

        def record(
            at: Any, actor: Who, verb: str, kind: str, subject: int, data: str, personal: str | None = None
        ) -> None:
            last["history"] = entry = last["history"] + 1
            digest = None
            if personal is not None:
                salt = f"{bits(128):032x}"
                digest = hmac_digest(salt.encode(), personal.encode(), "sha256").hex()
                aside((entry, salt, personal))
            entries((entry, at, actor[0], actor[1], verb, kind, subject, request, data, digest))

        return record

    def write(self) -> int:
        """Write everything, parents first; gives how many rows."""
        connection = self._session.connection()
        count = 0
        for name, rows in self.tables.items():
            if not rows:
                continue
            count += len(rows)
            if self._sqlite:
                connection.exec_driver_sql(INSERTS[name], rows)
            else:
                self._copy(connection.connection.cursor(), TABLES[name], rows)
        if not self._sqlite:
            self._set_sequences()
        return count

    def _copy(self, cursor: Any, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    def _set_sequences(self) -> None:
        for name in NUMBERED:
            if self.tables[name]:
                self._session.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
                    {"name": name, "last": self.last[name]},
                )
