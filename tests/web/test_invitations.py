"""Links for the customer, shown once; surveys and quality on the request's page."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.connections.secrets import token_hash
from hub.core.customers.models import Contact
from hub.core.evaluate.models import QualitySample
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.work.models import PublicLink, Task

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
HTMX = {"HX-Request": "true"}


def token(text: str, kind: str) -> str:
    found = re.search(rf"/{kind}/([\w-]{{20,}})", text)
    assert found is not None
    return found[1]


def test_a_tracking_link_is_shown_once(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(), signed_in()
    for extra in ({}, HTMX):
        secret = token(browser.post(f"/requests/{ref}/tracking", headers=extra).get_data(as_text=True), "t")
        with hub.core.database.reading() as session:
            assert session.scalars(
                select(PublicLink).where(PublicLink.token_hash == token_hash(secret))
            ).one()
        assert secret not in browser.get(f"/requests/{ref}").get_data(as_text=True)


def test_a_fresh_survey_link_replaces_the_old_one(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    nobody, browser = open_request(), signed_in()
    assert browser.post(f"/requests/{nobody}/invitation").status_code == 422
    ref = open_request(contact=Contact(name="Ann"), stage="evaluate")
    links = [token(browser.post(f"/requests/{ref}/invitation").get_data(as_text=True), "s") for _ in range(2)]
    with hub.core.database.reading() as session:
        assert session.scalars(select(SurveyInvitation.token_hash)).one() == token_hash(links[1])
    assert "open until" in browser.get(f"/requests/{ref}").get_data(as_text=True)


def test_the_answer_stands_on_the_page(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(contact=Contact(name="Ann"), stage="evaluate"), signed_in()
    browser.post(f"/requests/{ref}/invitation")
    with hub.core.database.transaction() as session:
        now = hub.core.database.now()
        session.add(
            SurveyAnswer(invitation_id=1, request_id=1, at=now, score=4.5, answers={"why": "quick & kind"})
        )
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    assert "4.5" in page
    assert "quick &amp; kind" in page


def test_a_sample_is_rated_by_somebody_else(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ref = open_request(stage="evaluate", tasks=1)
    ann, bob = signed_in("manager", "Ann"), signed_in("manager", "Bob")
    assert bob.post(f"/requests/{ref}/sample", data={"rating": "4"}).status_code == 404
    with hub.core.database.transaction() as session:
        session.add(QualitySample(request_id=1, drawn_at=hub.core.database.now()))
        session.scalars(select(Task)).one().assignee_id = 1
    own = ann.post(f"/requests/{ref}/sample", data={"rating": "5"}, headers=HTMX)
    assert own.status_code == 422
    assert "Nobody checks the quality of their own work" in own.get_data(as_text=True)
    assert bob.post(f"/requests/{ref}/sample", data={"rating": "6"}, headers=HTMX).status_code == 422
    assert bob.post(f"/requests/{ref}/sample", data={"rating": "4", "note": "well told"}).status_code == 303
    page = bob.get(f"/requests/{ref}").get_data(as_text=True)
    assert "4 of 5" in page
    assert "well told" in page
