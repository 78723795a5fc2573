"""The customer's page shows one request, its public side, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core import workflow
from hub.core.connections.models import Connection
from hub.core.conversation.comments import say
from hub.core.conversation.models import Comment
from hub.core.customers.models import Contact
from hub.core.files import attach
from hub.core.history import HistoryEntry
from hub.core.surveys.models import SurveyInvitation
from hub.core.values import SYSTEM, Actor
from hub.core.work.models import ServiceRequest
from hub.core.work.public import make_link
from hub.web.guards import limiter
from tests.web.weight import MOST, weight

Open = Callable[..., str]


@pytest.fixture(autouse=True)
def _set_up(signed_in: Callable[..., FlaskClient]) -> None:
    """Somebody is here already, and nobody has posted anything."""
    signed_in("administrator")
    limiter.reset()


@pytest.fixture
def track(hub: Hub) -> Callable[..., str]:
    """The address of a fresh tracking link."""

    def make(ref: str | None = None, **values: Any) -> str:
        database = hub.core.database
        with database.transaction() as session:
            row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).first()
            return "/t/" + make_link(session, database.now(), request_id=row.id if row else None, **values)

    return make


def text_of(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def test_shows_state_next_step_and_date(
    hub: Hub, client: FlaskClient, open_request: Open, track: Callable[..., str]
) -> None:
    ref = open_request("Printer jams", stage="execute", tasks=1, wanted_by=dt.date(2026, 3, 20))
    address = track(ref)
    page = text_of(client, address)
    for shown in (ref, "Printer jams", "The work is under way.", "2026-03-20", 'aria-current="step"'):
        assert shown in page
    assert "工作正在进行" in text_of(client, f"{address}?lang=zh")


def test_never_shows_what_is_internal_or_of_another_request(
    hub: Hub, client: FlaskClient, open_request: Open, track: Callable[..., str]
) -> None:
    ref, other = open_request(body="the body"), open_request("Other secret")
    database = hub.core.database
    with database.transaction() as session:
        ids = dict(session.execute(select(ServiceRequest.ref, ServiceRequest.id)).all())
        for number, stream, text in (
            (ids[ref], "internal", "an inner doubt"), (ids[ref], "public", "a word to you"),
            (ids[other], "public", "for somebody else"),
        ):  # fmt: skip
            say(session, database.now(), Actor("system"), request_id=number, text=text, stream=stream)
        gone = say(session, database.now(), SYSTEM, request_id=ids[ref], text="taken back", stream="public")
        gone.deleted_at = database.now()
        stored = hub.core.files.put(b"inner file")
        attach(session, stored, "inner.txt", ("requests", ids[ref]), SYSTEM, database.now())
    page = text_of(client, track(ref))
    assert "a word to you" in page
    for hidden in ("an inner doubt", "for somebody else", "Other secret", other, "taken back", "inner.txt"):
        assert hidden not in page


def test_gives_out_public_files_of_this_request_only(
    hub: Hub, client: FlaskClient, open_request: Open, track: Callable[..., str]
) -> None:
    ref, other, database = open_request(), open_request(), hub.core.database
    with database.transaction() as session:
        ids = dict(session.execute(select(ServiceRequest.ref, ServiceRequest.id)).all())
        for name, owner, public in (
            ("ours.txt", ref, True), ("inner.txt", ref, False), ("theirs.txt", other, True)
        ):  # fmt: skip
            stored = hub.core.files.put(name.encode())
            attach(session, stored, name, ("requests", ids[owner]), SYSTEM, database.now(), public=public)
    address = track(ref)
    found = client.get(f"{address}/files/1")
    assert found.data == b"ours.txt"
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert [client.get(f"{address}/files/{n}").status_code for n in (2, 3, 99)] == [404] * 3


def test_takes_a_public_comment_of_the_customer(
    hub: Hub, client: FlaskClient, open_request: Open, track: Callable[..., str]
) -> None:
    address = track(open_request(contact=Contact(name="Ann")))
    assert client.post(f"{address}/comments", data={"text": "Is it done?"}).status_code == 303
    with hub.core.database.reading() as session:
        said = session.scalars(select(Comment)).one()
    assert (said.stream, said.author_kind, said.author_name) == ("public", "contact", "Ann")
    assert "Is it done?" in text_of(client, address)
    assert client.post(f"{address}/comments", data={"text": "  "}).status_code == 422
    long = "x" * 100_001
    refused = client.post(f"{address}/comments", data={"text": long})
    assert refused.status_code == 422
    assert long in refused.get_data(as_text=True)


@pytest.fixture
def ended(hub: Hub, open_request: Open) -> Callable[..., str]:
    """A request of Ann's that is over: closed, or dropped."""

    def make(state: str = "closed", **values: Any) -> str:
        ref = open_request("VPN drops", stage="improve", contact=Contact(name="Ann"), **values)
        with hub.core.database.transaction() as session:
            row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).one()
            row.state, row.closed_at = state, hub.core.database.now()
        return ref

    return make


