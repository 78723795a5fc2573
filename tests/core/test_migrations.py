"""One line of migrations, which ends in exactly the tables the code has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from hub.core import migrations
from hub.core.database import Base, Database
from hub.core.jobs import Jobs


def migrated(database: Database) -> Database:
    migrations.upgrade(database, Jobs(database))
    return database


@pytest.fixture
def empty(empty_database_url: str, open_database: Callable[..., Database]) -> Database:
    return open_database(empty_database_url)


def test_there_is_one_head() -> None:
    assert ScriptDirectory.from_config(migrations.config()).get_heads() == [migrations.head()]


def test_the_revisions_form_one_line_in_the_order_of_their_files() -> None:
    scripts = list(ScriptDirectory.from_config(migrations.config()).walk_revisions())
    numbers = [script.revision for script in reversed(scripts)]
    assert numbers == sorted(numbers)
    assert [Path(script.path).name[:4] for script in reversed(scripts)] == numbers
    assert migrations._known() == set(numbers)


def test_every_room_with_tables_is_known() -> None:
    migrations.metadata()
    known = {f"hub.core.{room}" for room in migrations.ROOMS}
    assert {mapper.class_.__module__ for mapper in Base.registry.mappers} <= known


def test_the_migrated_database_has_what_the_code_has(empty: Database) -> None:
    migrated(empty)
    with empty.writer_engine.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": migrations.include, "compare_server_default": True}
        )
        assert compare_metadata(context, migrations.metadata()) == []
    assert migrations.current(empty) == migrations.head()


def schema(database: Database) -> dict[str, Any]:
    """Tables with columns, keys and indexes, partial ones with their condition."""
    seen = inspect(database.writer_engine)
    tables = [name for name in seen.get_table_names() if not name.startswith(("procrastinate_", "alembic_"))]
    return {
        table: {
            "columns": {(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)},
            "indexes": {
                (i["name"], tuple(i["column_names"]), bool(i["unique"]), _condition(i))
                for i in seen.get_indexes(table)
            },
            "unique": {(u["name"], tuple(u["column_names"])) for u in seen.get_unique_constraints(table)},
            "keys": {
                (k["name"], tuple(k["constrained_columns"]), k["referred_table"])
                for k in seen.get_foreign_keys(table)
            },
        }
        for table in tables
    }


def _condition(index: Any) -> str:
    options = index.get("dialect_options", {})
    return str(options.get("postgresql_where", options.get("sqlite_where", "")))


def test_migrating_ends_where_making_all_tables_ends(empty: Database) -> None:
    migrations.metadata()
    Base.metadata.create_all(empty.writer_engine)
    made = schema(empty)
    Base.metadata.drop_all(empty.writer_engine)
    assert schema(migrated(empty)) == made
    assert len(made) > 20
    conditions = {name for table in made.values() for name, *_, condition in table["indexes"] if condition}
    assert {"ix_requests_live", "ix_deliveries_unread", "uq_findings_open_key"} <= conditions


def test_migrating_again_changes_nothing(empty: Database) -> None:
    before = schema(migrated(empty))
    assert schema(migrated(empty)) == before


def test_a_database_of_a_later_version_is_refused_and_left_alone(empty: Database) -> None:
    migrated(empty)
    with empty.writer_engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.DatabaseNewer, match="9999"):
        migrated(empty)
    assert migrations.current(empty) == "9999"
