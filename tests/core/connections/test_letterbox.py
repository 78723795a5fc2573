"""Deliveries that come together share a commit, and each still learns what became of itself."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError

from hub.core.connections.letterbox import Letter, Letterbox
from hub.core.connections.models import Connection, Delivery
from hub.core.database import Database
from hub.core.jobs import Jobs
from tests.conftest import make_tables


@pytest.fixture
def box(sqlite_url: str, open_database: Callable[..., Database]) -> tuple[Database, Letterbox, int]:
    """A letterbox with one connection; only on SQLite do letters wait for one another."""
    database = open_database(sqlite_url)
    make_tables(database)
    with database.transaction() as session:
        shop = Connection(name="Shop", family="source", kind="webhook", slug="shop")
        session.add(shop)
    return database, Letterbox(database), shop.id


def letter(database: Database, connection_id: int, key: str) -> Letter:
    return Letter(connection_id, key, {}, b"{}", database.now())


def put_together(database: Database, box: Letterbox, letters: Sequence[Letter]) -> list[str]:
    """Put all of them while the writer is taken, so that they line up; an error by its name."""

    def put(one: Letter) -> str:
        try:
            return box.put(one)
        except IntegrityError as error:
            return type(error).__name__

    with ThreadPoolExecutor(len(letters)) as pool:
        with database.transaction() as holding:
            holding.connection()
            put_by = [pool.submit(put, one) for one in letters]
            # The first of them waits for the writer, all others for the first.
            while len(box._waiting) < len(letters) - 1:
                time.sleep(0.01)
        return [future.result() for future in put_by]


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_those_who_come_together_share_a_commit_and_one_promise(box: tuple[Database, Letterbox, int]) -> None:
    database, letterbox, shop = box
    commits: list[object] = []
    event.listen(database.writer_engine, "commit", commits.append)
    became = put_together(database, letterbox, [letter(database, shop, f"key {n}") for n in range(12)])
    assert became == ["new"] * 12
    assert kept(database) == 12
    assert len(commits) <= 3  # whoever held the writer, the first letter, and all others
    assert Jobs(database).waiting_count() == 1


def test_a_repeat_among_them_is_told_so_and_the_others_are_kept(box: tuple[Database, Letterbox, int]) -> None:
    database, letterbox, shop = box
    assert letterbox.put(letter(database, shop, "known")) == "new"
    keys = ["a", "known", "b", "twice", "twice", "c"]
    became = put_together(database, letterbox, [letter(database, shop, key) for key in keys])
    assert became[1] == "again"
    assert Counter(became) == {"new": 4, "again": 2}
    assert kept(database) == 5


def test_one_that_cannot_be_kept_fails_alone(box: tuple[Database, Letterbox, int]) -> None:
    database, letterbox, shop = box
    letters = [letter(database, shop, "a"), letter(database, 999, "b"), letter(database, shop, "c")]
    assert put_together(database, letterbox, letters) == ["new", "IntegrityError", "new"]
    assert kept(database) == 2
