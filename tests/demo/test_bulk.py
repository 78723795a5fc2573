"""Rows written in bulk are the rows the real verbs write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.core import history
from hub.core.database import EPOCH, Base, Database
from hub.core.values import STAGES, SYSTEM
from hub.core.work.findable import catch_up, keep_findable
from hub.core.work.models import ServiceRequest
from hub.core.work.requests import create_request
from hub.demo import write_history
from hub.demo.bulk import history_connection
from hub.demo.cast import make_cast
from hub.demo.clock import replaying
from hub.demo.rows import NUMBERED
from hub.demo.script import stories
from hub.demo.verbs import play_verbs
from tests.conftest import SettableClock, make_tables
from tests.demo.conftest import core_over

SIZE, SEED = 300, 11
NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)

# What is not compared, and why.
BY_CHANCE = {
    # Marks for the outside, drawn anew each time; a request's own belongs to its story and is compared.
    "tasks": {"uid"}, "comments": {"uid"},
    # The secret of a link is drawn anew; nobody has the one of a made-up invitation.
    "survey_invitations": {"uid", "token_hash"},
    # The salt is drawn anew, so the digest over it differs; that each fits is a test of its own.
    "history": {"digest"}, "history_personal": {"salt"},
    # Each database has its own form for the same terms.
    "search_documents": {"terms"},
}  # fmt: skip
# Promises to workers: the verbs leave some waiting; in bulk nothing is owed, each live request stands still.
QUEUES = {"jobs"}

Contents = dict[str, list[dict[str, Any]]]


def contents(database: Database) -> Contents:
    """Every table's rows, without what chance decides."""
    found = {}
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in BY_CHANCE.get(table.name, ())]
            rows = session.execute(select(*columns).order_by(*table.primary_key.columns))
            found[table.name] = [dict(row._mapping) for row in rows]
    return {name: rows for name, rows in found.items() if name not in QUEUES}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What 300 stories leave behind when the real verbs play them, on SQLite."""
    folder = tmp_path_factory.mktemp("verbs")
    database = Database(f"sqlite:///{folder / 'hub.db'}", SettableClock(NOW))
    make_tables(database)
    core = core_over(database, folder)
    with database.transaction() as session:
        cast = make_cast(session, NOW)
        connection = history_connection(session)
    with replaying(database) as clock:
        for story in stories(cast.askers, SIZE, SEED, int((NOW - EPOCH).total_seconds())):
            play_verbs(core, clock, cast.lead, connection, story)
    for number in range(1, SIZE + 1):
        keep_findable(database, number)  # as the look that is promised after the last step does
    found = contents(database)
    database.close()
    return found


@pytest.fixture
def written(database: Database, tmp_path: Path) -> Database:
    """The same stories written in bulk, on each database."""
    database.clock = SettableClock(NOW)
    write_history(core_over(database, tmp_path), SIZE, SEED)
    catch_up(database)
    return database


def test_writes_the_rows_the_real_verbs_write(played: Contents, written: Database) -> None:
    found = contents(written)
    assert found.keys() == played.keys()
    for table in found:
        assert found[table] == played[table], table
    assert len(found["requests"]) == SIZE
    # None of the tables that stories fill is empty on both sides.
    assert all(found[table] for table in NUMBERED)


def test_a_process_of_its_own_tells_the_same_rows(
    played: Contents, sqlite_url: str, open_database: Callable[..., Database], tmp_path: Path
) -> None:
    database = open_database(sqlite_url, SettableClock(NOW))
    make_tables(database)
    write_history(core_over(database, tmp_path), SIZE, SEED, batch=70, apart=True)
    catch_up(database)
    assert contents(database) == played


def test_plays_every_step_there_is() -> None:
    from hub.demo.replica import ACTS as IN_BULK
    from hub.demo.verbs import ACTS as BY_VERBS
    from tests.demo.casting import ASKERS

    told = {step.verb for story in stories(ASKERS, 3000, SEED, 1_772_000_000) for step in story.steps}
    assert told == set(IN_BULK) == {*BY_VERBS, "take", "look", "reopen"}


def test_seals_and_verifies_like_any_history(written: Database) -> None:
    written.clock = SettableClock(NOW + 2 * history.SEAL_MARGIN)
    sealed = history.seal(written)
    audit = history.verify(written)
    assert (audit.sealed, audit.unsealed, audit.broken, audit.erased) == (sealed, 0, None, 0)
    assert sealed > 10 * SIZE


def test_numbers_go_on_behind_what_was_written(written: Database) -> None:
    with written.transaction() as session:
        before = session.scalar(select(func.max(ServiceRequest.id)))
        request = create_request(session, NOW, SYSTEM, title="One more")
        assert (request.id, request.ref) == (before + 1, f"SR-{SIZE + 1}")


@pytest.mark.parametrize("apart", [False, True])
def test_goes_on_where_others_write_meanwhile(database: Database, tmp_path: Path, apart: bool) -> None:
    database.clock = SettableClock(NOW)
    core = core_over(database, tmp_path)
    others: list[str] = []

    def somebody_else_works(_count: int) -> None:
        with database.transaction() as session:
            others.append(create_request(session, NOW, SYSTEM, title="In between").ref)

    write_history(core, SIZE, SEED, progress=somebody_else_works, batch=100, apart=apart)
    assert len(others) == 3
    with database.reading() as session:
        numbers = [
            int(ref[3:]) for ref in session.scalars(select(ServiceRequest.ref).order_by(ServiceRequest.id))
        ]
        refs = set(session.scalars(select(ServiceRequest.ref).where(ServiceRequest.source == "hub")))
    assert numbers == list(range(1, SIZE + 4))
    assert refs == set(others)
    database.clock = SettableClock(NOW + 2 * history.SEAL_MARGIN)
    history.seal(database)
    assert history.verify(database).broken is None


@pytest.mark.parametrize(("live", "left"), [(None, 4000 * 3 // 100), (200, 200)])
def test_leaves_a_few_alive_in_every_stage(
    sqlite_url: str, open_database: Callable[..., Database], tmp_path: Path, live: int | None, left: int
) -> None:
    database = open_database(sqlite_url, SettableClock(NOW))
    make_tables(database)
    write_history(core_over(database, tmp_path), 4000, SEED, live=live)
    with database.reading() as session:
        alive = dict(
            session.execute(
                select(ServiceRequest.stage, func.count())
                .where(ServiceRequest.state.in_(("open", "waiting")))
                .group_by(ServiceRequest.stage)
            ).all()
        )
        latest = session.scalar(select(func.max(ServiceRequest.updated_at)))
    assert set(alive) == set(STAGES)
    assert sum(alive.values()) == left
    assert latest is not None
    assert latest < NOW - history.SEAL_MARGIN


def test_the_same_seed_tells_the_same_stories_and_another_seed_others() -> None:
    from tests.demo.casting import ASKERS

    first, again, other = (list(stories(ASKERS, 50, seed, 1_772_000_000)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
