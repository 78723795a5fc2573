"""Moving a request between stages."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from hub.app import Hub
from hub.core.customers.contacts import customer_named
from hub.core.values import SYSTEM
from hub.core.work.models import Category
from hub.core.work.parts import add_goal, add_need
from hub.core.work.requests import by_ref

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]


def stage(hub: Hub, ref: str) -> str:
    with hub.core.database.reading() as session:
        found = by_ref(session, ref)
        assert found is not None
        return found.stage


def test_names_every_open_point_when_it_refuses(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(), signed_in("member")
    answer = browser.post(f"/requests/{ref}/stage", data={"stage": "assign"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "OpenPoint" not in text
    for point in ("nobody knows who asks", "no category", "no priority", "no need", "no goal"):
        assert point in text
        assert point in browser.get(f"/requests/{ref}").get_data(as_text=True)
    assert stage(hub, ref) == "identify"


def test_moves_on_when_nothing_is_open_and_back_anywhere(
    hub: Hub, signed_in: SignedIn, open_request: Open
) -> None:
    ref, browser, database = open_request(priority=2), signed_in("member"), hub.core.database
    with database.transaction() as session:
        request = by_ref(session, ref)
        assert request is not None
        request.category = Category(key="hw", title={"zh": "硬件", "en": "Hardware"})
        request.customer = customer_named(session, "Alpha")
        add_need(session, database.now(), SYSTEM, request, "stated", "print")
        add_goal(session, database.now(), SYSTEM, request, "prints")
    answer = browser.post(f"/requests/{ref}/stage", data={"stage": "assign"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert 'id="request-way"' in answer.get_data(as_text=True)
    assert stage(hub, ref) == "assign"
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    assert "moved the request from <strong>Identify</strong> to <strong>Assign</strong>" in page
    assert browser.post(f"/requests/{ref}/stage", data={"stage": "identify"}).status_code == 303
    assert stage(hub, ref) == "identify"


def test_a_stale_card_is_refused(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ref = open_request(stage="assign")
    answer = signed_in("member").post(f"/requests/{ref}/stage", data={"stage": "identify", "version": "7"})
    assert answer.status_code == 409
    assert stage(hub, ref) == "assign"
