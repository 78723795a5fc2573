"""Links to trackers, their state and their conflicts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.connections.models import Connection
from hub.core.execute.models import Conflict, Link, LinkField
from hub.core.execute.sync.files import FileCopy
from hub.core.execute.sync.tables import TableStore
from hub.core.values import FarWork
from hub.core.work.models import Task

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
HTMX = {"HX-Request": "true"}
STATES = {state: [state] for state in ("open", "doing", "waiting", "done", "dropped")}


@pytest.fixture
def tracker(hub: Hub) -> int:
    with hub.core.database.transaction() as session:
        row = Connection(
            name="Defects", family="tracker", kind="sandbox", slug="d", settings={"status_map": STATES}
        )
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def linked(hub: Hub, tracker: int, signed_in: SignedIn, open_request: Open) -> FlaskClient:
    open_request(stage="execute", tasks=1)
    browser = signed_in("member", "Ann")
    answer = browser.post("/tasks/SR-1-1/links", data={"connection": str(tracker), "ref": "DEF-7"})
    assert answer.status_code == 303
    return browser


def change(hub: Hub, **values: Any) -> None:
    with hub.core.database.transaction() as session:
        link = session.scalars(select(Link)).one()
        for name, value in values.items():
            setattr(link, name, value)


def test_links_a_task_once(hub: Hub, linked: FlaskClient, tracker: int) -> None:
    page = linked.get("/requests/SR-1").get_data(as_text=True)
    assert "DEF-7" in page
    assert "Defects" in page
    assert "it has just been linked" in page
    assert "linked <strong>SR-1-1</strong> with <strong>Defects</strong>" in page
    again = linked.post(
        "/tasks/SR-1-1/links", data={"connection": str(tracker), "ref": "DEF-7"}, headers=HTMX
    )
    assert again.status_code == 422
    assert "DEF-7 is linked already." in again.get_data(as_text=True)
    none = linked.post("/tasks/SR-1-1/links", data={"connection": "", "ref": "x"}, headers=HTMX)
    assert none.status_code == 422


def test_says_since_when_and_why_it_waits(hub: Hub, linked: FlaskClient, clock: Any) -> None:
    change(
        hub, state="waiting", reason={"id": "sync_ill", "text": "503"}, waiting_since=clock.at,
        due_at=clock.at + dt.timedelta(minutes=5), url="http://tracker.example/7",
    )  # fmt: skip
    page = linked.get("/requests/SR-1").get_data(as_text=True)
    assert "waiting since 12:00" in page
    assert "the tracker cannot answer now: 503" in page
    assert "again in 5 min" in page
    assert 'href="http://tracker.example/7"' in page


def test_pauses_and_goes_on(hub: Hub, linked: FlaskClient) -> None:
    for paused in ("1", "0"):
        assert linked.post("/links/1/pause", data={"paused": paused}, headers=HTMX).status_code == 200
        with hub.core.database.reading() as session:
            assert session.scalars(select(Link.paused)).one() is (paused == "1")
    assert linked.post("/links/9/pause", data={"paused": "1"}).status_code == 404


@pytest.mark.parametrize(("choice", "title"), [("here", "ours"), ("there", "theirs"), ("text", "third")])
def test_a_person_decides_a_conflict(hub: Hub, linked: FlaskClient, choice: str, title: str) -> None:
    with hub.core.database.transaction() as session:
        session.scalars(select(Task)).one().title = "ours"
        session.add(LinkField(link_id=1, field="title", base={"here": "before", "there": "before"}))
        session.add(
            Conflict(
                link_id=1, field="title", kind="both", here="ours", there="theirs", far_now="theirs",
                opened_at=hub.core.database.now(),
            )
        )  # fmt: skip
    page = linked.get("/requests/SR-1").get_data(as_text=True)
    assert "1 conflict" in page
    assert "conflict: title" in page
    detail = linked.get("/tasks/SR-1-1").get_data(as_text=True)
    for text in ("ours", "theirs", "before"):
        assert f">{text}</dd>" in detail
    assert linked.post("/conflicts/1", data={"choice": "odd"}, headers=HTMX).status_code == 422
    answer = linked.post("/conflicts/1", data={"choice": choice, "text": "third"}, headers=HTMX)
    assert answer.status_code == 200
    with hub.core.database.reading() as session:
        assert session.scalars(select(Task.title)).one() == title
        assert session.scalars(select(Conflict.choice)).one() == choice
    again = linked.post("/conflicts/1", data={"choice": choice}, follow_redirects=True)
    assert "settled already" in again.get_data(as_text=True)
    assert linked.post("/conflicts/9", data={"choice": choice}).status_code == 404


def test_a_conflict_of_labels_takes_a_list(hub: Hub, linked: FlaskClient) -> None:
    with hub.core.database.transaction() as session:
        session.add(LinkField(link_id=1, field="labels", base={}))
        session.add(
            Conflict(
                link_id=1, field="labels", kind="both", here={"set": ["a"]}, there={"set": ["b"]},
                far_now={"set": ["b"]}, opened_at=hub.core.database.now(),
            )
        )  # fmt: skip
    assert linked.post("/conflicts/1", data={"choice": "text", "text": "x，y"}).status_code == 303
    with hub.core.database.reading() as session:
        assert session.scalars(select(Task.labels)).one() == ["x", "y"]


def test_shows_files_and_time_from_a_tracker_at_the_task_and_the_request(
    hub: Hub, linked: FlaskClient
) -> None:
    with hub.core.database.reading() as session:
        link = session.scalars(select(Link)).one()
    store = TableStore(hub.core.database, link.id, files=hub.core.files)
    came = FileCopy("there", "photo.txt", 5, "?", "f1", "copied")
    store.file_here(replace(came, sha256=sha256(b"bytes").hexdigest()), b"bytes")
    reason = {"id": "sync_file_too_large", "size": 9_000_000, "most": 5_000_000}
    store.keep_file(FileCopy("there", "film.mov", 9_000_000, None, "f2", "refused", reason))
    store.keep_worklogs([FarWork("w1", "Jonas", dt.date(2026, 3, 2), 90, "looked at it")])
    for address in ("/tasks/SR-1-1", "/requests/SR-1"):
        page = linked.get(address).get_data(as_text=True)
        assert "photo.txt" in page
        assert "film.mov" in page
        assert "larger than the connection carries: 9000000 of 5000000 bytes" in page
        assert "Jonas · Defects" in page
        assert "90 min" in page
    at_the_link = "film.mov: larger than the connection carries"
    assert at_the_link in linked.get("/tasks/SR-1-1").get_data(as_text=True)
    assert "a file came to <strong>SR-1-1</strong> over <strong>Defects</strong>" in page
    number = re.search(r'href="(/files/\d+)">photo.txt', page)
    assert number is not None
    assert linked.get(number[1]).data == b"bytes"


def test_a_file_that_comes_twice_is_here_once(hub: Hub, linked: FlaskClient) -> None:
    with hub.core.database.reading() as session:
        link = session.scalars(select(Link)).one()
    store = TableStore(hub.core.database, link.id, files=hub.core.files)
    digest = sha256(b"bytes").hexdigest()
    for ref in ("f1", "f1", "f2"):
        store.file_here(FileCopy("there", "a.txt", 5, digest, ref, "copied"), b"bytes")
    files = store.files()
    assert [file.sha256 for file in files.ours] == [digest]
    assert [copy.far_ref for copy in files.copies] == ["f1", "f2"]


def test_says_what_the_item_is_a_part_of_there(hub: Hub, linked: FlaskClient) -> None:
    change(hub, parent={"ref": "10001", "name": "DEF-1 Printers"})
    page = linked.get("/tasks/SR-1-1").get_data(as_text=True)
    assert "Part of" in page
    assert "DEF-1 Printers" in page
    assert '/tasks/SR-1-1">SR-1-1</a> · DEF-1 Printers' not in page
    change(hub, parent={"ref": "DEF-7", "name": "DEF-7 Itself"})
    assert '/tasks/SR-1-1">SR-1-1</a> · DEF-7 Itself' in linked.get("/tasks/SR-1-1").get_data(as_text=True)
