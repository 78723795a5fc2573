"""Moving cards."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.customers.contacts import customer_named
from hub.core.directory.people import add_person
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.models import Category, ServiceRequest
from hub.core.work.parts import add_goal, add_need
from hub.core.work.requests import create_request
from hub.core.work.tasks import assign_task, create_task, set_state

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/"}


@pytest.fixture
def ref(hub: Hub) -> str:
    """An understood request in stage 3, its one task done."""
    with hub.core.database.transaction() as session:
        now = hub.core.database.now()
        made = create_request(
            session, now, SYSTEM, title="Printer jams", priority=2, customer=customer_named(session, "Alpha"),
            category=Category(key="print", title={"zh": "打印", "en": "Printing"}, keywords=[]),
        )  # fmt: skip
        add_need(session, now, SYSTEM, made, "stated", "print again")
        add_goal(session, now, SYSTEM, made, "prints again")
        made.stage = "execute"
        task = create_task(session, now, SYSTEM, made, TaskDraft("mend it"))
        worker = add_person(session, now, SYSTEM, name="Li Na", email="li@example.com")
        assign_task(session, now, SYSTEM, task, worker)
        set_state(session, now, SYSTEM, task, "done")
        return made.ref


def stage(hub: Hub, ref: str) -> str:
    with hub.core.database.reading() as session:
        return session.scalars(select(ServiceRequest.stage).where(ServiceRequest.ref == ref)).one()


def test_a_form_moves_without_script(signed_in: Callable[..., FlaskClient], hub: Hub, ref: str) -> None:
    browser = signed_in("member")
    page = browser.get(f"/requests/{ref}/moves/new").text
    assert 'value="assign"' in page and f'action="/requests/{ref}/moves"' in page
    answer = browser.post(f"/requests/{ref}/moves", data={"stage": "evaluate", "before": "execute"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert stage(hub, ref) == "evaluate"
    assert "is in stage “Evaluate”" in browser.get("/").text


def test_a_drag_brings_both_columns_and_a_way_back(
    signed_in: Callable[..., FlaskClient], hub: Hub, ref: str
) -> None:
    browser = signed_in("member")
    answer = browser.post(
        f"/requests/{ref}/moves", data={"stage": "assign", "before": "execute"}, headers=HTMX
    )
    assert answer.status_code == 200
    assert set(re.findall(r'id="column-(\w+)"', answer.text)) == {"assign", "execute"}
    undo = re.search(r'hx-post="(/requests/[^"]+)" hx-swap="none"', answer.text)
    assert undo
    assert browser.post(undo[1].replace("&amp;", "&"), headers=HTMX).status_code == 200
    assert stage(hub, ref) == "execute"


def test_a_refused_move_says_why_and_changes_nothing(signed_in: Callable[..., FlaskClient], hub: Hub) -> None:
    with hub.core.database.transaction() as session:
        ref = create_request(session, hub.core.database.now(), SYSTEM, title="Printer jams").ref
    answer = signed_in("member").post(
        f"/requests/{ref}/moves", data={"stage": "execute", "before": "identify"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "no category, no priority" in answer.text and "no goal" in answer.text
    assert stage(hub, ref) == "identify"


def test_a_card_that_has_moved_meanwhile_is_left_alone(
    signed_in: Callable[..., FlaskClient], hub: Hub, ref: str
) -> None:
    answer = signed_in("member").post(
        f"/requests/{ref}/moves", data={"stage": "evaluate", "before": "assign"}, headers=HTMX
    )
    assert answer.status_code == 409
    assert "is in stage “Execute” by now" in answer.text
    assert stage(hub, ref) == "execute"


def test_a_viewer_moves_nothing(signed_in: Callable[..., FlaskClient], hub: Hub, ref: str) -> None:
    browser = signed_in("viewer")
    assert browser.get(f"/requests/{ref}/moves/new").status_code == 403
    assert browser.post(f"/requests/{ref}/moves", data={"stage": "assign"}).status_code == 403
    assert stage(hub, ref) == "execute"


@pytest.mark.parametrize(("path", "to", "status"), [("SR-999", "assign", 404), ("SR-1", "nowhere", 422)])
def test_refuses_what_does_not_exist(
    signed_in: Callable[..., FlaskClient], ref: str, path: str, to: str, status: int
) -> None:
    answer = signed_in("member").post(f"/requests/{path}/moves", data={"stage": to})
    assert answer.status_code == status
