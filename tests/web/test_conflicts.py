"""The pages of conflicts: all that wait, one with both sides, settled by one or by the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.connections.models import Connection
from hub.core.execute.models import Conflict, Link, LinkField
from hub.core.values import SYSTEM
from hub.core.work.models import Task
from hub.core.work.tasks import edit_task

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
STATES = {state: [state] for state in ("open", "doing", "waiting", "done", "dropped")}


@pytest.fixture
def conflict(hub: Hub, open_request: Open) -> int:
    """Both sides changed the description; their change log says who."""
    open_request(stage="execute", tasks=1)
    with hub.core.database.transaction() as session:
        now = hub.core.database.now()
        row = Connection(
            name="Defects", family="tracker", kind="sandbox", slug="d", settings={"status_map": STATES}
        )
        session.add(row)
        session.flush()
        session.get_one(Task, 1).body = "one red\ntwo\nthree"
        link = Link(task_id=1, connection_id=row.id, ref="DEF-7", state="conflict", created_at=now)
        session.add(link)
        session.flush()
        base = {"here": "one\ntwo\nthree", "there": "one\ntwo\nthree"}
        session.add(LinkField(link_id=link.id, field="body", base=base))
        made = Conflict(
            link_id=link.id, field="body", kind="both", here="one red\ntwo\nthree",
            there="one <blue>\ntwo\nthree", far_now="one <blue>\ntwo\nthree", far_by="jonas",
            far_at=now - dt.timedelta(hours=1), opened_at=now,
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made.id


def state(hub: Hub) -> tuple[str | None, str, bool]:
    with hub.core.database.reading() as session:
        row = session.scalars(select(Conflict)).one()
        return row.choice, session.get_one(Task, 1).body, row.closed_at is None


def test_the_list_counts_and_leads_to_each(conflict: int, signed_in: SignedIn) -> None:
    page = signed_in("member", "Ann").get("/conflicts").get_data(as_text=True)
    assert "SR-1-1" in page
    assert f"/conflicts/{conflict}" in page
    assert "<del>" in page
    assert "&lt;blue" not in page.split("<ins>")[0].split("Difference")[1]
    assert "Defects 1" in page
    assert "No conflicts" in signed_in("member", "Ben").get("/conflicts?connection=99").get_data(as_text=True)


def test_the_page_shows_both_sides_the_base_and_who(conflict: int, signed_in: SignedIn) -> None:
    page = signed_in("member", "Ann").get(f"/conflicts/{conflict}").get_data(as_text=True)
    for text in ("one red", "one &lt;blue&gt;", "jonas", "only here:", "only there:", "Before"):
        assert text in page
    # The merged text begins with what both said.
    assert "one red\none &lt;blue&gt;\ntwo\nthree</textarea>" in page


@pytest.mark.parametrize(
    ("choice", "text", "body"),
    [
        ("here", "", "one red\ntwo\nthree"),
        ("there", "", "one <blue>\ntwo\nthree"),
        ("text", "purple", "purple"),
    ],
)
def test_one_click_settles_it_and_undo_opens_it_again(
    hub: Hub, conflict: int, signed_in: SignedIn, choice: str, text: str, body: str
) -> None:
    browser = signed_in("member", "Ann")
    page = browser.post(
        f"/conflicts/{conflict}", data={"choice": choice, "text": text}, follow_redirects=True
    ).get_data(as_text=True)
    assert "Ann settled it" in page
    assert state(hub) == (choice, body, False)
    page = browser.post(f"/conflicts/{conflict}/reopen", follow_redirects=True).get_data(as_text=True)
    assert "The conflict is open again" in page
    assert state(hub) == (None, "one red\ntwo\nthree", True)


def test_who_comes_second_sees_what_happened(hub: Hub, conflict: int, signed_in: SignedIn) -> None:
    ann, ben = signed_in("member", "Ann"), signed_in("member", "Ben")
    ann.post(f"/conflicts/{conflict}", data={"choice": "there"})
    page = ben.post(f"/conflicts/{conflict}", data={"choice": "here"}, follow_redirects=True)
    assert "has been settled already" in page.get_data(as_text=True)
    assert "Ann settled it" in page.get_data(as_text=True)
    assert state(hub)[0] == "there"


def test_what_has_moved_on_is_not_opened_again(hub: Hub, conflict: int, signed_in: SignedIn) -> None:
    browser = signed_in("member", "Ann")
    browser.post(f"/conflicts/{conflict}", data={"choice": "there"})
    with hub.core.database.transaction() as session:
        edit_task(session, hub.core.database.now(), SYSTEM, session.get_one(Task, 1), body="later")
    page = browser.post(f"/conflicts/{conflict}/reopen", follow_redirects=True).get_data(as_text=True)
    assert "has changed since" in page
    assert state(hub)[1:] == ("later", False)


def test_viewers_look_but_do_not_choose(hub: Hub, conflict: int, signed_in: SignedIn) -> None:
    browser = signed_in("viewer", "Vic")
    assert "Keep ours" not in browser.get(f"/conflicts/{conflict}").get_data(as_text=True)
    assert browser.post(f"/conflicts/{conflict}", data={"choice": "here"}).status_code == 403
    assert browser.get("/conflicts/99").status_code == 404
