"""Rows on their way into the database in bulk: buffers, numbers, encodings, and the fast way in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from hmac import digest as hmac_digest
from itertools import chain
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, insert, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from hub.core.assign.models import Decision
from hub.core.conversation.models import Comment
from hub.core.database import EPOCH, Base
from hub.core.evaluate.models import QualitySample
from hub.core.history import HistoryEntry, HistoryPersonal
from hub.core.identify.models import Intake
from hub.core.improve.models import Finding
from hub.core.notices.models import Alert
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.work.models import Goal, Need, ServiceRequest, Task, TaskNeed, TimeEntry


def _statement(table: Table, rows: int) -> str:
    """An insert of so many rows with every column, for SQLite."""
    one = str(insert(table).compile(dialect=sqlite.dialect()))
    return ", ".join((one, *[one[one.index("VALUES") + len("VALUES") :]] * (rows - 1)))


WRITTEN: tuple[type[Base], ...] = (
    ServiceRequest,
    Need,
    Goal,
    Task,
    TaskNeed,
    TimeEntry,
    Comment,
    Alert,
    SurveyInvitation,
    SurveyAnswer,
    Intake,
    Decision,
    QualitySample,
    Finding,
    HistoryEntry,
    HistoryPersonal,
)
TABLES: dict[str, Table] = {
    model.__tablename__: model.metadata.tables[model.__tablename__] for model in WRITTEN
}
Who = tuple[str, int | None]
Record = Callable[..., None]
NUMBERED = tuple(name for name, table in TABLES.items() if "id" in table.columns)
# One statement and ready ones: a batch asks and writes often enough for that to count.
LAST = text(f"SELECT {', '.join(f'(SELECT coalesce(max(id), 0) FROM {name})' for name in NUMBERED)}")
SEQUENCE = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
# So many rows a statement: SQLite works through them without holding up Python.
AT_ONCE = 300
INSERTS = {name: (_statement(table, 1), _statement(table, AT_ONCE)) for name, table in TABLES.items()}


def dumps(value: Any) -> str:
    """JSON as the database keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def last_numbers(session: Session) -> dict[str, int]:
    """The highest number of each table."""
    return dict(zip(NUMBERED, session.execute(LAST).one(), strict=True))


def reserve(session: Session) -> dict[str, int]:
    """The highest number of each table, and nobody else takes one before this transaction ends."""
    if session.get_bind().dialect.name != "sqlite":  # on SQLite there is one writer anyway
        session.execute(text(f"LOCK TABLE {', '.join(TABLES)} IN SHARE ROW EXCLUSIVE MODE"))
    return last_numbers(session)


class Rows:
    """What one transaction will write: tuples in the order of each table's columns."""

    def __init__(self, last: dict[str, int], random: Random, *, sqlite: bool) -> None:
        """Numbers go on behind ``last``."""
        self._sqlite = sqlite
        self.bits = random.getrandbits
        self.tables: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        self.last = dict(last)

    def __getstate__(self) -> dict[str, Any]:
        """What goes to another process: the rows and their numbers, not where chance comes from."""
        return {name: value for name, value in vars(self).items() if name != "bits"}

    def moment(self, seconds: int) -> Any:
        """How this database stores a moment given in whole seconds since 1970."""
        return seconds * 1_000_000 if self._sqlite else EPOCH + dt.timedelta(seconds=seconds)

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
        """Writes events about one request, as ``history.record`` does; ``personal`` is canonical JSON."""
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

    def write(self, session: Session) -> int:
        """Write everything, parents first; gives how many rows."""
        connection = session.connection()
        for name, rows in self.tables.items():
            if not rows:
                continue
            if self._sqlite:
                _insert(connection, name, rows)
            else:
                _copy(connection.connection.cursor(), TABLES[name], rows)
                if name in NUMBERED:
                    session.execute(SEQUENCE, {"name": name, "last": self.last[name]})
        return sum(map(len, self.tables.values()))


def _insert(connection: Connection, name: str, rows: list[tuple[Any, ...]]) -> None:
    full = len(rows) // AT_ONCE * AT_ONCE
    for start in range(0, full, AT_ONCE):
        values = tuple(chain.from_iterable(rows[start : start + AT_ONCE]))
        connection.exec_driver_sql(INSERTS[name][1], values)
    if rest := rows[full:]:
        connection.exec_driver_sql(INSERTS[name][0], rest)


def _copy(cursor: Any, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
