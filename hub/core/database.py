"""Engines, sessions (writer and reader), the clock and the column types."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Protocol

from sqlalchemy import BigInteger, Dialect, MetaData, String, create_engine, event
from sqlalchemy.engine import Connection as DbConnection
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, sessionmaker
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import JSON, DateTime, TypeDecorator
from uuid_utils.compat import uuid7

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
_writing: ContextVar[tuple[int, ...]] = ContextVar("writing", default=())


class Clock(Protocol):
    """Tells the time; passed in, so that tests and replays decide what "now" is."""

    def now(self) -> dt.datetime:
        """The present moment as an aware UTC datetime."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """The present moment as an aware UTC datetime."""
        return dt.datetime.now(dt.UTC)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """Aware UTC datetimes: integer microseconds on SQLite, timestamptz on PostgreSQL."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose the stored form by database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Refuse naive datetimes: a time without a zone is a bug at the caller's."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        if dialect.name == "postgresql":
            return value.astimezone(dt.UTC)
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Give back an aware UTC datetime."""
        if value is None:
            return None
        utc: dt.datetime
        utc = value.astimezone(dt.UTC) if dialect.name == "postgresql" else EPOCH + value * MICROSECOND
        return utc


class Uuid7(TypeDecorator[str]):
    """UUIDv7 as text: time-ordered, for what leaves the hub (marks, API ids)."""

    impl = String(36)
    cache_ok = True


def new_uuid() -> str:
    """A fresh UUIDv7 as text (RFC 9562)."""
    return str(uuid7())


class Base(DeclarativeBase):
    """The base of every table. Constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sqlite_pragmas(dbapi_connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: BEGIN is ours (see _begin).
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: a delivery answered with 202 must survive a power cut.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA cache_size=-16000")
    cursor.close()


def _share_pages(dbapi_connection: Any, _record: Any) -> None:
    # There may be twenty readers, and the system keeps the file's pages for all of them.
    dbapi_connection.execute("PRAGMA cache_size=-4000")


def _begin_immediate(connection: DbConnection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: DbConnection) -> None:
    connection.exec_driver_sql("BEGIN")


class Database:
    """One database: a writer, a reader, and the clock everybody shares.

    On SQLite the writer is a single connection (one writer at a time is what SQLite can do, and
    waiting in our pool is fairer than waiting for its lock), and readers have a pool of their own.
    On PostgreSQL both are the same engine.
    """

    def __init__(
        self, url: str, clock: Clock | None = None, *, pool_size: int = 10, pool_timeout: float = 30
    ) -> None:
        """Open the database at ``url`` (``sqlite:///path`` or ``postgresql+psycopg://…``)."""
        self.url = make_url(url)
        self.clock: Clock = clock or SystemClock()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.info: dict[str, Any] = {}  # what rooms attach to a database, under their names
        self.writer_engine, self.reader_engine = self._engines(pool_size, pool_timeout)
        info = {"database": self}
        self._writer = sessionmaker(self.writer_engine, expire_on_commit=False, info=info)
        self._reader = sessionmaker(
            self.reader_engine, expire_on_commit=False, autoflush=False, info={**info, "reading": True}
        )
        event.listen(self._writer, "after_transaction_create", _remember_savepoint)
        event.listen(self._writer, "before_commit", _write_owed)
        event.listen(self._writer, "after_commit", _call_after_commit)
        event.listen(self._writer, "after_soft_rollback", _forget_owed)

    def _engines(self, pool_size: int, pool_timeout: float) -> tuple[Engine, Engine]:
        if not self.is_sqlite:
            engine = create_engine(
                self.url,
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_timeout=pool_timeout,
                pool_pre_ping=True,
                json_serializer=_dumps,
            )
            return engine, engine
        alike: dict[str, Any] = {
            "poolclass": QueuePool,
            "pool_timeout": pool_timeout,
            # The connection that was used last knows the pages and the statements; the others stay small.
            "pool_use_lifo": True,
            "json_serializer": _dumps,
            "connect_args": {"check_same_thread": False},
        }
        writer = create_engine(self.url, pool_size=1, max_overflow=0, **alike)
        reader = create_engine(self.url, pool_size=pool_size, max_overflow=pool_size, **alike)
        for engine, begin in ((writer, _begin_immediate), (reader, _begin_deferred)):
            event.listen(engine, "connect", _sqlite_pragmas)
            event.listen(engine, "begin", begin)
        event.listen(reader, "connect", _share_pages)
        return writer, reader

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        Keep it short: no hook, no network, no file inside.
        """
        if self.inside_transaction():
            # With SQLite's one writer connection this would hang until the pool's time-out.
            raise RuntimeError("a transaction is already open here: pass its session on")
        before = _writing.set((*_writing.get(), id(self)))
        try:
            with self._writer.begin() as session:
                yield session
        finally:
            _writing.reset(before)

    def inside_transaction(self) -> bool:
        """Whether the caller is inside ``transaction()``: plugins are not asked there."""
        return id(self) in _writing.get()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for looking; what it changes is thrown away."""
        with self._reader() as session:
            yield session

    def now(self) -> dt.datetime:
        """The present moment by this database's clock, aware UTC."""
        return self.clock.now()

    def checked_out(self) -> int:
        """How many connections are in use: a leak test asks for 0."""
        engines = {self.writer_engine, self.reader_engine}
        return sum(engine.pool.checkedout() for engine in engines)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Give every connection back to the system."""
        self.writer_engine.dispose()
        self.reader_engine.dispose()


class _Owed:
    """What a writer session has still to do when it commits."""

    def __init__(self) -> None:
        self.writes: list[tuple[Callable[[Session, list[Any]], None], Any]] = []
        self.calls: list[Callable[[], None]] = []
        self.savepoints: dict[SessionTransaction, tuple[int, int]] = {}


def database_of(session: Session) -> Database:
    """The database a session belongs to."""
    return session.info["database"]  # type: ignore[no-any-return]


def before_commit(session: Session, write: Callable[[Session, list[Any]], None], item: Any) -> None:
    """Collect ``item``; ``write`` gets all its items at once, last thing before the commit.

    A savepoint that is rolled back takes along what was collected in it.
    """
    _owed(session).writes.append((write, item))


def after_commit(session: Session, call: Callable[[], None]) -> None:
    """Call once after this session's transaction is really committed; never after a rollback."""
    _owed(session).calls.append(call)


def _owed(session: Session) -> _Owed:
    if "owed" not in session.info:
        if session.info.get("reading"):
            raise RuntimeError("a session of reading() never commits")
        session.info["owed"] = _Owed()
    return session.info["owed"]  # type: ignore[no-any-return]


def _remember_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        owed = _owed(session)
        owed.savepoints[transaction] = (len(owed.writes), len(owed.calls))


def _write_owed(session: Session) -> None:
    # A savepoint's release "commits" too; only the outermost commit counts.
    owed = session.info.get("owed")
    if owed is None or session.in_nested_transaction():
        return
    # Domain rows first: what is collected here (jobs) takes its locks last and in one order.
    session.flush()
    while owed.writes:
        writes, owed.writes = owed.writes, []
        for write in dict.fromkeys(write for write, _ in writes):
            write(session, [item for wanted, item in writes if wanted == write])


def _call_after_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    owed = session.info.pop("owed", None)
    for call in owed.calls if owed else ():
        call()


def _forget_owed(session: Session, transaction: SessionTransaction) -> None:
    if not transaction.nested:
        if transaction.parent is None:
            session.info.pop("owed", None)
        return
    owed = _owed(session)
    if transaction in owed.savepoints:
        writes, calls = owed.savepoints.pop(transaction)
        del owed.writes[writes:], owed.calls[calls:]
