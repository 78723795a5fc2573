"""Requests on hold, going on, dropped."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.work.models import ServiceRequest

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
HTMX = {"HX-Request": "true"}


def test_holds_with_a_reason_and_goes_on(signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(), signed_in("member")
    refused = browser.post(f"/requests/{ref}/state", data={"action": "wait", "reason": ""})
    assert refused.status_code == 422
    held = browser.post(f"/requests/{ref}/state", data={"action": "wait", "reason": "parts ordered"})
    assert held.status_code == 303
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    assert "On hold: parts ordered" in page
    assert "put the request on hold" in page
    assert browser.post(f"/requests/{ref}/state", data={"action": "resume"}).status_code == 303
    assert "On hold" not in browser.get(f"/requests/{ref}").get_data(as_text=True)


def test_only_a_manager_drops(signed_in: SignedIn, open_request: Open) -> None:
    ref = open_request()
    data = {"action": "drop", "reason": "asked twice"}
    assert signed_in("member", "Ann").post(f"/requests/{ref}/state", data=data).status_code == 403
    manager = signed_in("manager", "Bob")
    assert manager.post(f"/requests/{ref}/state", data=data).status_code == 303
    page = manager.get(f"/requests/{ref}").get_data(as_text=True)
    assert "Dropped: asked twice" in page
    assert "This request has ended." in page


def test_refuses_an_action_that_does_not_exist(signed_in: SignedIn, open_request: Open) -> None:
    assert signed_in().post(f"/requests/{open_request()}/state", data={"action": "sell"}).status_code == 422


def test_what_was_done_is_taken_back_by_the_toast(signed_in: SignedIn, open_request: Open, hub: Hub) -> None:
    ref, browser = open_request(), signed_in("manager")
    for data, state in (
        ({"action": "wait", "reason": "parts ordered"}, "waiting"),
        ({"action": "drop", "reason": "asked twice"}, "dropped"),
    ):
        toast = browser.post(f"/requests/{ref}/state", data=data, headers=HTMX).text
        assert state_of(hub) == state
        undo = re.search(r'hx-post="(/bulk-edits/\d+/undoing)"', toast)
        assert undo
        undone = browser.post(undo[1], headers=HTMX)
        assert "Taken back" in undone.text and "pulseNow" in undone.headers["HX-Trigger"]
        assert state_of(hub) == "open"


def test_a_toast_that_comes_too_late_says_why(signed_in: SignedIn, open_request: Open, hub: Hub) -> None:
    ref, browser = open_request(), signed_in("member")
    held = {"action": "wait", "reason": "parts ordered"}
    undo = re.search(
        r'hx-post="(/bulk-edits/\d+/undoing)"',
        browser.post(f"/requests/{ref}/state", data=held, headers=HTMX).text,
    )
    assert undo
    signed_in("member", "Ann").post(f"/requests/{ref}/state", data={"action": "resume"})
    late = browser.post(undo[1], headers=HTMX).text
    assert f"{ref} has been changed since" in late and state_of(hub) == "open"


def state_of(hub: Hub) -> str:
    """The state of the only request."""
    with hub.core.database.reading() as session:
        return session.scalars(select(ServiceRequest.state)).one()
