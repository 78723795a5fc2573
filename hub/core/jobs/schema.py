"""Procrastinate's own tables: made and upgraded here; Alembic keeps its hands off them."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files

from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text

PREFIX = "service-hub made this with procrastinate "


def prepare(connection: Connection) -> None:
    """Make the tables, or apply the changes that came since the version which made them."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('service-hub: procrastinate'))"))
    installed = version("procrastinate")
    if connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None:
        _run(connection, SchemaManager.get_schema())
    else:
        made_with = _made_with(connection)
        if made_with == installed:
            return
        for change in sorted(files("procrastinate.sql.migrations").iterdir(), key=lambda file: file.name):
            # 03.04.00_01_pre_….sql: the version, then the order within it.
            if change.name.endswith(".sql") and _parts(change.name[:8]) > _parts(made_with):
                _run(connection, change.read_text(encoding="utf-8"))
    connection.exec_driver_sql(f"COMMENT ON TABLE procrastinate_jobs IS '{PREFIX}{installed}'")


def _made_with(connection: Connection) -> str:
    comment = connection.scalar(text("SELECT obj_description(to_regclass('procrastinate_jobs'))"))
    if comment is None or not comment.startswith(PREFIX):
        raise RuntimeError(
            "the procrastinate tables were not made by the hub: "
            f"COMMENT ON TABLE procrastinate_jobs IS '{PREFIX}<version that made them>'"
        )
    return str(comment.removeprefix(PREFIX))


def _parts(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))


def _run(connection: Connection, script: str) -> None:
    # Straight to the driver: the text holds percent signs and many statements.
    connection.connection.driver_connection.execute(script)  # type: ignore[union-attr]
