"""The schema's history: Alembic, forward only, one head."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import inspect, text

from hub.core.database import Base, Database, UtcDateTime, Uuid7
from hub.core.jobs import Jobs, is_foreign_table
from hub.core.search.models import is_index

if TYPE_CHECKING:
    from alembic.config import Config

# Every room with tables; importing them fills ``Base.metadata``.
ROOMS = (
    "history",
    "registry.health",
    "files",
    "search.models",
    "attempts",
    "calendar.models",
    "jobs.models",
    "directory.models",
    "customers.models",
    "connections.models",
    "connections.secrets",
    "conversation.models",
    "work.models",
    "surveys.models",
    "identify.models",
    "assign.models",
    "execute.models",
    "execute.importing.models",
    "evaluate.models",
    "improve.models",
    "notices.models",
)


class DatabaseNewer(Exception):
    """The database was written by a later version of the hub."""


def metadata() -> Any:
    """The metadata of all tables."""
    for room in ROOMS:
        import_module(f"hub.core.{room}")
    return Base.metadata


def config() -> Config:
    """Alembic's configuration, without an ini file."""
    # Alembic takes 10 MB and is imported only where it has something to do.
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    return settings


def head() -> str:
    """The revision this code knows as the newest."""
    return max(_known())


def _known() -> set[str]:
    """The revisions this code knows: each file's name begins with its number, and they form one line."""
    return {file.name[:4] for file in (Path(__file__).parent / "versions").glob("[0-9]*_*.py")}


def current(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.reader_engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def upgrade(database: Database, jobs: Jobs) -> None:
    """Bring the database to this code's revision; refuses one from a later version."""
    at = current(database)
    if at is not None and at not in _known():
        raise DatabaseNewer(
            f"the database is at revision {at}, which this version of the hub does not know: it was "
            "used with a later version. Install that version again, or restore an older backup."
        )
    if at != head():
        from alembic import command

        settings = config()
        with database.writer_engine.begin() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    jobs.prepare()


def include(_object: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """Which tables and indexes are Alembic's business: not those of the queue and of the search."""
    foreign = {"table": lambda name: is_foreign_table(name) or is_index(name), "index": is_index}.get(kind)
    return name is None or foreign is None or not foreign(name)


def written(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How our own column types stand in a revision."""
    return f"{type(item).__name__}()" if kind == "type" and isinstance(item, UtcDateTime | Uuid7) else False
