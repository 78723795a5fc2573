"""What the hub asks of its databases."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hub.core.database import Base, Database
from tests.conftest import durable_pragmas, load_models, make_tables

FULL = 2  # of OFF, NORMAL, FULL, EXTRA; https://www.sqlite.org/pragma.html#pragma_synchronous


def test_a_commit_on_sqlite_outlives_a_power_cut(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "hub.db")
    durable_pragmas(connection, None)
    asked = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "journal_mode")
    }
    connection.close()
    assert asked == {"synchronous": FULL, "journal_mode": "wal"}


def test_tests_begin_with_all_tables_and_no_rows(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    make_tables(database)
    load_models()
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            assert session.execute(table.select()).first() is None, table.name
        assert session.connection().exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    database.close()
