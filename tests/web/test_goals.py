"""Needs and goals: written at intake, scored at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.work.models import Goal, ServiceRequest

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
HTMX = {"HX-Request": "true"}


@pytest.mark.process("P9")
def test_needs_stand_in_three_columns_with_evidence(signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(), signed_in()
    for kind in ("stated", "expected", "unspoken"):
        data = {"kind": kind, "text": f"a {kind} need", "evidence": "her mail"}
        assert browser.post(f"/requests/{ref}/needs", data=data).status_code == 303
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    places = [page.index(f"a {kind} need") for kind in ("stated", "expected", "unspoken")]
    assert places == sorted(places)
    assert "her mail" in page
    refused = browser.post(f"/requests/{ref}/needs", data={"kind": "odd", "text": "kept text"}, headers=HTMX)
    assert refused.status_code == 422
    assert "kept text" in refused.get_data(as_text=True)


@pytest.mark.process("P6")
def test_goals_are_set_early_and_scored_late(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(), signed_in()
    assert browser.post(f"/requests/{ref}/goals", data={"text": "prints"}).status_code == 303
    early = browser.post(f"/requests/{ref}/goals/1/score", data={"result": "met"})
    assert early.status_code == 422
    with hub.core.database.transaction() as session:
        session.scalars(select(ServiceRequest)).one().stage = "evaluate"
    assert browser.post(f"/requests/{ref}/goals", data={"text": "late"}).status_code == 422
    without = browser.post(f"/requests/{ref}/goals/1/score", data={"result": "not_met"}, headers=HTMX)
    assert without.status_code == 422
    assert 'id="request-goals"' in without.get_data(as_text=True)
    data = {"result": "not_met", "note": "still jams"}
    assert browser.post(f"/requests/{ref}/goals/1/score", data=data).status_code == 303
    with hub.core.database.reading() as session:
        assert session.scalars(select(Goal.result)).one() == "not_met"
    assert "still jams" in browser.get(f"/requests/{ref}").get_data(as_text=True)


def test_a_goal_of_another_request_is_not_found(signed_in: SignedIn, open_request: Open) -> None:
    first, second, browser = open_request(), open_request(), signed_in()
    browser.post(f"/requests/{first}/goals", data={"text": "prints"})
    assert browser.post(f"/requests/{second}/goals/1/score", data={"result": "met"}).status_code == 404
