"""The guided set-up: what is there counts as done, the rest as people say, and it is found again."""

from __future__ import annotations

import pytest

from hub.core.connections.models import Connection
from hub.core.directory.models import Person
from hub.core.values import Actor
from hub.core.work.models import ServiceRequest
from hub.core.workflow import guide
from tests.core.conftest import Desk


@pytest.fixture
def admin(desk: Desk) -> Actor:
    return desk.person("Ada", "administrator")


def states(desk: Desk) -> dict[str, str]:
    with desk.database.reading() as session:
        return dict(guide.guide(session).steps)


def test_what_the_hub_holds_need_not_be_said(desk: Desk) -> None:
    assert states(desk) == {
        "organisation": "open", "people": "done", "calendar": "open", "category": "done",
        "intake": "open", "tracker": "open", "request": "open",
    }  # fmt: skip
    with desk.database.transaction() as session:
        for family in ("source", "tracker"):
            session.add(Connection(name=family, family=family, kind="x", slug=family, settings={}))
        for person in session.query(Person):
            person.active = person.name == "Mei"
    request_id = desk.open()
    found = states(desk)
    assert (found["people"], found["intake"], found["tracker"], found["request"]) == (
        "open", "done", "done", "open",
    )  # fmt: skip
    with desk.database.transaction() as session:
        session.get_one(ServiceRequest, request_id).state = "closed"
    assert states(desk)["request"] == "done"


def test_one_goes_on_where_one_left(desk: Desk, admin: Actor) -> None:
    for step, mark in (("organisation", "done"), ("calendar", "skipped"), ("intake", "skipped")):
        desk.do(guide.settle, admin, step, mark)
    with desk.database.reading() as session:
        left = guide.guide(session)
    assert (left.current, left.settled, left.steps["calendar"]) == ("tracker", 5, "skipped")
    desk.do(guide.settle, admin, "calendar", "done")
    assert states(desk)["calendar"] == "done"
    desk.do(guide.settle, admin, "calendar", "open")
    with desk.database.reading() as session:
        assert guide.guide(session).current == "calendar"


def test_what_is_put_away_stays_away_until_it_is_taken_up(desk: Desk, admin: Actor) -> None:
    desk.do(guide.settle, admin, "all", "done")
    with desk.database.reading() as session:
        away = guide.guide(session)
    assert (away.dismissed, away.current) == (True, None)
    desk.do(guide.settle, admin, "all", "open")
    with desk.database.reading() as session:
        assert guide.guide(session).current == "organisation"


def test_only_who_may_set_up_says_anything_and_nothing_else_is_a_step(desk: Desk, admin: Actor) -> None:
    assert desk.refused(guide.settle, desk.manager, "people", "skipped") == "not_allowed"
    assert desk.refused(guide.settle, admin, "lunch", "done") == "not_found"
    assert desk.refused(guide.settle, admin, "people", "perhaps") == "unknown_choice"
