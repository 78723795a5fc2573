"""A first import in the pages: begun, shown as a table of differences, changed by hand, carried out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hub.app import Hub
from hub.core.connections import manage
from hub.core.execute import importing
from hub.core.execute.importing.models import Import, ImportRow
from hub.core.execute.models import Link
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest, Task
from hub.lab.sandbox import SandboxTracker
from hub.lab.wire import Wire

SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def sandbox(hub: Hub, clock: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxTracker]:
    made = SandboxTracker(":memory:", clock=clock)  # type: ignore[arg-type]
    monkeypatch.setattr(hub.core.opener, "_http", lambda _row, _ask: Wire(made))
    yield made
    made.close()


@pytest.fixture
def number(hub: Hub, sandbox: SandboxTracker) -> int:
    database = hub.core.database
    with database.transaction() as session:
        return manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Board", kind="sandbox",
            settings={"base_url": "http://127.0.0.1/"}, secrets={},
        ).id  # fmt: skip


def work(hub: Hub) -> str:
    """Let the job go on to its end; gives the state of the last import."""
    for _ in range(20):
        with hub.core.database.reading() as session:
            held = session.scalars(select(Import).order_by(Import.id.desc()).limit(1)).one()
        if held.state not in importing.WORKING:
            break
        importing.advance(hub.core.database, hub.core.opener, held.id)
    return held.state


def count(hub: Hub, model: type) -> int:
    with hub.core.database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_begins_shows_and_does_what_was_shown(
    hub: Hub, sandbox: SandboxTracker, number: int, signed_in: SignedIn
) -> None:
    sandbox.board.create("mei", {"title": "Printer <b>burns</b>", "labels": ["fire"], "assignee": "mei"})
    browser = signed_in("administrator")
    assert "First the hub only looks" in browser.get(f"/connections/{number}/imports/new").get_data(
        as_text=True
    )
    begun = browser.post(f"/connections/{number}/imports", data={"target": "requests", "only_open": "1"})
    assert begun.status_code == 303
    page = browser.get(begun.location).get_data(as_text=True)
    assert "listing what lies there" in page
    assert 'id="import-progress" hx-get=' in page
    assert work(hub) == "ready"
    page = browser.get(begun.location).get_data(as_text=True)
    assert "new request" in page
    assert "Printer &lt;b&gt;burns&lt;/b&gt;" in page
    assert "cannot cross: the person there is not known here" in page
    assert (count(hub, ServiceRequest), count(hub, Link)) == (0, 0)
    ended = browser.get(f"{begun.location}/progress")
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    assert browser.post(f"{begun.location}/run").status_code == 303
    assert work(hub) == "done"
    page = browser.get(begun.location).get_data(as_text=True)
    assert re.search(r'href="/tasks/SR-\d+-1"', page)
    assert (count(hub, ServiceRequest), count(hub, Link)) == (1, 1)
    steps = browser.get(f"/connections/{number}/setup").get_data(as_text=True)
    assert "done" in steps.split('id="step-import"')[1]


def test_an_item_can_be_left_out_or_linked_to_the_suggested_task(
    hub: Hub, sandbox: SandboxTracker, number: int, signed_in: SignedIn, open_request: Callable[..., str]
) -> None:
    open_request("Ours", stage="execute", tasks=1)
    sandbox.board.create("mei", {"title": "Step 1", "text": "Theirs"})
    sandbox.board.create("mei", {"title": "Unwanted"})
    browser = signed_in("administrator")
    at = browser.post(f"/connections/{number}/imports", data={"target": "requests"}).location
    work(hub)
    with hub.core.database.reading() as session:
        rows = {row.title: row.id for row in session.scalars(select(ImportRow))}
        task = session.scalars(select(Task)).one()
    assert f"Link to {task.ref} instead" in browser.get(at).get_data(as_text=True)
    assert browser.post(f"{at}/rows/{rows['Step 1']}", data={"choice": "link"}).status_code == 303
    assert browser.post(f"{at}/rows/{rows['Unwanted']}", data={"choice": "skip"}).status_code == 303
    assert browser.post(f"{at}/rows/{rows['Unwanted']}", data={"choice": "eat"}).status_code == 422
    browser.post(f"{at}/run")
    assert work(hub) == "done"
    with hub.core.database.reading() as session:
        assert [link.task_id for link in session.scalars(select(Link))] == [task.id]


def test_says_at_the_field_what_is_wrong(hub: Hub, number: int, signed_in: SignedIn) -> None:
    browser = signed_in("administrator")
    for typed in ({"target": "tasks"}, {"target": "tasks", "request": "SR-99"}):
        answer = browser.post(f"/connections/{number}/imports", data=typed)
        assert answer.status_code == 422
        assert 'id="request-error"' in answer.get_data(as_text=True)


def test_shows_what_changed_meanwhile(
    hub: Hub, sandbox: SandboxTracker, number: int, signed_in: SignedIn
) -> None:
    key = sandbox.board.create("mei", {"title": "Before"})["key"]
    browser = signed_in("administrator")
    at = browser.post(f"/connections/{number}/imports", data={"target": "requests"}).location
    work(hub)
    sandbox.board.change(key, "mei", {"title": "Afterwards"})
    browser.post(f"{at}/run")
    assert work(hub) == "done"
    page = browser.get(f"{at}?show=changed").get_data(as_text=True)
    assert "Afterwards" in page
    assert "Look again at the rest" in page


def test_only_administrators_import(number: int, signed_in: SignedIn) -> None:
    browser = signed_in("manager")
    assert browser.get(f"/connections/{number}/imports/new").status_code == 403
    assert browser.post(f"/connections/{number}/imports", data={"target": "requests"}).status_code == 403
