"""The first run."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hub.app import Hub
from hub.core.database import Database
from hub.core.directory.models import Person
from hub.web import create_app

FORM = {"name": "陈晓", "email": "chen@example.com", "password": "a long password", "language": "zh"}


def people(hub: Hub) -> list[Person]:
    with hub.core.database.reading() as session:
        return session.query(Person).all()


@pytest.mark.parametrize("path", ["/", "/inbox", "/sign-in", "/requests/SR-1", "/nothing"])
def test_leads_every_page_here_while_nobody_is_there(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, "/setup")
    assert client.get("/setup").status_code == 200


def test_monitors_and_senders_are_not_led_astray(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.post("/in/nothing").status_code == 404


def test_makes_the_administrator_and_signs_them_in(client: FlaskClient, hub: Hub) -> None:
    answer = client.post("/setup", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/guide/")
    (person,) = people(hub)
    assert (person.name, person.role, person.language) == ("陈晓", "administrator", "zh")
    page = client.get("/")
    assert page.status_code == 200 and 'lang="zh-CN"' in page.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "short"}, "at least 10 characters"),
        ({"email": "no address"}, "is not an e-mail address"),
        ({"name": "  "}, "This is needed"),
    ],
)
def test_shows_what_is_wrong_and_keeps_the_rest(
    client: FlaskClient, hub: Hub, wrong: dict[str, str], said: str
) -> None:
    client.set_cookie("language", "en")
    answer = client.post("/setup", data={**FORM, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert ('value="chen@example.com"' in answer.text) is ("email" not in wrong)
    assert FORM["password"] not in answer.text
    assert people(hub) == []
    # Bad input does not use up the one chance.
    assert client.post("/setup", data=FORM).status_code == 303


def test_is_closed_once_somebody_is_there(client: FlaskClient, app: Flask, hub: Hub) -> None:
    client.post("/setup", data=FORM)
    stranger = app.test_client()
    assert stranger.get("/setup").status_code == 404
    assert stranger.post("/setup", data={**FORM, "email": "other@example.com"}).status_code == 404
    assert len(people(hub)) == 1
    # Also for an application that starts later.
    assert hub.web().test_client().get("/setup").status_code == 404


def test_of_two_at_once_one_becomes_administrator(database: Database) -> None:
    app = create_app(cast(Any, SimpleNamespace(database=database)), secret_key="for tests only")
    app.config.update(WTF_CSRF_ENABLED=False)
    together, codes = threading.Barrier(2), []

    def post(n: int) -> None:
        browser = app.test_client()
        together.wait()
        codes.append(browser.post("/setup", data={**FORM, "email": f"admin{n}@example.com"}).status_code)

    threads = [threading.Thread(target=post, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303, 404]
    with database.reading() as session:
        assert session.query(Person).count() == 1
