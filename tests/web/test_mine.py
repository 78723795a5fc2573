"""My work."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.directory.models import Person
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.requests import create_request
from hub.core.work.tasks import assign_task, create_task, set_state

SignedIn = Callable[..., FlaskClient]


def task(hub: Hub, name: str, due: dt.date | None = None, state: str = "open", owned: bool = False) -> str:
    """A task of somebody; ``owned`` makes the request theirs too. Gives the task's reference."""
    with hub.core.database.transaction() as session:
        now = hub.core.database.now()
        person = session.scalars(select(Person).where(Person.name == name)).one()
        request = create_request(session, now, SYSTEM, title="Printer jams")
        request.stage, request.owner = "execute", person if owned else None
        made = create_task(session, now, SYSTEM, request, TaskDraft("mend it"))
        made.due = due
        assign_task(session, now, SYSTEM, made, person)
        if state != "open":
            set_state(
                session, now, SYSTEM, made, state, reason="part is ordered" if state == "waiting" else ""
            )
        return made.ref


def refs(page: str) -> list[str]:
    return re.findall(r'data-card="([^"]+)"', page)


def test_lists_my_open_tasks_by_due_date(signed_in: SignedIn, hub: Hub) -> None:
    browser = signed_in("member")
    signed_in("member", "Ann")
    late, undated = task(hub, "Wang Lei", dt.date(2026, 3, 9)), task(hub, "Wang Lei")
    soon = task(hub, "Wang Lei", dt.date(2026, 3, 5), "doing")
    task(hub, "Ann")
    task(hub, "Wang Lei", state="done")
    assert refs(browser.get("/mine").text) == [soon, late, undated]


def test_says_why_something_waits(signed_in: SignedIn, hub: Hub) -> None:
    browser = signed_in("member")
    ref = task(hub, "Wang Lei", state="waiting")
    page = browser.get("/mine").text
    assert refs(page) == [ref] and "part is ordered" in page


def test_lists_the_requests_i_own(signed_in: SignedIn, hub: Hub) -> None:
    browser = signed_in("member")
    ref = task(hub, "Wang Lei", owned=True)
    assert refs(browser.get("/mine").text) == [ref, ref.rpartition("-")[0]]


def test_with_nothing_to_do_it_names_the_next_step(signed_in: SignedIn) -> None:
    page = signed_in("member").get("/mine").text
    assert "No task waits for you" in page and "/?view=nobody" in page
