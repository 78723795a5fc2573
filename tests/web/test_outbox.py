"""The outbox in the pages: states, words without secrets, letting go and holding back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.customers.models import Contact, Customer
from hub.core.notices.models import Notice
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest

SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def channel(hub: Hub) -> Connection:
    """A mail server that nobody asks."""
    database = hub.core.database
    with database.transaction() as session:
        return manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Post", kind="smtp",
            settings={"host": "smtp.example.org", "sender": "support@example.org"},
        )  # fmt: skip


@pytest.fixture
def ref(hub: Hub, channel: Connection, open_request: Callable[..., str]) -> str:
    """A request of a contact with an address."""
    made = open_request("VPN drops")
    with hub.core.database.transaction() as session:
        customer = Customer(name="Acme")
        session.add(customer)
        session.flush()
        contact = Contact(name="Li Hua", email="li@acme.example", customer_id=customer.id)
        session.add(contact)
        session.query(ServiceRequest).one().contact = contact
    return made


def only(hub: Hub) -> Notice:
    with hub.core.database.reading() as session:
        return session.query(Notice).one()


def say(browser: FlaskClient, ref: str, text: str = "Please restart it.", stream: str = "public") -> str:
    posted = browser.post(f"/requests/{ref}/comments", data={"text": text, "stream": stream})
    assert posted.status_code == 303
    return browser.get(f"/requests/{ref}").get_data(as_text=True)


def test_an_answer_shows_its_sending_state(hub: Hub, signed_in: SignedIn, ref: str) -> None:
    page = say(signed_in("member"), ref)
    assert "mail: waiting" in page
    say(signed_in("member", "Ann"), ref, "for us", "internal")
    assert only(hub).comment_id is not None
    with hub.core.database.transaction() as session:
        row = session.query(Notice).one()
        row.state, row.reason = "failed", {"id": "notice_refused", "text": "554 spam"}
    page = signed_in("member", "Bob").get(f"/requests/{ref}").get_data(as_text=True)
    assert "mail: not sent" in page
    assert "the mail server refuses it: 554 spam" in page


def test_shows_what_is_told_without_the_secrets_of_its_links(hub: Hub, signed_in: SignedIn, ref: str) -> None:
    browser = signed_in("manager")
    say(browser, ref, "Please <b>restart</b> it.")
    notice = only(hub)
    token = hub.keys.open(notice.sealed or "")["track"]
    listed = browser.get("/outbox/").get_data(as_text=True)
    assert "li@acme.example" in listed
    page = browser.get(f"/outbox/{notice.id}").get_data(as_text=True)
    assert f"Re: [{ref}] VPN drops" in page
    assert "Please &lt;b&gt;restart&lt;/b&gt; it." in page
    assert token not in page
    assert "/u/c" not in page
    assert notice.message_id.strip("<>") in page


def test_holds_back_and_lets_go(hub: Hub, signed_in: SignedIn, ref: str) -> None:
    browser = signed_in("manager")
    say(browser, ref)
    address = f"/outbox/{only(hub).id}"
    assert browser.post(f"{address}/hold").status_code == 303
    assert only(hub).state == "held"
    assert "held back by Wang Lei" in browser.get(address).get_data(as_text=True)
    assert ">1</" in browser.get("/inbox").get_data(as_text=True)
    assert "mails held or not sent" in browser.get("/inbox").get_data(as_text=True)
    assert browser.post(f"{address}/release").status_code == 303
    assert only(hub).state == "waiting"
    assert "mails held or not sent" not in browser.get("/inbox").get_data(as_text=True)


def test_lists_by_state(hub: Hub, signed_in: SignedIn, ref: str) -> None:
    browser = signed_in("manager")
    say(browser, ref)
    assert "li@acme.example" in browser.get("/outbox/?state=waiting").get_data(as_text=True)
    assert "li@acme.example" not in browser.get("/outbox/?state=failed").get_data(as_text=True)
    assert "li@acme.example" in browser.get("/outbox/?state=nonsense").get_data(as_text=True)


def test_only_those_who_may(hub: Hub, signed_in: SignedIn, ref: str) -> None:
    member = signed_in("member")
    say(member, ref)
    address = f"/outbox/{only(hub).id}"
    for path in ("/outbox/", address):
        assert member.get(path).status_code == 403
    assert member.post(f"{address}/hold").status_code == 403
    assert signed_in("manager", "M").get("/outbox/999").status_code == 404


def test_without_a_channel_says_what_to_do(signed_in: SignedIn) -> None:
    page = signed_in("administrator").get("/outbox/").get_data(as_text=True)
    assert "Connect a mail server" in page


def test_a_mail_server_is_connected_by_the_form_of_its_kind(hub: Hub, signed_in: SignedIn) -> None:
    browser = signed_in("administrator")
    assert "Mail out (SMTP)" in browser.get("/connections/new").get_data(as_text=True)
    sent = browser.post(
        "/connections/",
        data={
            "kind": "smtp", "name": "Post", "setting_host": "smtp.example.org", "setting_port": "465",
            "setting_security": "tls", "setting_sender": "support@example.org", "setting_per_hour": "100",
            "secret_password": "hidden words",
        },
    )  # fmt: skip
    assert sent.status_code == 303
    page = browser.get(sent.headers["Location"]).get_data(as_text=True)
    assert "Nothing has been sent by it yet." in page
    assert "/in/" not in page
    assert "hidden words" not in page
    with hub.core.database.reading() as session:
        row = session.query(Connection).one()
    assert (row.family, row.settings["port"]) == ("channel", 465)
    assert hub.keys.open(row.sealed_secrets or "") == {"password": "hidden words"}
    # Nobody delivers to a channel.
    assert browser.post(f"/in/{row.slug}").status_code == 404


def test_an_address_from_which_mail_comes_back_is_shown_and_trusted_again(
    hub: Hub, signed_in: SignedIn, ref: str
) -> None:
    browser = signed_in("manager")
    with hub.core.database.transaction() as session:
        contact = session.query(Contact).one()
        contact.bounced_at, contact.bounce_reason = hub.core.database.now(), "550 5.1.1 no such user"
        number, customer = contact.id, contact.customer_id
    assert "550 5.1.1 no such user" in browser.get(f"/customers/{customer}").get_data(as_text=True)
    assert "Try this address again" in browser.get(f"/customers/contacts/{number}/edit").get_data(
        as_text=True
    )
    assert signed_in("member", "M").post(f"/customers/contacts/{number}/trust").status_code == 403
    assert browser.post(f"/customers/contacts/{number}/trust").status_code == 303
    with hub.core.database.reading() as session:
        assert session.query(Contact).one().bounced_at is None


def test_another_address_is_a_new_one(hub: Hub, signed_in: SignedIn, ref: str) -> None:
    with hub.core.database.transaction() as session:
        contact = session.query(Contact).one()
        contact.bounced_at, number = hub.core.database.now(), contact.id
    browser = signed_in("manager")
    for address, bounced in (("li@acme.example", True), ("hua@acme.example", False)):
        browser.post(f"/customers/contacts/{number}", data={"name": "Li Hua", "email": address})
        with hub.core.database.reading() as session:
            assert (session.query(Contact).one().bounced_at is not None) == bounced


def test_the_settings_page_counts_mails(signed_in: SignedIn, ref: str) -> None:
    browser = signed_in("manager")
    assert "No mails are sent yet." in browser.get("/settings/").get_data(as_text=True)
    say(browser, ref)
    assert "waiting 1" in browser.get("/settings/").get_data(as_text=True)