def found(hub: Hub, ref: str) -> tuple[ServiceRequest, list[str]]:
    """A request after everybody has looked at it, and the verbs of its history."""
    with hub.core.database.reading() as session:
        number = session.scalars(select(ServiceRequest.id).where(ServiceRequest.ref == ref)).one()
    workflow.look(hub.core, number)
    with hub.core.database.reading() as session:
        told = select(HistoryEntry.verb).where(HistoryEntry.request_id == number)
        return session.get_one(ServiceRequest, number), list(session.scalars(told))


def test_what_the_customer_writes_opens_a_closed_request_again_as_a_mail_does(
    hub: Hub, client: FlaskClient, ended: Callable[..., str], track: Callable[..., str], clock: Any
) -> None:
    ref = ended()
    address = track(ref)
    clock.advance(days=29)
    assert "What you write opens the request again." in text_of(client, address)
    answer = client.post(f"{address}/comments", data={"text": "It drops again"})
    assert answer.location.startswith(f"{address}#")
    row, told = found(hub, ref)
    assert (row.state, row.stage, row.reopened, row.closed_at) == ("open", "execute", 1, None)
    assert told.count("request_reopened") == 1
    page = text_of(client, address)
    assert "It drops again" in page and "opens the request again" not in page
    found(hub, ref)
    assert found(hub, ref)[1].count("request_reopened") == 1


@pytest.mark.parametrize(
    ("state", "days", "reopen_days"), [("closed", 31, 30), ("dropped", 1, 30), ("closed", 1, 0)]
)
def test_what_the_customer_writes_to_one_that_is_over_begins_a_new_one_and_both_say_so(
    hub: Hub,
    client: FlaskClient,
    ended: Callable[..., str],
    track: Callable[..., str],
    clock: Any,
    state: str,
    days: int,
    reopen_days: int,
) -> None:
    with hub.core.database.transaction() as session:
        came = Connection(
            name="box", family="source", kind="mailbox", slug="box", settings={"reopen_days": reopen_days}
        )
        session.add(came)
    ref = ended(state, connection_id=came.id)
    clock.advance(days=days)
    address = track(ref)
    assert "what you write begins a new one" in text_of(client, address)
    assert client.post(f"{address}/comments", data={"text": " "}).status_code == 422
    answer = client.post(f"{address}/comments", data={"text": "It drops again"})
    old, told = found(hub, ref)
    assert (old.state, old.reopened, told.count("request_continued")) == (state, 0, 1)
    new, told = found(hub, "SR-2")
    assert (new.title, new.body, new.contact_id) == ("Re: VPN drops", "It drops again", old.contact_id)
    assert told.count("request_continues") == 1
    assert not answer.location.startswith(address)
    assert "Re: VPN drops" in text_of(client, answer.location)
    assert "It drops again" not in text_of(client, address)


def test_what_the_team_says_to_a_closed_request_leaves_it_closed(
    hub: Hub, ended: Callable[..., str], clock: Any
) -> None:
    ref = ended()
    clock.advance(days=1)
    with hub.core.database.transaction() as session:
        number = session.scalars(select(ServiceRequest.id).where(ServiceRequest.ref == ref)).one()
        say(session, clock.now(), SYSTEM, request_id=number, text="It was the cable", stream="public")
    assert found(hub, ref)[0].state == "closed"


