"""The board by person, customer and team, sorted, and one column alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.app import Hub
from hub.core.calendar import WorkingCalendar, ensure_default
from hub.core.customers.models import Customer
from hub.core.database import Database
from hub.core.directory.models import Person, Team
from hub.core.directory.people import add_person
from hub.core.jobs import Jobs
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.models import ServiceRequest
from hub.core.work.requests import create_request
from hub.core.work.tasks import assign_task, create_task
from hub.web.board import cards, groups
from hub.web.board.filters import GROUPS, ORDERS, BoardFilter
from tests.web.test_board import HTMX, SignedIn, pulse_of, someone
from tests.web.test_board import cards as refs_of

Write = Callable[..., str]


@pytest.fixture
def write(hub: Hub) -> Write:
    """Open a request: ``write(customer="Alpha", owner=person, assignee=person, team="Network")``."""

    def make(title: str = "Printer jams", *, stage: str = "execute", **how: Any) -> str:
        database = hub.core.database
        with database.transaction() as session:
            return fill(session, database.now(), title, stage, **how).ref

    return make


def fill(session: Session, now: dt.datetime, title: str, stage: str, **how: Any) -> ServiceRequest:
    """A request with one task."""
    customer = named(session, Customer, how.get("customer"))
    request = create_request(session, now, SYSTEM, title=title, customer=customer, **how.get("values", {}))
    request.owner_id = how.get("owner")
    request.stage = "execute"
    task = create_task(session, now, SYSTEM, request, TaskDraft("do it"))
    team = named(session, Team, how.get("team"))
    task.team_id = team.id if team else None
    if how.get("assignee"):
        assign_task(session, now, SYSTEM, task, session.get(Person, how["assignee"]))
    request.stage = stage
    return request


def named(session: Session, model: Any, name: str | None) -> Any:
    """The row of this name, made where there is none."""
    if name is None:
        return None
    row = session.scalars(select(model).where(model.name == name)).first()
    if row is None:
        row = model(name=name)
        session.add(row)
        session.flush()
    return row


def columns(page: str) -> dict[str, list[str]]:
    """The cards of each column, by its heading."""
    found = {}
    for part in re.findall(r'<section class="column.*?</section>', page, re.S):
        heading = re.search(r"<h2[^>]*>(?:<a[^>]*>)?([^<]*)", part)
        assert heading
        found[heading[1]] = refs_of(part)
    return found


def test_a_request_stands_under_its_owner_or_else_under_who_does_it(
    signed_in: SignedIn, write: Write, hub: Hub
) -> None:
    browser = signed_in("member")
    signed_in("member", "Ann")
    me, ann = someone(hub).id, someone(hub, "Ann").id
    owned, worked, nobodys = write(owner=me, assignee=ann), write(assignee=ann), write()
    assert columns(browser.get("/?group=person").text) == {
        "Nobody": [nobodys], "Ann": [worked], "Wang Lei": [owned],
    }  # fmt: skip


def test_a_request_stands_under_its_customer_and_its_team(signed_in: SignedIn, write: Write) -> None:
    browser = signed_in("member")
    one, two, none = write(customer="Alpha", team="Network"), write(customer="贝塔", team="Network"), write()
    by_customer = columns(browser.get("/?group=customer").text)
    assert by_customer == {"No customer": [none], "Alpha": [one], "贝塔": [two]}
    assert columns(browser.get("/?group=team").text) == {"No team": [none], "Network": [one, two]}


def test_a_card_outside_of_its_stage_says_the_stage(signed_in: SignedIn, write: Write) -> None:
    browser = signed_in("member")
    write(stage="evaluate")
    assert "· Evaluate" in browser.get("/?group=person").text
    assert "· Evaluate" not in browser.get("/").text


def test_only_stages_take_what_is_dragged(signed_in: SignedIn, write: Write) -> None:
    browser = signed_in("member")
    write()
    assert "data-sortable" in browser.get("/").text
    assert "data-sortable" not in browser.get("/?group=person").text


@pytest.mark.parametrize(("sort", "order"), [("urgent", "bca"), ("wanted", "acb"), ("newest", "cba")])
def test_cards_are_sorted_as_the_address_says(
    signed_in: SignedIn, write: Write, sort: str, order: str
) -> None:
    browser = signed_in("member")
    day = dt.date(2026, 3, 9)
    made = {
        "a": write(values={"priority": 3, "wanted_by": day}),
        "b": write(values={"priority": 1}),
        "c": write(values={"priority": 2, "wanted_by": day + dt.timedelta(1)}),
    }
    assert refs_of(browser.get(f"/?sort={sort}").text) == [made[one] for one in order]


def test_longest_in_its_stage_comes_first(signed_in: SignedIn, write: Write, hub: Hub) -> None:
    browser = signed_in("member")
    first, second = write(), write()
    with hub.core.database.transaction() as session:
        row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == second)).one()
        row.stage_since -= dt.timedelta(days=3)
    assert refs_of(browser.get("/?sort=longest").text) == [second, first]


def test_a_column_can_stand_alone_with_all_its_cards(signed_in: SignedIn, write: Write, hub: Hub) -> None:
    browser = signed_in("member")
    me = someone(hub).id
    mine = [write(owner=me) for _ in range(groups.MOST_IN_COLUMN + 5)]
    other = write()
    page = browser.get("/?group=person").text
    assert "5 more" in page and len(refs_of(page)) == groups.MOST_IN_COLUMN + 1
    alone = browser.get(f"/?group=person&only={me}").text
    assert sorted(refs_of(alone)) == sorted(mine)
    assert refs_of(browser.get("/?group=person&only=0").text) == [other]
    assert refs_of(browser.get("/?only=execute").text) and not refs_of(browser.get("/?only=improve").text)


def test_who_has_no_room_is_listed_with_the_number(signed_in: SignedIn, write: Write) -> None:
    browser = signed_in("member")
    for number in range(groups.MOST_COLUMNS + 2):
        write(customer=f"Customer {number:02}")
    write(customer="Customer 13")
    shown = columns(browser.get("/?group=customer").text)
    assert len(shown) == groups.MOST_COLUMNS + 1 and "Customer 13" in shown
    page = browser.get("/?group=customer").text
    assert all(f"Customer {number:02}" in page for number in range(groups.MOST_COLUMNS + 2))
    assert "15 requests" in page


def test_a_pulse_of_a_grouped_board_brings_the_board(signed_in: SignedIn, write: Write) -> None:
    browser = signed_in("member")
    write(customer="Alpha")
    since = pulse_of(browser.get("/?group=customer").text)
    assert browser.get(since, headers=HTMX).status_code == 204
    write(customer="Beta")
    news = browser.get(since, headers=HTMX).text
    assert 'id="board" hx-swap-oob="morph"' in news and set(columns(news)) == {"Alpha", "Beta"}
    assert browser.get(pulse_of(news), headers=HTMX).status_code == 204


def test_a_card_moved_on_a_grouped_board_stays_under_its_person(
    signed_in: SignedIn, write: Write, hub: Hub
) -> None:
    browser = signed_in("member")
    ref = write(owner=someone(hub).id)
    asked = {**HTMX, "HX-Current-URL": "http://localhost/?group=person"}
    answer = browser.post(f"/requests/{ref}/moves", data={"stage": "assign"}, headers=asked)
    assert answer.status_code == 200 and columns(answer.text)["Wang Lei"] == [ref]
    assert "· Assign" in answer.text


@pytest.mark.parametrize(
    "address", ["?group=nonsense&sort=x&only=9", "?group=person&only=x", "?only=nowhere"]
)
def test_what_an_address_cannot_mean_is_left_out(signed_in: SignedIn, write: Write, address: str) -> None:
    ref = write()
    assert refs_of(signed_in("member").get(f"/{address}").text) == [ref]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("sort", ORDERS)
def test_every_grouping_and_order_counts_each_request_once(database: Database, group: str, sort: str) -> None:
    Jobs(database)
    with database.transaction() as session:
        now = database.now()
        ensure_default(session, WorkingCalendar.of("Asia/Shanghai", {"mon": ["09:00-18:00"]}), now)
        ann = add_person(session, now, SYSTEM, name="Ann", email="ann@example.com", role="member")
        for number in range(7):
            fill(
                session, now, f"Request {number}", "execute" if number % 2 else "assign",
                owner=ann.id if number % 3 else None, customer="Alpha" if number % 2 else None,
                team="Network" if number > 3 else None,
            )  # fmt: skip
    with database.reading() as session:
        board = cards.load(session, BoardFilter(group=group, sort=sort), None, database.now())
        for column in board.columns:
            alone = BoardFilter(group=group, sort=sort, only=column.key)
            again = cards.load(session, alone, None, database.now())
            assert [card.ref for card in again.columns[0].cards] == [card.ref for card in column.cards]
            assert again.columns[0].count == column.count == len(column.cards)
    assert board.count == 7
