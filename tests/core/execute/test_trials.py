"""Trials of a mapping are asked for once at a time, kept a few, and promised step by step."""

from __future__ import annotations

import pytest

from hub.core.connections.models import Connection
from hub.core.database import Database
from hub.core.execute import trials
from hub.core.execute.models import Trial
from hub.core.jobs import Jobs
from hub.core.values import SYSTEM, Actor, Refusal

STATUS = {
    "open": ["todo"],
    "doing": ["doing"],
    "waiting": ["blocked"],
    "done": ["done"],
    "dropped": ["no"],
}


@pytest.fixture
def tracker(database: Database) -> int:
    with database.transaction() as session:
        row = Connection(name="t", family="tracker", kind="t", slug="t", settings={"status_map": STATUS})
        session.add(row)
        session.flush()
        return row.id


def begin(database: Database, tracker: int, actor: Actor = SYSTEM, wanted: int = 30) -> int:
    with database.transaction() as session:
        row = session.get_one(Connection, tracker)
        return trials.begin(session, database.now(), actor, row, wanted).id


def cancel(database: Database, number: int) -> None:
    with database.transaction() as session:
        trials.cancel(session, database.now(), SYSTEM, session.get_one(Trial, number))


def test_one_at_a_time_and_the_latest_few_are_kept(database: Database, tracker: int) -> None:
    made = []
    for _ in range(trials.KEPT + 2):
        made.append(begin(database, tracker))
        with pytest.raises(Refusal, match="trial_at_work"):
            begin(database, tracker)
        cancel(database, made[-1])
    with database.reading() as session:
        kept = [trial.id for trial in session.query(Trial).order_by(Trial.id)]
        latest = trials.latest(session, tracker)
    assert kept == made[-trials.KEPT :]
    assert latest is not None
    assert (latest.id, latest.state) == (made[-1], "cancelled")
    assert Jobs(database).is_pending(trials.TRY, f"trial:{tracker}")


def test_the_mapping_of_that_moment_is_tried(database: Database, tracker: int) -> None:
    number = begin(database, tracker)
    with database.transaction() as session:
        session.get_one(Connection, tracker).settings = {"status_map": STATUS, "policies": {"title": "here"}}
    with database.reading() as session:
        mapping = session.get_one(Trial, number).mapping
    assert set(mapping) == set(trials.TRIED)
    assert (mapping["policies"], mapping["status_map"]["doing"]) == ({}, ["doing"])


def test_only_trackers_have_a_mapping_and_only_some_may_try_it(database: Database, tracker: int) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        begin(database, tracker, Actor("person", None, "member", "Tom"))
    with pytest.raises(Refusal, match="unknown_choice"):
        begin(database, tracker, wanted=31)
    with database.transaction() as session:
        session.get_one(Connection, tracker).family = "source"
    with pytest.raises(Refusal, match="not_a_tracker"):
        begin(database, tracker)
