"""Requests on hold, going on, dropped."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]


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
