"""Signing in and out, and what stands before every page."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter

from hub.app import Hub
from hub.core.directory.models import Person
from hub.core.directory.people import add_person, set_active, set_password
from hub.core.history import HistoryEntry
from hub.core.values import SYSTEM

PASSWORD = "correct horse battery"


@pytest.fixture
def ann(hub: Hub) -> Person:
    """A member, and an administrator beside her."""
    database = hub.core.database
    with database.transaction() as session:
        now = database.now()
        add_person(session, now, SYSTEM, name="Root", email="root@example.com", role="administrator")
        return add_person(session, now, SYSTEM, name="Ann", email="ann@example.com", password=PASSWORD)


def sign_in(
    client: FlaskClient, email: str = "ann@example.com", password: str = PASSWORD, **more: str
) -> object:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def test_signs_in_and_out(client: FlaskClient, ann: Person, hub: Hub) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Sign out" in client.get("/").text
    with hub.core.database.reading() as session:
        assert session.query(HistoryEntry).filter_by(verb="signed_in", actor_id=ann.id).count() == 1
    assert client.post("/sign-out").location == "/sign-in"
    assert client.get("/").location == "/sign-in?next=/"


@pytest.mark.parametrize(
    ("email", "password"), [("ann@example.com", "wrong password"), ("nobody@example.com", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_address_look_alike(
    client: FlaskClient, ann: Person, email: str, password: str
) -> None:
    answer = sign_in(client, email, password)
    assert answer.status_code == 422
    assert "E-mail or password is not right." in answer.text
    assert client.get("/").status_code == 303


def test_keeps_what_was_typed_but_never_the_password(client: FlaskClient, ann: Person) -> None:
    page = sign_in(client, password="wrong password", next="/inbox").text
    assert "ann@example.com" in page and 'value="/inbox"' in page
    assert "wrong password" not in page


def test_speaks_the_readers_language(client: FlaskClient, ann: Person) -> None:
    client.set_cookie("language", "zh")
    assert "登录" in client.get("/sign-in").text


def test_slows_down_who_guesses(client: FlaskClient, ann: Person) -> None:
    codes = [sign_in(client, password=f"guess number {n}").status_code for n in range(11)]
    assert codes == [422] * 10 + [429]
    assert sign_in(client).status_code == 429


def test_an_office_behind_one_address_comes_in_on_monday(client: FlaskClient, ann: Person) -> None:
    for _ in range(12):
        assert sign_in(client).status_code == 303
        assert client.post("/sign-out").status_code == 303


def test_refuses_a_forged_form(app: Flask, client: FlaskClient, ann: Person) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert sign_in(client).status_code == 400
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token and sign_in(client, csrf_token=token[1]).status_code == 303
    # The token of the time before signing in is worth nothing now.
    assert client.post("/sign-out", data={"csrf_token": token[1]}).status_code == 400
    assert client.get("/").status_code == 200


def test_a_session_planted_before_is_gone_after(client: FlaskClient, ann: Person) -> None:
    with client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session


@pytest.mark.parametrize("what", ["deactivated", "password"])
def test_ends_the_sessions_of_a_deactivated_person_and_of_an_old_password(
    client: FlaskClient, ann: Person, hub: Hub, what: str
) -> None:
    sign_in(client)
    database = hub.core.database
    with database.transaction() as session:
        person = session.get_one(Person, ann.id)
        if what == "deactivated":
            set_active(session, database.now(), SYSTEM, person, False)
        else:
            set_password(session, database.now(), SYSTEM, person, "another long password")
    assert client.get("/").status_code == 303
    assert sign_in(client).status_code == 422


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/inbox?missing=category", "/inbox?missing=category"),
        ("https://elsewhere.example/x", "/"),
        ("//elsewhere.example/x", "/"),
        ("/\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/alert(1)"),
    ],
)
def test_leads_only_to_pages_of_this_hub(client: FlaskClient, ann: Person, wanted: str, led_to: str) -> None:
    location = sign_in(client, next=wanted).location
    assert location == led_to
    # Who is signed in already is led by the same rule.
    assert client.get("/sign-in", query_string={"next": wanted}).location == led_to


def test_every_page_needs_a_person_unless_it_says_otherwise(app: Flask, ann: Person) -> None:
    asked = 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint == "static" or getattr(view, "is_public", False):
            continue
        values = {name: _something(converter) for name, converter in rule._converters.items()}
        with app.test_request_context():
            _, path = rule.build(values) or (None, "")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = app.test_client().open(path, method=method)
            assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), (
                method,
                path,
            )
            asked += 1
    assert asked > 10


def _something(converter: BaseConverter) -> str:
    """A value that fits this part of an address."""
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return "1" if isinstance(converter, IntegerConverter) else "SR-1"


def test_what_is_public_is_named_here(app: Flask) -> None:
    public = {
        rule.split(".")[0] for rule, view in app.view_functions.items() if getattr(view, "is_public", False)
    }
    assert public <= {
        "health", "preferences", "sessions", "setup", "shared", "static",
        "public_forms", "surveys_public", "tracking", "unsubscribe",
    }  # fmt: skip


def test_htmx_is_told_to_load_the_sign_in_page(client: FlaskClient, ann: Person) -> None:
    answer = client.get("/pulse?since=1", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in?next=/pulse?since%3D1")
