"""The SMTP channel against a real server: what arrives, and what every kind of no becomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.outbound import Guard, Outbound
from hub.plugins.email.plugin import plugin
from hub.sdk import Checked, OutgoingFile, OutgoingMessage, Refused, Retry
from tests.post_office import (
    ACCESS_TOKEN,
    LOST,
    PASSWORD,
    USER,
    PostOffice,
    make_certificate,
    open_office,
)

NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
(KIND,) = plugin.execute_channels()


def message(**values: Any) -> OutgoingMessage:
    given: dict[str, Any] = {
        "id": "<hub.12.abc@hub.example.org>", "at": NOW, "to": "li@acme.example", "to_name": "李华",
        "subject": "[SR-12] 已收到您的请求", "text": "您好，\n我们已收到。\n",
        "html": "<p>您好，<b>已收到</b></p>",
    }  # fmt: skip
    return OutgoingMessage(**{**given, **values})


def channel(
    office: PostOffice, *, ca: Path | None = None, password: str = "", secrets: Any = None, **settings: Any
) -> Any:
    outbound = Outbound(
        retry=Retry, refused=Refused, now=lambda: NOW, guard=Guard(settings.pop("allow", ("127.0.0.0/8",))),
        ca_bundle=ca,
    )  # fmt: skip
    given = {
        "host": office.host, "port": office.port, "security": "none", "sender": "support@example.org",
        "sender_name": "服务台", **settings,
    }  # fmt: skip
    secrets = secrets or ({"password": password} if password else {})
    return KIND.open(KIND.settings.model_validate(given), secrets, outbound, {})


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_office() as opened:
        yield opened


def test_a_mail_arrives_as_it_was_meant(office: PostOffice) -> None:
    sent = channel(office).send(
        message(
            parent="<their.1@acme.example>", references=("<root@x.example>", "<their.1@acme.example>"),
            reply_token="r-12-abcdef", loop="hub-77", about="SR-12", unsubscribe="https://hub.example.org/u/abc",
            files=(OutgoingFile("发票 1.pdf", "application/pdf", b"%PDF-1.4"),),
        )
    )  # fmt: skip
    assert sent.answer == "250 2.0.0 Ok: queued as 0001"
    (taken,) = office.taken
    assert (taken.sender, taken.recipients) == ("support@example.org", ("li@acme.example",))
    assert taken.text() == "您好，\n我们已收到。\n"
    assert "<b>已收到</b>" in taken.text("html")
    (file,) = taken.message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("发票 1.pdf", b"%PDF-1.4")
    headers = {
        "From": "服务台 <support@example.org>",
        "To": "李华 <li@acme.example>",
        "Subject": "[SR-12] 已收到您的请求",
        "Date": "Wed, 04 Mar 2026 12:00:00 +0000",
        "Message-ID": "<hub.12.abc@hub.example.org>",
        "In-Reply-To": "<their.1@acme.example>",
        "References": "<root@x.example> <their.1@acme.example>",
        "Reply-To": "服务台 <support+r-12-abcdef@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Hub-Loop": "hub-77",
        "X-Hub-Item": "SR-12",
        "List-Id": "<service-hub.example.org>",
        "List-Unsubscribe": "<https://hub.example.org/u/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert {name: taken[name] for name in headers} == headers
    # Seven bits and short lines pass every server there is.
    assert taken.raw.isascii()
    assert max(map(len, taken.raw.split(b"\r\n"))) <= 200


def test_long_ids_stay_whole(office: PostOffice) -> None:
    long = f"<{'PH0PR04MB7287' * 8}@PH0PR04MB7287.namprd04.prod.outlook.example>"
    many = tuple(f"<{number}.{'x' * 60}@acme.example>" for number in range(30))
    channel(office).send(message(parent=long, references=(*many, long)))
    (taken,) = office.taken
    assert taken["In-Reply-To"] == long
    kept = taken["References"].split()
    assert (kept[0], kept[-1], len(kept)) == (many[0], long, 11)


def test_confirmations_leave_without_a_return_address(office: PostOffice) -> None:
    channel(office).send(message(automatic="replied"))
    channel(office, null_sender=False).send(message(automatic="replied"))
    assert [taken.sender for taken in office.taken] == ["", "support@example.org"]
    assert office.taken[0]["Auto-Submitted"] == "auto-replied"


def test_a_server_that_wants_a_return_address_gets_one(office: PostOffice) -> None:
    office.on["MAIL"] = ["550 5.7.1 no null sender here"]
    channel(office).send(message(automatic="replied"))
    assert office.taken[0].sender == "support@example.org"


@pytest.mark.parametrize(
    ("form", "token", "wanted"),
    [
        ("", "r-1-x", "support+r-1-x@example.org"),
        ("", "", ""),
        ("help-{token}@example.org", "r-1-x", "help-r-1-x@example.org"),
        ("{token}@reply.example.org", "r-1-x", "r-1-x@reply.example.org"),
        ("desk@example.org", "r-1-x", "desk@example.org"),
    ],
)
def test_answers_go_where_the_settings_say(office: PostOffice, form: str, token: str, wanted: str) -> None:
    channel(office, reply_address=form).send(message(reply_token=token))
    assert wanted in office.taken[0]["Reply-To"]
    assert bool(wanted) == bool(office.taken[0]["Reply-To"])


def test_bounces_come_back_to_an_address_of_their_own(office: PostOffice) -> None:
    channel(office, bounce_address="bounce+{token}@example.org").send(message(bounce_token="b-9-x"))
    assert office.taken[0].sender == "bounce+b-9-x@example.org"


@pytest.mark.parametrize(
    ("step", "said", "error", "fields"),
    [
        ("RCPT", "450 4.2.1 greylisted, try again", Retry, None),
        ("RCPT", "550 5.1.1 no such user", Refused, ("to",)),
        ("RCPT", "554 5.7.1 relay denied", Refused, ()),
        ("DATA", "451 4.3.0 later", Retry, None),
        ("DATA", "554 5.7.1 this looks like spam", Refused, ()),
        ("MAIL", "553 5.7.1 not your address", Retry, None),
    ],
)
def test_every_no_is_told_apart(
    office: PostOffice, step: str, said: str, error: type[Exception], fields: tuple[str, ...] | None
) -> None:
    office.on[step] = [said]
    with pytest.raises(error) as caught:
        channel(office).send(message())
    assert said in caught.value.reason  # type: ignore[attr-defined]
    if fields is not None:
        assert caught.value.fields == fields  # type: ignore[attr-defined]
    assert office.taken == []
    # What is the account's fault says for how long nothing else will go either.
    assert (getattr(caught.value, "after", None) is not None) == (step == "MAIL")


def test_a_lost_receipt_is_tried_again_under_the_same_id(office: PostOffice) -> None:
    office.on["DATA"] = [LOST]
    with pytest.raises(Retry, match="the connection was lost"):
        channel(office).send(message())
    channel(office).send(message())
    assert [taken["Message-ID"] for taken in office.taken] == ["<hub.12.abc@hub.example.org>"] * 2


def test_signs_in_over_starttls(tmp_path: Path) -> None:
    ca = make_certificate(tmp_path)
    with open_office(certificate=ca, sign_in=True) as office:
        secured = channel(office, ca=ca, security="starttls", username=USER, password=PASSWORD)
        assert secured.check().ok
        secured.send(message())
        assert office.taken[0].secured
        wrong = channel(office, ca=ca, security="starttls", username=USER, password="wrong")
        found: Checked = wrong.check()
        assert not found.ok
        assert "user name or password is refused: 535" in found.text.en
        assert "wrong" not in found.text.en
        with pytest.raises(Retry) as caught:
            wrong.send(message())
        assert caught.value.after is not None


def test_signs_in_with_an_access_token(tmp_path: Path) -> None:
    ca = make_certificate(tmp_path)
    with open_office(certificate=ca, sign_in=True) as office:
        account = {"ca": ca, "security": "starttls", "username": USER, "sign_in": "xoauth2"}
        right = channel(office, password=ACCESS_TOKEN, **account)
        assert right.check().ok
        right.send(message())
        assert len(office.taken) == 1
        expired = channel(office, password="ya29.expired", **account)
        found: Checked = expired.check()
        assert (found.ok, "refused: 535" in found.text.en, "ya29" in found.text.en) == (False, True, False)
        with pytest.raises(Retry) as caught:
            expired.send(message())
        assert caught.value.after is not None
        # Once for each conversation: a token that is refused is not offered again in it.
        assert office.sign_ins == ["XOAUTH2"] * 4


def test_a_server_that_takes_no_access_token_is_named(office: PostOffice) -> None:
    found = channel(office, username=USER, password=ACCESS_TOKEN, sign_in="xoauth2").check()
    assert (found.ok, office.host in found.text.en or "refused" in found.text.en) == (False, True)


def test_a_stranger_s_certificate_is_not_trusted(tmp_path: Path) -> None:
    ours, theirs = make_certificate(tmp_path), make_certificate(tmp_path, "other.example", "127.0.0.9")
    with open_office(certificate=theirs) as office:
        for ca in (ours, theirs):  # an unknown authority; a known one with another name
            found = channel(office, ca=ca, security="starttls").check()
            assert not found.ok
            assert "certificate" in found.text.en


def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(office: PostOffice) -> None:
    with pytest.raises(Retry, match="STARTTLS"):
        channel(office, security="starttls").send(message())
    assert office.taken == []


def test_a_private_host_is_not_reached(office: PostOffice) -> None:
    closed = channel(office, allow=())
    assert "not public" in closed.check().text.en
    with pytest.raises(Retry, match="not public"):
        closed.send(message())


def test_the_test_of_a_connection_says_that_all_is_well_and_sends_nothing(office: PostOffice) -> None:
    found = channel(office).check()
    assert (found.ok, office.taken) == (True, [])
    office.on["MAIL"] = ["553 5.7.1 not your address"]
    assert "not your address" in channel(office).check().text.en


@pytest.mark.parametrize(
    "wrong", ["", "li", "li@", "@acme.example", "li hua@acme.example", "li@a\r\nBcc: x@y.z"]
)
def test_what_is_no_address_is_refused_for_good(office: PostOffice, wrong: str) -> None:
    with pytest.raises(Refused) as caught:
        channel(office).send(message(to=wrong))
    assert caught.value.fields == ("to",)


@pytest.mark.parametrize("wrong", ["nobody", "two@x.example, three@x.example", "a@b\r\nBcc: x@y.z"])
def test_settings_with_a_wrong_address_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a mail address"):
        KIND.settings.model_validate({"host": "smtp.example.org", "sender": wrong})
