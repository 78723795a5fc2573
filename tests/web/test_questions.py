"""How much a page asks the database: each question costs more than SQLite takes to answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from hub.app import Hub
from hub.core.conversation import comments
from hub.core.directory.models import Person
from hub.core.directory.people import actor_of
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest
from hub.core.work.parts import add_goal

HTMX = {"HX-Request": "true"}


@pytest.fixture
def asked(hub: Hub) -> Callable[[FlaskClient, str], list[str]]:
    """What a page asks the database when it is looked at for the second time."""

    def look(browser: FlaskClient, path: str, **headers: str) -> list[str]:
        heard: list[str] = []

        def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if statement.startswith(("SELECT", "WITH")):
                heard.append(statement)

        browser.get(path)
        engine = hub.core.database.reader_engine
        event.listen(engine, "before_cursor_execute", hear)
        answer = browser.get(path, headers=headers)
        event.remove(engine, "before_cursor_execute", hear)
        assert answer.status_code in (200, 204)
        return heard

    return look


def test_a_request_of_which_little_is_known_asks_for_little(
    signed_in: Callable[..., FlaskClient], open_request: Callable[..., str], asked: Any
) -> None:
    # Who looks; the request and what hangs on it; its events; the names of who did them.
    assert len(asked(signed_in(), f"/requests/{open_request()}")) <= 4


def test_a_long_conversation_asks_no_more_than_a_word(
    signed_in: Callable[..., FlaskClient], open_request: Callable[..., str], asked: Any, hub: Hub
) -> None:
    browser, ref = signed_in(), open_request()
    counts = []
    for more in (1, 30):
        database = hub.core.database
        with database.transaction() as session:
            row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).one()
            person = actor_of(session.scalars(select(Person)).first())
            for number in range(more):
                said = {"text": f"word {number}", "stream": "public"}
                comments.say(session, database.now(), person, request_id=row.id, **said)
                add_goal(session, database.now(), SYSTEM, row, f"goal {number}")
        counts.append(len(asked(browser, f"/requests/{ref}")))
    assert counts[0] == counts[1] <= 7


def test_a_pulse_without_news_asks_once_beside_who_looks(
    signed_in: Callable[..., FlaskClient], open_request: Callable[..., str], asked: Any
) -> None:
    browser = signed_in()
    page = browser.get(f"/requests/{open_request(tasks=2, stage='execute')}").text
    pulse = page.partition('hx-get="/requests/SR-1/pulse')[2].partition('"')[0].replace("&amp;", "&")
    assert len(asked(browser, f"/requests/SR-1/pulse{pulse}", **HTMX)) == 2
    board = browser.get("/").text.partition('hx-get="/pulse')[2].partition('"')[0].replace("&amp;", "&")
    assert len(asked(browser, f"/pulse{board}", **HTMX)) == 2
