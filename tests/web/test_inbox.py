"""The inbox and its triage."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from hub.app import Hub
from hub.core.connections.models import Connection, Delivery
from hub.core.values import SYSTEM
from hub.core.work.models import Category, ServiceRequest
from hub.core.work.parts import add_need
from hub.core.work.requests import create_request, edit_request, wait

HTMX = {"HX-Request": "true"}
SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def category(hub: Hub) -> int:
    """One category of the catalogue."""
    with hub.core.database.transaction() as session:
        made = Category(key="print", title={"zh": "打印", "en": "Printing"}, keywords=[])
        session.add(made)
        session.flush()
        return made.id


def write(hub: Hub, title: str = "Printer jams", **how: Any) -> ServiceRequest:
    with hub.core.database.transaction() as session:
        made = create_request(session, hub.core.database.now(), SYSTEM, title=title, **how)
        made.needs, made.goals = [], []
        return made


def row(hub: Hub, ref: str) -> ServiceRequest:
    with hub.core.database.reading() as session:
        query = select(ServiceRequest).options(selectinload(ServiceRequest.goals))
        return session.scalars(query.where(ServiceRequest.ref == ref)).one()


def refs(page: str) -> list[str]:
    return re.findall(r'data-card="([^"]+)"', page)


def test_lists_what_waits_oldest_first_with_its_open_points(
    signed_in: SignedIn, hub: Hub, clock: Any, category: int
) -> None:
    browser = signed_in("member")
    old = write(hub, source="form")
    clock.advance(hours=2)
    young = write(hub)
    with hub.core.database.transaction() as session:
        now, found = clock.now(), session.get_one(ServiceRequest, young.id)
        edit_request(session, now, SYSTEM, found, category_id=category, priority=2)
        add_need(session, now, SYSTEM, found, "stated", "print again")
        held = create_request(session, now, SYSTEM, title="held")
        wait(session, now, SYSTEM, held, "the customer is away")
        create_request(session, now, SYSTEM, title="further on").stage = "assign"
    page = browser.get("/inbox").text
    assert refs(page) == [old.ref, young.ref]
    first, second = page.split(f'id="inbox-{young.ref}"')
    for point in (
        "no category",
        "no priority",
        "no need is written down",
        "no goal",
        "nobody knows who asks",
    ):
        assert point in first
    assert "no goal" in second and "no category" not in second
    assert ">2 hr. ago<" in first


def test_a_number_opens_its_list(signed_in: SignedIn, hub: Hub, category: int) -> None:
    browser = signed_in("member")
    bare = write(hub)
    known = write(hub)
    with hub.core.database.transaction() as session:
        edit_request(
            session, hub.core.database.now(), SYSTEM,
            session.get_one(ServiceRequest, known.id), category_id=category,
        )  # fmt: skip
    page = browser.get("/inbox").text
    assert '<a href="/inbox?missing=category"><b>1</b></a>' in page
    assert refs(browser.get("/inbox?missing=category").text) == [bare.ref]


def test_counts_unreadable_deliveries(signed_in: SignedIn, hub: Hub) -> None:
    with hub.core.database.transaction() as session:
        made = Connection(name="Shop", family="source", kind="webhook", slug="shop-1")
        session.add(made)
        session.flush()
        for n, status in enumerate(("dead", "read", "dead")):
            session.add(
                Delivery(
                    connection_id=made.id, key=str(n), headers={}, body=b"",
                    received_at=hub.core.database.now(), status=status,
                )
            )  # fmt: skip
    assert re.search(r"<b>2</b>(</a>)?<small>unreadable", signed_in("administrator").get("/inbox").text)


def test_goes_on_page_by_page(signed_in: SignedIn, hub: Hub) -> None:
    browser = signed_in("member")
    made = [write(hub).ref for _ in range(31)]
    page = browser.get("/inbox").text
    assert refs(page) == made[:30]
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older and refs(browser.get(older[1]).text) == made[30:]


def test_triage_in_place(signed_in: SignedIn, hub: Hub, category: int) -> None:
    made = write(hub)
    data = {"category": category, "priority": 1, "goal": "prints again", "version": made.version}
    answer = signed_in("member").post(f"/inbox/{made.ref}", data=data, headers=HTMX)
    assert answer.status_code == 200
    assert f'id="inbox-{made.ref}"' in answer.text and "<html" not in answer.text
    assert "no goal" not in answer.text and "no need" in answer.text
    saved = row(hub, made.ref)
    assert (saved.category_id, saved.priority, [goal.text for goal in saved.goals]) == (
        category,
        1,
        ["prints again"],
    )


def test_triage_is_taken_back(signed_in: SignedIn, hub: Hub, category: int) -> None:
    browser, made = signed_in("member"), write(hub)
    data = {"category": str(category), "priority": "1", "version": str(row(hub, made.ref).version)}
    done = browser.post(f"/inbox/{made.ref}", data=data, headers=HTMX)
    form = BeautifulSoup(done.text, "html.parser").select_one(".toast form")
    assert form is not None
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    undone = browser.post(str(form["hx-post"]), data=fields, headers=HTMX)
    assert (undone.status_code, undone.headers["HX-Retarget"]) == (200, f"#inbox-{made.ref}")
    assert (row(hub, made.ref).category_id, row(hub, made.ref).priority) == (None, None)
    # A toast that stood there while somebody went on takes nothing back.
    data = {"priority": "3", "version": str(row(hub, made.ref).version)}
    assert browser.post(f"/inbox/{made.ref}", data=data, headers=HTMX).status_code == 200
    assert browser.post(str(form["hx-post"]), data=fields, headers=HTMX).status_code == 409
    assert row(hub, made.ref).priority == 3


def test_triage_without_script(signed_in: SignedIn, hub: Hub, category: int) -> None:
    made = write(hub)
    data = {"category": category, "version": made.version, "missing": "category"}
    answer = signed_in("member").post(f"/inbox/{made.ref}", data=data)
    assert (answer.status_code, answer.location) == (303, "/inbox?missing=category")


def test_somebody_elses_change_is_not_overwritten(signed_in: SignedIn, hub: Hub, category: int) -> None:
    made = write(hub)
    with hub.core.database.transaction() as session:
        found = session.get_one(ServiceRequest, made.id)
        edit_request(session, hub.core.database.now(), SYSTEM, found, priority=1)
    data = {"priority": 4, "goal": "half a thought", "version": made.version}
    browser = signed_in("member")
    answer = browser.post(f"/inbox/{made.ref}", data=data, headers=HTMX)
    assert answer.status_code == 409
    assert "Somebody changed this" in answer.text and "half a thought" in answer.text
    assert row(hub, made.ref).priority == 1
    # What was typed can now be saved over it, knowingly.
    version = re.search(r'name="version" value="(\d+)"', answer.text)
    assert (
        version
        and browser.post(f"/inbox/{made.ref}", data={**data, "version": version[1]}).status_code == 303
    )
    assert row(hub, made.ref).priority == 4


@pytest.mark.parametrize("data", [{"category": "999"}, {"priority": "7"}, {"category": "x"}])
def test_refuses_what_is_no_choice(signed_in: SignedIn, hub: Hub, data: dict[str, str]) -> None:
    made = write(hub)
    answer = signed_in("member").post(f"/inbox/{made.ref}", data={**data, "goal": "kept text"}, headers=HTMX)
    assert answer.status_code == 422
    assert "kept text" in answer.text
    assert row(hub, made.ref).goals == []


def test_an_overlong_goal_is_refused_at_its_field(signed_in: SignedIn, hub: Hub) -> None:
    made = write(hub)
    answer = signed_in("member").post(f"/inbox/{made.ref}", data={"goal": "x" * 4001}, headers=HTMX)
    assert answer.status_code == 422 and "At most 4000 characters" in answer.text


def test_a_viewer_reads_but_changes_nothing(signed_in: SignedIn, hub: Hub) -> None:
    made = write(hub)
    browser = signed_in("viewer")
    page = browser.get("/inbox").text
    assert made.ref in page and f'action="/inbox/{made.ref}"' not in page
    assert browser.post(f"/inbox/{made.ref}", data={"priority": "1"}).status_code == 403


def test_an_empty_inbox_names_the_next_step(signed_in: SignedIn) -> None:
    page = signed_in("member").get("/inbox").text
    assert "Everything is understood" in page and "/requests/new" in page


def test_an_unknown_request_is_not_found(signed_in: SignedIn) -> None:
    assert signed_in("member").post("/inbox/SR-99", data={"priority": "1"}).status_code == 404
