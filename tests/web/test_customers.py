"""Customers: profile, contacts, requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.customers.models import Contact, Customer

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
FARHILL = {"name": "Farhill", "industry": "haulage", "more": "希望：准时\ntone: friendly"}


@pytest.fixture
def manager(signed_in: SignedIn) -> FlaskClient:
    return signed_in("manager", "Ann")


def customer(hub: Hub) -> Customer:
    with hub.core.database.reading() as session:
        return session.scalars(select(Customer)).one()


def test_makes_a_customer_with_a_profile(hub: Hub, manager: FlaskClient) -> None:
    made = manager.post("/customers/", data=FARHILL)
    assert made.status_code == 303
    assert customer(hub).profile == {"industry": "haulage", "希望": "准时", "tone": "friendly"}
    page = manager.get(made.location).get_data(as_text=True)
    for shown in ("haulage", "准时", "friendly", "No requests yet"):
        assert shown in page
    assert "Farhill" in manager.get("/customers/?q=FARH").get_data(as_text=True)
    assert "Farhill" not in manager.get("/customers/?q=100%25").get_data(as_text=True)


def test_refuses_what_is_wrong_in_place(manager: FlaskClient) -> None:
    manager.post("/customers/", data=FARHILL)
    for field, value in (("name", ""), ("name", "Farhill"), ("more", "no colon"), ("industry", "x" * 2001)):
        page = manager.post("/customers/", data={**FARHILL, "name": "New", field: value})
        assert page.status_code == 422
        assert f'id="{field}-error"' in page.get_data(as_text=True)


def test_the_second_of_two_editors_sees_both_texts(hub: Hub, manager: FlaskClient) -> None:
    manager.post("/customers/", data=FARHILL)
    first = {**FARHILL, "culture": "careful", "active": "y", "version": "1"}
    assert manager.post("/customers/1", data=first).status_code == 303
    second = manager.post("/customers/1", data={**first, "culture": "bold"})
    assert second.status_code == 409
    page = second.get_data(as_text=True)
    assert "careful" in page
    assert "bold" in page
    assert customer(hub).profile["culture"] == "careful"


def test_shows_the_requests_and_counts_that_open_their_lists(
    hub: Hub, manager: FlaskClient, open_request: Open
) -> None:
    manager.post("/customers/", data=FARHILL)
    with hub.core.database.reading() as session:
        row = session.get_one(Customer, 1)
    open_request("Late lorry", customer=row)
    page = manager.get("/customers/1").get_data(as_text=True)
    assert "Late lorry" in page
    assert "/requests/?customer=1&amp;state=open" in page
    assert "/requests/?customer=1" in manager.get("/customers/").get_data(as_text=True)


def test_contacts_are_added_and_changed(hub: Hub, manager: FlaskClient) -> None:
    manager.post("/customers/", data=FARHILL)
    assert (
        manager.post("/customers/1/contacts", data={"name": "Ding", "email": "D@x.example"}).status_code
        == 303
    )
    again = manager.post("/customers/1/contacts", data={"name": "Other", "email": "d@x.example"})
    assert again.status_code == 422
    assert 'value="Other"' in again.get_data(as_text=True)
    assert (
        manager.post("/customers/contacts/1", data={"name": "Ding Mu", "language": "zh"}).status_code == 303
    )
    with hub.core.database.reading() as session:
        contact = session.scalars(select(Contact)).one()
    assert (contact.name, contact.email, contact.language) == ("Ding Mu", None, "zh")


def test_a_member_looks_and_does_not_touch(signed_in: SignedIn, manager: FlaskClient) -> None:
    manager.post("/customers/", data=FARHILL)
    member = signed_in("member", "Bob")
    assert member.get("/customers/1").status_code == 200
    for address in ("/customers/", "/customers/1", "/customers/1/contacts"):
        assert member.post(address, data=FARHILL).status_code == 403
