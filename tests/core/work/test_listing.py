"""Lists of requests by filter, order and key, on every database."""

from __future__ import annotations

import datetime as dt

import pytest

from hub.core.customers.models import Customer
from hub.core.database import Database
from hub.core.directory.people import add_person
from hub.core.values import SYSTEM, Refusal, TaskDraft
from hub.core.work.listing import ORDERS, Filter, counts, page
from hub.core.work.models import Category
from hub.core.work.requests import create_request, drop
from hub.core.work.tasks import assign_task, create_task

NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


@pytest.fixture
def filled(database: Database) -> Database:
    """Nine requests that differ in everything a list looks at."""
    with database.transaction() as session:
        category = Category(key="hw", title={"zh": "硬件", "en": "Hardware"})
        customer = Customer(name="Alpha")
        ann = add_person(session, NOW, SYSTEM, name="Ann", email="ann@example.com")
        session.add_all([category, customer])
        session.flush()
        for n in range(9):
            row = create_request(
                session, NOW + dt.timedelta(minutes=n % 4), SYSTEM, title=f"No {n}", priority=n % 5 or None,
                category=category if n % 2 else None, customer=customer if n % 3 else None,
                wanted_by=dt.date(2026, 4, 1 + n % 3) if n % 4 else None, labels=["网络", f"n{n}"][: n % 3],
            )  # fmt: skip
            if n in (2, 3):
                row.stage = "assign"
                task = create_task(session, NOW, SYSTEM, row, TaskDraft("step"))
                assign_task(session, NOW, SYSTEM, task, ann)
            if n == 5:
                row.owner_id = ann.id
            if n == 8:
                drop(session, NOW, SYSTEM, row, "asked twice")
    return database


def titles(database: Database, wanted: Filter, order: str = "newest") -> list[str]:
    with database.reading() as session:
        return [row.title for row in page(session, wanted, order).rows]


def test_finds_what_each_filter_says(filled: Database) -> None:
    assert titles(filled, Filter()) == [f"No {n}" for n in (7, 6, 5, 4, 3, 2, 1, 0)]
    assert titles(filled, Filter(state="dropped")) == ["No 8"]
    assert titles(filled, Filter(category_id=1)) == ["No 7", "No 5", "No 3", "No 1"]
    assert titles(filled, Filter(customer_id=1, stage="assign")) == ["No 2"]
    assert titles(filled, Filter(person_id=1)) == ["No 5", "No 3", "No 2"]
    assert titles(filled, Filter(label="网络")) == ["No 7", "No 5", "No 4", "No 2", "No 1"]
    assert titles(filled, Filter(label="网")) == []


def test_what_has_no_value_comes_last(filled: Database) -> None:
    with filled.reading() as session:
        by_priority = [row.priority for row in page(session, Filter(), "priority").rows]
        by_date = [row.wanted_by for row in page(session, Filter(), "wanted").rows]
    known = [priority for priority in by_priority if priority]
    assert known == sorted(known)
    assert by_priority[len(known) :] == [None, None]
    dates = [day for day in by_date if day]
    assert dates == sorted(dates)
    assert by_date[len(dates) :] == [None, None]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 3, 4])
def test_pages_meet_without_gap_or_double(filled: Database, order: str, size: int) -> None:
    everything, wanted = titles(filled, Filter(), order), Filter()
    seen: list[list[str]] = []
    after: str | None = None
    with filled.reading() as session:
        while True:
            listed = page(session, wanted, order, after=after, size=size)
            seen.append([row.title for row in listed.rows])
            if listed.after is None:
                break
            after = listed.after
        assert [title for rows in seen for title in rows] == everything
        back = [seen[-1]]
        while listed.before is not None:
            listed = page(session, wanted, order, before=listed.before, size=size)
            back.append([row.title for row in listed.rows])
    assert back[::-1] == seen


def test_counts_stages_whatever_stage_is_shown(filled: Database) -> None:
    with filled.reading() as session:
        found = counts(session, Filter(stage="assign", category_id=1))
    assert found == {"identify": 3, "assign": 1, "execute": 0, "evaluate": 0, "improve": 0}


@pytest.mark.parametrize("cursor", ["", "x", "1~", "~1", "nine~1", "2026~x"])
def test_refuses_a_key_nobody_gave_out(filled: Database, cursor: str) -> None:
    with filled.reading() as session:
        if not cursor:
            assert len(page(session, Filter(), after=cursor).rows) == 8
            return
        with pytest.raises(Refusal, match="unknown_choice"):
            page(session, Filter(), after=cursor)


def test_refuses_an_order_stage_or_state_that_does_not_exist(filled: Database) -> None:
    with pytest.raises(Refusal, match="unknown_choice"):
        titles(filled, Filter(), "odd")
    for wrong in ({"stage": "odd"}, {"state": "odd"}):
        with pytest.raises(Refusal, match="unknown_choice"):
            Filter(**wrong)