def test_says_received_before_the_form_has_been_read(client: FlaskClient, track: Callable[..., str]) -> None:
    address = track(delivery_key="k")
    assert "We have received it" in text_of(client, address)
    assert client.post(f"{address}/comments", data={"text": "Hello"}).status_code == 422


def test_leads_to_the_survey_in_evaluation(
    hub: Hub, client: FlaskClient, open_request: Open, track: Callable[..., str]
) -> None:
    early = track(open_request(contact=Contact(name="Bob"), stage="execute"))
    assert "Answer the survey" not in text_of(client, early)
    assert client.post(f"{early}/survey").status_code == 404
    address = track(open_request(contact=Contact(name="Ann"), stage="evaluate"))
    assert "Answer the survey" in text_of(client, address)
    with hub.core.database.reading() as session:
        assert session.scalars(select(SurveyInvitation)).all() == []
    sent = client.post(f"{address}/survey")
    assert sent.status_code == 303
    assert re.match(r"/s/[\w-]{20,}$", sent.location)
    assert client.post(sent.location, data={"satisfaction": "5"}).status_code == 303
    page = text_of(client, address)
    assert "You have answered the survey" in page
    assert "Answer the survey" not in page
    assert client.post(f"{address}/survey").status_code == 409


def test_the_result_is_accepted_by_a_post_and_never_by_looking(
    hub: Hub, client: FlaskClient, open_request: Open, track: Callable[..., str]
) -> None:
    ref = open_request("VPN drops", contact=Contact(name="Ann"), stage="evaluate")
    address = track(ref)
    assert "Look at the result" in text_of(client, address)
    assert "Is it done as you wished?" in text_of(client, f"{address}/result")
    assert found(hub, ref)[0].accepted_at is None
    assert client.post(f"{address}/result", data={"verdict": "accept"}).status_code == 303
    assert found(hub, ref)[0].accepted_at == hub.core.database.now()
    page = text_of(client, address)
    assert "You accepted the result on" in page
    assert "Look at the result" not in page
    assert client.post(f"{address}/result", data={"verdict": "accept"}).status_code == 422


def test_what_is_missing_is_said_or_asked_for(
    hub: Hub, client: FlaskClient, open_request: Open, track: Callable[..., str]
) -> None:
    ref = open_request("VPN drops", contact=Contact(name="Ann"), stage="evaluate")
    address = f"{track(ref)}/result"
    nothing = client.post(address, data={"text": "The second site."})
    assert nothing.status_code == 422
    assert "The second site." in nothing.text, "what was typed is kept"
    silent = client.post(address, data={"verdict": "decline", "text": " "})
    assert silent.status_code == 422
    assert 'id="text-error"' in silent.text
    assert client.post(address, data={"verdict": "decline", "text": "The second site."}).status_code == 303
    row, verbs = found(hub, ref)
    assert row.stage == "execute"
    assert "result_declined" in verbs
    assert "There is nothing to accept" in text_of(client, address)


def test_a_request_of_nobody_known_has_no_result_page_yet(
    client: FlaskClient, track: Callable[..., str]
) -> None:
    waiting = track(connection_id=None, delivery_key="not read yet")
    assert client.get(f"{waiting}/result").status_code == 404
    assert client.post(f"{waiting}/result", data={"verdict": "accept"}).status_code == 404


def test_the_customers_pages_need_no_script_and_are_small(
    client: FlaskClient, open_request: Open, track: Callable[..., str]
) -> None:
    address = track(open_request(contact=Contact(name="Ann"), stage="evaluate"))
    assert weight(client, address) < MOST
    assert weight(client, f"{address}/result") < MOST


def test_tells_unknown_from_expired_links(
    client: FlaskClient, open_request: Open, track: Callable[..., str], clock: Any
) -> None:
    assert client.get("/t/nothing").status_code == 404
    address = track(open_request())
    clock.advance(days=366)
    assert client.get(address).status_code == 410
