"""Links that waited for a far side to rest go on when it is back."""

import datetime as dt

import pytest
from sqlalchemy import select

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.execute import sync
from hub.core.execute.models import Link
from hub.core.execute.sync import draining, links
from hub.core.jobs import Jobs
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.models import Task
from hub.core.work.tasks import create_task

REST = dt.timedelta(minutes=30)


@pytest.fixture
def crowd(desk):
    """The desk's link and four more of its connection, each waiting since a later moment."""
    with desk.database.transaction() as session:
        now = desk.database.now()
        connection = session.get_one(Connection, desk.office.connection_id)
        request = session.get_one(Task, desk.task_id).request
        for n in range(4):
            task = create_task(session, now, SYSTEM, request, TaskDraft(f"Task {n}"))
            links.link_task(session, now, desk.office.actor, task, connection, f"far-{n}")
    rest(desk)
    with desk.database.reading() as session:
        ids = list(session.scalars(select(Link.id).order_by(Link.id.desc())))
    for link_id in ids:
        assert sync.run_round(desk.database, desk.office, link_id) is None
        with desk.database.transaction() as session:
            session.get_one(Link, link_id).waiting_since = desk.database.now()
        desk.office.clock.forward(seconds=1)
    return ids


def rest(desk):
    with desk.database.transaction() as session:
        row = session.get_one(Connection, desk.office.connection_id)
        row.failures, row.breaker_until = 5, desk.database.now() + REST


def recover(desk):
    with desk.database.transaction() as session:
        return manage.worked(session, desk.database.now(), desk.office.connection_id)


def due(desk):
    with desk.database.reading() as session:
        return list(session.scalars(select(Link.id).where(Link.due_at <= desk.database.now())))


def test_the_oldest_change_goes_first(desk, crowd, monkeypatch):
    hastened = []
    monkeypatch.setattr(draining, "hasten_round", lambda session, id, after: hastened.append((after, id)))
    assert recover(desk)
    assert sync.drain(desk.database, desk.office.connection_id) == len(crowd)
    assert [id for _, id in sorted(hastened)] == crowd
    assert sorted(due(desk)) == sorted(crowd)
    assert not recover(desk), "it has been well since"


def test_many_go_on_in_turns(desk, crowd, monkeypatch):
    monkeypatch.setattr(draining, "BATCH", 2)
    recover(desk)
    drained = [sync.drain(desk.database, desk.office.connection_id) for _ in range(4)]
    assert drained == [2, 2, 1, 0]


def test_who_rests_again_is_left_alone(desk, crowd):
    recover(desk)
    rest(desk)
    assert sync.drain(desk.database, desk.office.connection_id) == 0
    assert due(desk) == []
    assert sync.drain(desk.database, 4711) == 0


def test_a_round_that_succeeds_after_the_rest_lets_the_others_go_on(desk, crowd):
    others = crowd[:-1]
    with desk.database.transaction() as session:
        for link_id in others:
            session.get_one(Link, link_id).due_at += dt.timedelta(days=1)
    desk.office.clock.forward(minutes=90)
    assert sync.run_round(desk.database, desk.office, desk.link_id).state == "settled"
    assert set(others) <= set(due(desk))


def test_a_sweep_that_succeeds_after_the_rest_promises_that_the_others_go_on(desk, crowd):
    jobs, key = Jobs(desk.database), f"drain:{desk.office.connection_id}"
    sync.sweep_all(desk.database, desk.office)
    assert not jobs.is_pending(sync.DRAIN, key), "it rests"
    desk.office.clock.forward(minutes=90)
    sync.sweep_all(desk.database, desk.office)
    assert jobs.is_pending(sync.DRAIN, key)
