"""The bell in the head of every page, its list, and the leads' list of what nobody has seen."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.directory.models import Person
from hub.core.notices import bell
from hub.core.work.models import Task

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]


def count(page: str) -> str | None:
    """The number at the bell."""
    found = re.search(r'class="bell"[^>]*>.*?(?:<b>(\S+)</b>)?</a>', page, re.S)
    assert found
    return found[1]


def test_a_mention_rings_until_the_request_is_looked_at(signed_in: SignedIn, open_request: Open) -> None:
    ann, browser = signed_in("member", "Ann"), signed_in("member")
    ref = open_request()
    browser.post(f"/requests/{ref}/comments", data={"text": "@Ann please", "stream": "internal"})
    assert count(ann.get("/").text) == "1" and count(browser.get("/").text) is None
    listed = ann.get("/bell/").text
    assert f"Wang Lei mentioned you in {ref}" in listed and ">new<" in listed
    link = re.search(rf'href="(/requests/{ref}#comment-\d+)"', listed)
    assert link
    ann.get(link[1])
    assert count(ann.get("/").text) is None
    assert f"mentioned you in {ref}" in ann.get("/bell/").text


def test_a_refused_form_leaves_unseen_what_was_unseen(signed_in: SignedIn, open_request: Open) -> None:
    ann, browser = signed_in("member", "Ann"), signed_in("member")
    ref = open_request()
    browser.post(f"/requests/{ref}/comments", data={"text": "@Ann please", "stream": "internal"})
    assert ann.post(f"/requests/{ref}/comments", data={"text": "", "stream": "internal"}).status_code == 422
    assert count(ann.get("/").text) == "1"


def test_an_edited_comment_calls_whom_it_names_now(signed_in: SignedIn, open_request: Open) -> None:
    ann, browser = signed_in("member", "Ann"), signed_in("member")
    ref = open_request()
    browser.post(f"/requests/{ref}/comments", data={"text": "nobody", "stream": "internal"})
    browser.post("/comments/1", data={"text": "now @Ann"})
    assert count(ann.get("/").text) == "1"


def test_all_is_marked_as_seen_at_once(signed_in: SignedIn, open_request: Open) -> None:
    ann, browser = signed_in("member", "Ann"), signed_in("member")
    for _ in range(2):
        browser.post(f"/requests/{open_request()}/comments", data={"text": "@Ann", "stream": "internal"})
    assert count(ann.get("/").text) == "2"
    assert ann.post("/bell/seen").status_code == 303
    assert count(ann.get("/").text) is None


def test_a_lead_sees_what_was_not_seen_and_others_do_not(
    signed_in: SignedIn, open_request: Open, hub: Hub
) -> None:
    lead, ann = signed_in("manager"), signed_in("member", "Ann")
    ref = open_request(stage="execute", tasks=1)
    with hub.core.database.transaction() as session:
        task = session.scalars(select(Task)).one()
        task.assignee = session.scalars(select(Person).where(Person.name == "Ann")).one()
        session.flush()
        bell.give(session, hub.core.database.now(), task, "Wang Lei")
    assert ann.get("/bell/unseen").status_code == 403
    page = lead.get("/bell/unseen").text
    assert f"{ref}-1" in page and "Ann" in page
    assert f"Wang Lei gave you {ref}-1" in ann.get("/bell/").text
    lead.get(f"/tasks/{ref}-1")
    assert f"{ref}-1" in lead.get("/bell/unseen").text
    ann.get(f"/tasks/{ref}-1")
    assert f"{ref}-1" not in lead.get("/bell/unseen").text
