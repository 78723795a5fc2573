"""Access tokens: got from the address that gives them, kept as long as they last, never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from hub.lab.wire import Wire
from hub.plugins.email import sign_in
from hub.plugins.email.sign_in import Credential, SignInSettings
from hub.sdk import Refused, Retry
from tests.plugins.email.test_smtp import channel, message
from tests.plugins.far import serving
from tests.post_office import ACCESS_TOKEN, USER, make_certificate, open_office
from tests.token_desk import CLIENT, CLIENT_SECRET, REFRESH_TOKEN, SCOPE, TokenDesk

URL = "https://login.example.org/token"


def credential(desk: TokenDesk, **secrets: str) -> Credential:
    settings = SignInSettings(token_url=URL, **desk.settings)
    given = {"client_secret": CLIENT_SECRET, **secrets}
    return Credential(settings, given, Wire(desk.application))


def test_the_application_signs_in_as_itself_where_nobody_gave_a_refresh_token() -> None:
    desk = TokenDesk()
    assert credential(desk).current() == ACCESS_TOKEN
    assert desk.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "scope": SCOPE,
        }
    ]


def test_with_a_refresh_token_it_acts_for_the_person_who_gave_it() -> None:
    desk = TokenDesk()
    assert credential(desk, refresh_token=REFRESH_TOKEN).current() == ACCESS_TOKEN
    assert (desk.asked[0]["grant_type"], desk.asked[0]["refresh_token"]) == ("refresh_token", REFRESH_TOKEN)


@pytest.mark.parametrize(
    ("lasts", "after", "asked"),
    [(3600, 3400, 1), (3600, 3500, 2), ("3600", 3400, 1), (60, 1, 2), (None, 200, 2), (None, 100, 1)],
)
def test_a_token_is_used_until_shortly_before_its_end(
    monkeypatch: pytest.MonkeyPatch, lasts: Any, after: float, asked: int
) -> None:
    now = [1000.0]
    monkeypatch.setattr(sign_in.time, "monotonic", lambda: now[0])
    desk = TokenDesk(["one", "two"], lasts)
    account = credential(desk)
    assert account.current() == "one"
    now[0] += after
    assert account.current() == ("one" if asked == 1 else "two")
    assert len(desk.asked) == asked


def test_a_token_that_the_mail_server_refused_is_not_used_again() -> None:
    desk = TokenDesk(["one", "two"])
    account = credential(desk)
    account.forget(account.current())
    assert account.current() == "two"
    account.forget("one")  # of somebody who was told late
    assert account.current() == "two"
    assert len(desk.asked) == 2


@pytest.mark.parametrize(
    ("secrets", "wanted"),
    [
        ({"client_secret": "wrong"}, "invalid_client (client id or client secret is wrong"),
        ({"refresh_token": "wrong"}, "invalid_grant (the refresh token has ended"),
    ],
)
def test_a_refusal_says_what_to_do_and_nothing_of_what_was_sent(secrets: dict[str, str], wanted: str) -> None:
    with pytest.raises(Refused) as caught:
        credential(TokenDesk(), **secrets).current()
    assert wanted in caught.value.reason
    assert "wrong'" not in caught.value.reason


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"access_token": ""}), (200, {}), (200, {"access_token": 5}), (404, "not here"),
        (403, {"error": "x"}), (302, ""), (400, {"message": "what?"}), (200, "<html>sign in here"),
        (400, "<html>sign in here"), (200, ["a list"]),
    ],
)  # fmt: skip
def test_an_address_that_gives_no_tokens_is_doubted(status: int, body: Any) -> None:
    with pytest.raises(Refused) as caught:
        credential(TokenDesk(says=[(status, body)])).current()
    assert f"answers {status} without one" in caught.value.reason


@pytest.mark.parametrize("error", [["invalid_grant"], {"code": 7}, 7])
def test_a_refusal_of_an_unknown_shape_is_still_a_refusal(error: Any) -> None:
    with pytest.raises(Refused, match="no access token"):
        credential(TokenDesk(says=[(400, {"error": error})])).current()


def test_a_desk_that_is_down_is_asked_again_later() -> None:
    desk = TokenDesk(says=[(503, "later")])
    account = credential(desk)
    with pytest.raises(Retry):
        account.current()
    assert account.current() == ACCESS_TOKEN


@pytest.mark.parametrize(
    ("given", "place", "wanted"),
    [
        ({}, "token_url", "oauth2 needs this"),
        ({"token_url": URL}, "client_id", "oauth2 needs this"),
        ({"token_url": "http://login.example.org/token", "client_id": "x"}, "token_url", "https://"),
        ({"token_url": "login.example.org", "client_id": "x"}, "token_url", "https://"),
    ],
)
def test_what_oauth2_lacks_is_said_at_its_field(given: dict[str, str], place: str, wanted: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SignInSettings(sign_in="oauth2", **given)
    assert wanted in {one["loc"][0]: one["msg"] for one in caught.value.errors()}[place]


def test_other_ways_ask_nobody_for_tokens() -> None:
    for way in ("password", "xoauth2"):
        desk = TokenDesk()
        account = Credential(SignInSettings(sign_in=way), {"password": "mine"}, Wire(desk.application))
        assert (account.current(), account.is_token, desk.asked) == ("mine", way == "xoauth2", [])


def test_mail_goes_out_with_a_token_that_is_got_once_and_again_when_it_was_taken_back(tmp_path: Path) -> None:
    ca = make_certificate(tmp_path)
    desk = TokenDesk(["ya29.taken-back", ACCESS_TOKEN])
    with serving(desk.application) as address, open_office(certificate=ca, sign_in=True) as office:
        account = {"ca": ca, "security": "starttls", "username": USER, "token_url": f"{address}/token"}
        sender = channel(office, secrets={"client_secret": CLIENT_SECRET}, **account, **desk.settings)
        with pytest.raises(Retry) as caught:
            sender.send(message())
        assert "ya29" not in caught.value.reason
        sender.send(message())
        sender.send(message())
        assert (len(office.taken), len(desk.asked)) == (2, 2)


def test_a_token_that_is_not_to_be_had_is_told_by_test_connection_and_mail_waits(tmp_path: Path) -> None:
    ca = make_certificate(tmp_path)
    desk = TokenDesk()
    with serving(desk.application) as address, open_office(certificate=ca, sign_in=True) as office:
        account = {"ca": ca, "security": "starttls", "username": USER, "token_url": f"{address}/token"}
        sender = channel(office, secrets={"client_secret": "wrong"}, **account, **desk.settings)
        found = sender.check()
        assert (found.ok, "invalid_client" in found.text.en, office.sign_ins) == (False, True, [])
        with pytest.raises(Retry) as caught:
            sender.send(message())
        assert caught.value.after is not None
