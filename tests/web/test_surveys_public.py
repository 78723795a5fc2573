"""A survey link: looking records nothing, answering counts once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hub.app import Hub
from hub.core.customers.models import Contact
from hub.core.evaluate.survey import ask
from hub.core.history import HistoryEntry
from hub.core.jobs.models import JobRow
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest
from hub.web.guards import limiter
from tests.web.weight import MOST, weight

Open = Callable[..., str]


@pytest.fixture(autouse=True)
def _set_up(signed_in: Callable[..., FlaskClient]) -> None:
    """Somebody is here already, and nobody has posted anything."""
    signed_in("administrator")
    limiter.reset()


@pytest.fixture
def address(hub: Hub, open_request: Open) -> str:
    """A survey link for a request in evaluation."""
    ref, database = open_request(contact=Contact(name="Ann"), stage="evaluate"), hub.core.database
    instrument = hub.core.registry.instruments()["csat"]
    with database.transaction() as session:
        row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).one()
        return f"/s/{ask(session, database.now(), SYSTEM, row, instrument, dt.timedelta(days=14))}"


def counts(hub: Hub) -> list[int | None]:
    with hub.core.database.reading() as session:
        tables = (HistoryEntry.id, SurveyAnswer.id, JobRow.id, SurveyInvitation.id)
        return [session.scalar(select(func.count(column))) for column in tables]


def test_a_thousand_looks_record_nothing(hub: Hub, client: FlaskClient, address: str) -> None:
    before = counts(hub)
    assert {client.get(address).status_code for _ in range(1000)} == {200}
    assert counts(hub) == before
    with hub.core.database.reading() as session:
        assert session.scalars(select(SurveyInvitation.answered_at)).one() is None


def test_needs_no_script_and_is_small(client: FlaskClient, address: str) -> None:
    assert weight(client, address) < MOST


def test_answers_once_and_promises_a_look(hub: Hub, client: FlaskClient, address: str) -> None:
    with hub.core.database.transaction() as session:
        session.query(JobRow).delete()
    sent = client.post(address, data={"satisfaction": "4", "comment": "quick"})
    assert sent.status_code == 303
    assert "Thank you" in client.get(sent.location).get_data(as_text=True)
    again = client.post(address, data={"satisfaction": "1"})
    assert again.status_code == 410
    assert client.get(address).status_code == 410
    with hub.core.database.reading() as session:
        row = session.scalars(select(SurveyAnswer)).one()
        assert (row.score, row.answers) == (4.0, {"satisfaction": 4, "comment": "quick"})
        assert session.scalars(select(JobRow.name)).all() == ["look"]


def test_keeps_what_was_typed_when_something_is_wrong(hub: Hub, client: FlaskClient, address: str) -> None:
    for wrong in ("", "9", "x"):
        page = client.post(address, data={"satisfaction": wrong, "comment": "so & so"})
        assert page.status_code == 422
        assert "so &amp; so" in page.get_data(as_text=True)
    assert counts(hub)[1] == 0


def test_speaks_the_language_of_the_link(client: FlaskClient, address: str) -> None:
    assert "您对这次服务的结果满意吗" in client.get(f"{address}?lang=zh").get_data(as_text=True)
    assert "How satisfied are you" in client.get(f"{address}?lang=en").get_data(as_text=True)


def test_says_that_a_link_has_expired_or_is_unknown(client: FlaskClient, address: str, clock: Any) -> None:
    assert client.get("/s/unknown").status_code == 404
    clock.advance(days=15)
    assert client.get(address).status_code == 410
    assert client.post(address, data={"satisfaction": "4"}).status_code == 410
