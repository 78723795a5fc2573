"""Pages of runs: what was changed, what would go back, and taking it back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.connections.models import Connection
from hub.core.execute.models import Link, LinkField, Run, RunChange
from hub.core.execute.sync import runs
from hub.core.values import Actor

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
STATES = {state: [state] for state in ("open", "doing", "waiting", "done", "dropped")}
HERE = Actor("connection", 1, "system", "Defects")


@pytest.fixture
def run(hub: Hub, signed_in: SignedIn, open_request: Open) -> int:
    """A round that wrote the title there, took a body over and made the item."""
    open_request(stage="execute", tasks=1)
    with hub.core.database.transaction() as session:
        now = hub.core.database.now()
        row = Connection(
            name="Defects", family="tracker", kind="sandbox", slug="d", settings={"status_map": STATES}
        )
        session.add(row)
        session.flush()
        link = Link(task_id=1, connection_id=row.id, ref="DEF-7", state="settled", created_at=now)
        session.add(link)
        session.flush()
        title = link.task.title
        session.add(LinkField(link_id=link.id, field="title", base={"here": title, "there": title}))
        made = runs.begin(session, now, "round", row, HERE, link=link)
        runs.note(session, now, made, link, "item", "item", None, "DEF-7")
        runs.note(session, now, made, link, "there", "title", "Old <title>", title)
        return made.id


def test_the_list_names_each_run_and_filters_by_kind(hub: Hub, run: int, signed_in: SignedIn) -> None:
    browser = signed_in("manager", "Ann")
    page = browser.get("/connections/1/runs").get_data(as_text=True)
    assert f"/runs/{run}" in page
    assert "SR-1-1" in page
    assert "2 changes" in page
    assert "No runs here" in browser.get("/connections/1/runs?kind=undo").get_data(as_text=True)
    assert "/connections/1/runs" in browser.get("/connections/1").get_data(as_text=True)


def test_the_page_shows_what_goes_back_and_does_exactly_that(hub: Hub, run: int, signed_in: SignedIn) -> None:
    browser = signed_in("manager", "Ann")
    page = browser.get(f"/runs/{run}").get_data(as_text=True)
    assert "Old &lt;title&gt;" in page
    assert "an item made there stays" in page
    assert "Take back 1 change" in page
    found = re.search(r'name="seal" value="(\w+)"', page)
    assert found
    answer = browser.post(f"/runs/{run}/undo", data={"seal": found[1]})
    assert answer.status_code == 303
    with hub.core.database.reading() as session:
        undoing = session.scalars(select(Run).where(Run.kind == "undo")).one()
        planned = session.scalars(select(RunChange).where(RunChange.run_id == undoing.id)).one()
        assert (undoing.undoes_id, planned.after, planned.state) == (run, "Old <title>", "planned")
    page = browser.get(answer.location).get_data(as_text=True)
    assert "waits for its round" in page
    again = browser.get(f"/runs/{run}").get_data(as_text=True)
    assert "is being taken back already" in again
    assert "Take back" not in again


def test_a_plan_that_has_changed_is_shown_anew(hub: Hub, run: int, signed_in: SignedIn) -> None:
    browser = signed_in("manager", "Ann")
    answer = browser.post(f"/runs/{run}/undo", data={"seal": "old"}, follow_redirects=True)
    assert "Something has changed since you looked" in answer.get_data(as_text=True)
    with hub.core.database.reading() as session:
        assert session.scalars(select(Run).where(Run.kind == "undo")).first() is None


def test_members_and_strangers_do_not_see_it(run: int, signed_in: SignedIn) -> None:
    browser = signed_in("member", "Ben")
    assert browser.get(f"/runs/{run}").status_code == 403
    assert browser.post(f"/runs/{run}/undo", data={"seal": "x"}).status_code == 403
    assert signed_in("manager", "Ann").get("/runs/99").status_code == 404
