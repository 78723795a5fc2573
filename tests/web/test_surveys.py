"""Evaluation: scores with n and interval, and the lists behind every number."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.customers.models import Contact
from hub.core.evaluate.models import QualitySample
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.work.models import Category, ServiceRequest, Task

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]


@pytest.fixture
def answered(hub: Hub, open_request: Open) -> Callable[..., None]:
    """Make invitations of a category with these scores; None was not answered."""

    def make(key: str | None, *scores: float | None) -> None:
        database = hub.core.database
        for score in scores:
            with database.reading() as session:
                category = session.scalars(select(Category).where(Category.key == key)).first()
            ref = open_request("Asked", stage="evaluate", category=category, contact=Contact(name="Ann"))
            with database.transaction() as session:
                row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).one()
                asked = SurveyInvitation(
                    request_id=row.id, instrument="csat", instrument_version="1", token_hash=ref,
                    created_at=database.now(), expires_at=database.now(),
                )  # fmt: skip
                session.add(asked)
                session.flush()
                if score is not None:
                    session.add(
                        SurveyAnswer(
                            invitation_id=asked.id, request_id=row.id, at=database.now(), score=score,
                            answers={"satisfaction": int(score), "comment": f"said {score:g}"},
                        )
                    )  # fmt: skip

    with hub.core.database.transaction() as session:
        session.add(Category(key="net", title={"zh": "网络", "en": "Network"}))
    return make


def test_every_number_opens_the_list_that_makes_it(
    signed_in: SignedIn, answered: Callable[..., None]
) -> None:
    answered("net", 4, 5, 3, None)
    answered(None, 1)
    browser = signed_in("viewer")
    page = browser.get("/surveys/").get_data(as_text=True)
    assert "3.25" in page
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/surveys/answers[^"]+)"', page)}
    found = {link: browser.get(link).get_data(as_text=True).count('href="/requests/SR-') for link in links}
    assert found["/surveys/answers?days=90&state=answered"] == 4
    assert found["/surveys/answers?days=90"] == 5
    assert found["/surveys/answers?days=90&state=unanswered"] == 1
    assert found["/surveys/answers?days=90&category=1&state=answered"] == 3
    assert found["/surveys/answers?days=90&category=1"] == 4
    assert found["/surveys/answers?days=90&category=0&state=answered"] == 1
    assert "said 5" in browser.get("/surveys/answers?category=1").get_data(as_text=True)


def test_shows_no_interval_for_one_answer_and_no_mean_for_none(
    signed_in: SignedIn, answered: Callable[..., None]
) -> None:
    browser = signed_in("viewer")
    assert "Nobody was asked" in browser.get("/surveys/").get_data(as_text=True)
    answered("net", 4)
    assert not re.search(r"\[\d\S* – ", browser.get("/surveys/").get_data(as_text=True))
    answered("net", 2)
    assert "[1 – 5]" in browser.get("/surveys/").get_data(as_text=True)


def test_asks_only_about_the_chosen_time(
    signed_in: SignedIn, answered: Callable[..., None], clock: Any
) -> None:
    answered("net", 4)
    clock.advance(days=40)
    browser = signed_in("viewer")
    assert "Nobody was asked" in browser.get("/surveys/?days=30").get_data(as_text=True)
    assert "Network" in browser.get("/surveys/?days=365").get_data(as_text=True)


def test_samples_wait_for_somebody_else(hub: Hub, signed_in: SignedIn, open_request: Open) -> None:
    ann, bob = signed_in("manager", "Ann"), signed_in("manager", "Bob")
    ref = open_request("Sampled", tasks=1)
    with hub.core.database.transaction() as session:
        task = session.scalars(select(Task)).one()
        task.assignee_id = 1
        session.add(QualitySample(request_id=task.request_id, drawn_at=hub.core.database.now()))
    assert "your own work" in ann.get("/surveys/").get_data(as_text=True)
    address = f"/requests/{ref}/sample"
    assert address in bob.get("/surveys/").get_data(as_text=True)
    assert bob.post(address, data={"rating": "4", "note": "tidy"}).status_code == 303
    page = bob.get("/surveys/").get_data(as_text=True)
    assert "tidy" in page
    assert address not in page
