"""The queue's own tables on PostgreSQL: made once, upgraded, and left alone by everybody else."""

from __future__ import annotations

from importlib.resources import files

import psycopg
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from hub.core.database import Base, Database
from hub.core.jobs import Jobs, is_foreign_table, promise
from hub.core.jobs.schema import PREFIX
from tests.jobs import crew
from tests.jobs.conftest import Working, wait_until

FUNCTIONS = "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'procrastinate%'"

pytestmark = pytest.mark.parametrize("database_url", ["postgres16", "postgres18"], indirect=True)


def test_preparing_again_changes_nothing(database: Database) -> None:
    Jobs(database).prepare()


def test_every_table_is_the_hubs_or_the_queues(database: Database) -> None:
    found = set(inspect(database.reader_engine).get_table_names())
    foreign = {name for name in found if is_foreign_table(name)}
    assert "procrastinate_jobs" in foreign
    assert found - foreign <= set(Base.metadata.tables)


def test_an_older_queue_is_upgraded(jobs: Jobs, database: Database, working: Working) -> None:
    older = [change for change in files("procrastinate.sql.migrations").iterdir() if change.name < "03.04"]
    with psycopg.connect(database.url.set(drivername="postgresql").render_as_string(False)) as driver:
        driver.autocommit = True
        for table in ("periodic_defers", "events", "jobs", "workers"):
            driver.execute(f"DROP TABLE procrastinate_{table} CASCADE")
        driver.execute(
            "DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_status,"
            " procrastinate_job_event_type CASCADE"
        )
        for (name,) in driver.execute(FUNCTIONS).fetchall():
            driver.execute(f"DROP FUNCTION {name} CASCADE")
        for change in sorted(older, key=lambda file: file.name):
            driver.execute(change.read_text(encoding="utf-8"))
        driver.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{PREFIX}3.3.0'")
    with pytest.raises(ProgrammingError), database.reading() as session:
        session.execute(text("SELECT procrastinate_retry_job_v2(1, NULL, NULL, NULL, NULL)"))
    jobs.prepare()
    with working(jobs):
        with database.transaction() as session:
            promise(session, "note", "request:1", "a")
        wait_until(lambda: crew.count(database))


def test_tables_of_unknown_origin_are_refused(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("COMMENT ON TABLE procrastinate_jobs IS NULL"))
    with pytest.raises(RuntimeError, match="not made by the hub"):
        Jobs(database).prepare()
