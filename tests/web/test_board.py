"""The board: its columns, filters, pulse, and how much it asks the database."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from hub.app import Hub
from hub.core.conversation import comments
from hub.core.directory.models import Person
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.models import Category, ServiceRequest
from hub.core.work.requests import create_request, drop
from hub.core.work.tasks import assign_task, create_task

HTMX = {"HX-Request": "true"}
SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def write(hub: Hub) -> Callable[..., str]:
    """Open a request in a stage: ``write("assign", title="…", owner=person)``."""

    def make(
        stage: str = "identify",
        *,
        owner: Person | None = None,
        task: dict[str, Any] | None = None,
        **how: Any,
    ) -> str:
        database = hub.core.database
        with database.transaction() as session:
            now = database.now()
            request = create_request(session, now, SYSTEM, **{"title": "Printer jams", **how})
            request.owner = session.get(Person, owner.id) if owner else None
            if task is not None:
                request.stage = "execute"
                made = create_task(session, now, SYSTEM, request, TaskDraft("do it"))
                made.due = task.get("due")
                if "assignee" in task:
                    assign_task(session, now, SYSTEM, made, session.get(Person, task["assignee"].id))
            request.stage = stage
            return request.ref

    return make


def someone(hub: Hub, name: str = "Wang Lei") -> Person:
    with hub.core.database.reading() as session:
        return session.scalars(select(Person).where(Person.name == name)).one()


def column(page: str, stage: str) -> str:
    found = re.search(rf'<section class="column {stage}".*?</section>', page, re.S)
    assert found, f"no column {stage}"
    return found[0]


def cards(page: str) -> list[str]:
    return re.findall(r'data-card="([^"]+)"', page)


def test_shows_each_request_in_the_column_of_its_stage(
    signed_in: SignedIn, write: Callable[..., str]
) -> None:
    browser = signed_in("member")
    refs = {stage: write(stage) for stage in ("identify", "assign", "execute", "evaluate", "improve")}
    page = browser.get("/").text
    for stage, ref in refs.items():
        assert cards(column(page, stage)) == [ref]


def test_a_card_says_what_matters(
    signed_in: SignedIn, write: Callable[..., str], hub: Hub, clock: Any
) -> None:
    browser = signed_in("member")
    database = hub.core.database
    with database.transaction() as session:
        session.add(Category(key="print", title={"zh": "打印", "en": "Printing"}, keywords=[]))
    with database.reading() as session:
        category = session.scalars(select(Category).where(Category.key == "print")).one()
    ref = write(
        title="卡纸 & <b>", priority=1, labels=["3F"], wanted_by=dt.date(2026, 3, 6), category=category
    )
    with database.transaction() as session:
        request = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).one()
        comments.say(session, clock.now(), SYSTEM, request_id=request.id, text="on my way", stream="internal")
    card = column(browser.get("/").text, "identify")
    for part in ("卡纸 &amp; &lt;b&gt;", "prio-1", "Printing", "+1", ">2d<"):
        assert part in card, part
    assert re.search(r'i-comment"/></svg>1<', card)


def test_a_day_ends_where_the_calendar_is(signed_in: SignedIn, write: Callable[..., str], clock: Any) -> None:
    browser = signed_in("member")
    write(wanted_by=dt.date(2026, 3, 4))
    # In Shanghai the fourth of March ends at 16:00 UTC.
    assert ">4h<" in browser.get("/").text
    clock.set(dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC))
    page = browser.get("/").text
    assert ">-1h<" in page and "1 overdue" in page


def test_a_task_that_is_due_earlier_makes_the_request_due(
    signed_in: SignedIn, write: Callable[..., str]
) -> None:
    browser = signed_in("member")
    ref = write("execute", wanted_by=dt.date(2026, 3, 20), task={"due": dt.date(2026, 3, 3)})
    assert cards(browser.get("/?view=overdue").text) == [ref]
    assert cards(browser.get("/?view=near").text) == [ref]


def test_counts_only_what_is_live(
    signed_in: SignedIn, write: Callable[..., str], hub: Hub, clock: Any
) -> None:
    browser = signed_in("member")
    write()
    ended = write()
    with hub.core.database.transaction() as session:
        row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ended)).one()
        drop(session, clock.now(), SYSTEM, row, "not needed")
    clock.advance(days=3)
    page = browser.get("/").text
    assert "1 request<" in page and "1 · mean 3 d" in column(page, "identify")


def test_views_and_filters_are_addresses(signed_in: SignedIn, write: Callable[..., str], hub: Hub) -> None:
    browser = signed_in("member")
    signed_in("member", "Ann")
    me, ann = someone(hub), someone(hub, "Ann")
    owned, working = write(owner=me), write("execute", task={"assignee": me})
    hers, nobodys = write(owner=ann), write("execute", task={})
    assert set(cards(browser.get("/?view=mine").text)) == {owned, working}
    assert set(cards(browser.get("/?view=nobody").text)) == {nobodys}
    assert set(cards(browser.get(f"/?person={ann.id}").text)) == {hers}
    assert set(cards(browser.get("/?view=nonsense&person=x&team=-1").text)) == {owned, working, hers, nobodys}
    assert cards(browser.get("/?customer=999").text) == []


def test_shows_thirty_and_links_to_the_rest(signed_in: SignedIn, write: Callable[..., str]) -> None:
    browser = signed_in("member")
    for _ in range(32):
        write()
    found = column(browser.get("/").text, "identify")
    assert len(cards(found)) == 30
    assert "2 more" in found and "stage=identify" in found


def test_who_may_not_move_is_not_offered_to(signed_in: SignedIn, write: Callable[..., str]) -> None:
    write()
    assert "data-move" in signed_in("member").get("/").text
    watched = signed_in("viewer", "Ann").get("/").text
    assert "data-card" in watched and "data-move" not in watched and "data-sortable" not in watched


def test_the_same_card_speaks_each_readers_language(signed_in: SignedIn, write: Callable[..., str]) -> None:
    browser = signed_in("member")
    write(priority=1)
    assert 'aria-label="Urgent"' in browser.get("/").text
    browser.set_cookie("language", "zh")
    assert 'aria-label="紧急"' in browser.get("/").text


def pulse_of(page: str) -> str:
    found = re.search(r'hx-get="(/pulse[^"]*)"', page)
    assert found
    return found[1].replace("&amp;", "&")


def test_a_pulse_without_news_is_empty(signed_in: SignedIn, write: Callable[..., str]) -> None:
    browser = signed_in("member")
    write()
    assert browser.get(pulse_of(browser.get("/").text), headers=HTMX).status_code == 204


def test_a_pulse_brings_only_the_column_that_changed(signed_in: SignedIn, write: Callable[..., str]) -> None:
    browser = signed_in("member")
    write()
    since = pulse_of(browser.get("/").text)
    ref = write("assign")
    news = browser.get(since, headers=HTMX)
    assert news.status_code == 200
    assert cards(column(news.text, "assign")) == [ref] and "column identify" not in news.text
    assert browser.get(pulse_of(news.text), headers=HTMX).status_code == 204


def test_a_pulse_keeps_the_filter(signed_in: SignedIn, write: Callable[..., str]) -> None:
    browser = signed_in("member")
    since = pulse_of(browser.get("/?view=mine").text)
    write()
    assert browser.get(since, headers=HTMX).status_code == 204


def statements(hub: Hub, browser: FlaskClient, path: str) -> list[tuple[str, Any]]:
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            heard.append((statement, values))

    engine = hub.core.database.reader_engine
    event.listen(engine, "before_cursor_execute", hear)
    assert browser.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", hear)
    return heard


def test_asks_as_much_for_forty_cards_as_for_one(
    signed_in: SignedIn, write: Callable[..., str], hub: Hub
) -> None:
    browser = signed_in("member")
    write("execute", task={"assignee": someone(hub)})
    browser.get("/")
    few = len(statements(hub, browser, "/"))
    for _ in range(39):
        write("execute", task={"assignee": someone(hub)})
    assert len(statements(hub, browser, "/")) == few


@pytest.mark.parametrize(
    "view",
    [
        "", "?view=mine", "?view=near", "?view=nobody", "?customer=1", "?person=1", "?team=1",
        "?group=person", "?group=customer", "?group=team", "?group=person&only=1", "?sort=longest",
    ],
)  # fmt: skip
def test_never_reads_what_has_ended(
    signed_in: SignedIn, write: Callable[..., str], hub: Hub, view: str
) -> None:
    browser = signed_in("member")
    write("execute", task={"assignee": someone(hub)})
    with hub.core.database.reading() as session:
        for statement, values in statements(hub, browser, f"/{view}"):
            if re.search(r"\bFROM requests\b", statement):
                assert "ix_requests_live" in plan(session, statement, values), statement


def plan(session: Session, statement: str, values: Any) -> str:
    rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return "\n".join(row[3] for row in rows)


def test_what_the_first_paint_waits_for_is_the_end_of_the_board(signed_in: SignedIn) -> None:
    """An address that stands nowhere would hold back nothing, and nobody would see it but the clock."""
    page = signed_in("member").get("/").text
    found = re.search(r'<link rel="expect" href="#([\w-]+)" blocking="render">', page)
    assert found is not None
    assert page.index('id="board"') < page.index(f'id="{found[1]}"')
