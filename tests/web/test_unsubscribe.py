"""The link that ends the mails: looking at it changes nothing, a click of the mail program does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hub.app import Hub
from hub.core.customers.models import Contact
from hub.core.directory.models import Person
from hub.core.notices import consent


@pytest.fixture
def contact(hub: Hub, signed_in: Callable[..., FlaskClient]) -> Contact:
    signed_in("administrator", "Root")  # a hub without anybody is still being set up
    with hub.core.database.transaction() as session:
        row = Contact(name="Li Hua", email="li@acme.example")
        session.add(row)
    return row


def path_of(hub: Hub, reader: Contact | Person) -> str:
    return "/u/" + consent.link(hub.core.office, reader).rpartition("/")[2]


def wants(hub: Hub, kind: type[Contact] | type[Person]) -> bool:
    with hub.core.database.reading() as session:
        return consent.wants(session.query(kind).one())


def test_looking_changes_nothing(hub: Hub, client: FlaskClient, contact: Contact) -> None:
    for _ in range(3):  # scanners open every link
        page = client.get(path_of(hub, contact))
        assert page.status_code == 200
        assert "li@acme.example" in page.get_data(as_text=True)
    assert wants(hub, Contact)


def test_ends_the_mails_and_lets_them_begin_again(hub: Hub, client: FlaskClient, contact: Contact) -> None:
    path = path_of(hub, contact)
    assert client.post(path, data={"mails": "0"}).status_code == 303
    assert not wants(hub, Contact)
    assert "We send you no more mails." in client.get(path).get_data(as_text=True)
    assert client.post(path, data={"mails": "1"}).status_code == 303
    assert wants(hub, Contact)


def test_one_click_of_a_mail_program_is_enough(hub: Hub, app: Flask, contact: Contact) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    stranger = app.test_client()
    answer = stranger.post(path_of(hub, contact), data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, wants(hub, Contact)) == (200, False)


def test_a_person_ends_their_own(
    hub: Hub, client: FlaskClient, signed_in: Callable[..., FlaskClient]
) -> None:
    browser = signed_in("member")
    with hub.core.database.reading() as session:
        person = session.query(Person).one()
    client.post(path_of(hub, person), data={"List-Unsubscribe": "One-Click"})
    assert not wants(hub, Person)
    page = browser.get("/profile/notices/").get_data(as_text=True)
    assert 'name="mails" type="checkbox" value="y">' in page
    chosen = {"assignment": "mail", "mention": "digest", "digest_at": "08:00", "mails": "y"}
    browser.post("/profile/notices/", data=chosen)
    assert wants(hub, Person)


@pytest.mark.parametrize(
    "wrong", ["c1", "c1-", "c1-aaaa", "p1-{mark}", "c2-{mark}", "x1-{mark}", "c1-{mark}x", "-", "c-é"]
)
def test_a_link_we_have_not_made_is_none(hub: Hub, client: FlaskClient, contact: Contact, wrong: str) -> None:
    mark = path_of(hub, contact).rpartition("-")[2]
    path = f"/u/{wrong.format(mark=mark)}"
    assert client.get(path).status_code == 404
    assert client.post(path, data={"mails": "0"}).status_code == 404
    assert wants(hub, Contact)
