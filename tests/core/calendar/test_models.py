"""Calendars in the database: a change makes a version, promises keep theirs."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from hub.core.calendar import CalendarVersion, WorkingCalendar, calendar_at, current, ensure_default, revise
from hub.core.database import Database
from hub.core.values import Refusal

SHORT = WorkingCalendar.of("Asia/Shanghai", {"mon": ["09:00-12:00"]})
LONG = WorkingCalendar.of("Asia/Shanghai", {"mon": ["09:00-18:00"]}).with_days(
    {dt.date(2026, 5, 1): "五一"}, {}
)


def versions(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(CalendarVersion)) or 0


def test_an_old_promise_keeps_its_calendar(database: Database) -> None:
    with database.transaction() as session:
        promised = ensure_default(session, SHORT, database.now())
    with database.transaction() as session:
        revised = revise(session, "default", LONG, database.now())
    with database.reading() as session:
        assert calendar_at(session, promised.version).week == SHORT.week
        assert calendar_at(session, revised.version).exceptions == LONG.exceptions
        assert current(session) == revised
    assert promised.version != revised.version


def test_the_same_again_makes_no_version(database: Database) -> None:
    for _ in range(3):
        with database.transaction() as session:
            ensure_default(session, LONG, database.now())
    assert versions(database) == 1


def test_a_changed_configuration_makes_a_version(database: Database) -> None:
    for wanted in (SHORT, LONG):
        with database.transaction() as session:
            assert ensure_default(session, wanted, database.now()).week == wanted.week
    assert versions(database) == 2


def test_the_configuration_leaves_alone_what_people_have_edited(database: Database) -> None:
    with database.transaction() as session:
        ensure_default(session, SHORT, database.now())
        revise(session, "default", LONG, database.now())
        assert ensure_default(session, SHORT, database.now()).week == LONG.week


def test_refuses_a_calendar_that_is_not_there(database: Database) -> None:
    with database.reading() as session:
        with pytest.raises(Refusal):
            current(session)
        with pytest.raises(Refusal):
            calendar_at(session, 7)
