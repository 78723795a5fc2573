"""Rate limits where several web processes answer, and behind proxies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hub.app import Hub, build
from hub.config import load
from hub.core.directory.people import add_person
from hub.core.values import SYSTEM
from hub.web.guards import limiter

WRONG = {"email": "mei@example.org", "password": "not this one"}
Start = Callable[..., Hub]


@pytest.fixture
def start(empty_database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Start one more process of the same hub."""
    running: list[Hub] = []

    def begin(config: str = "") -> Hub:
        environ = {"HUB_DATA": str(tmp_path / "data"), "HUB_DATABASE_URL": empty_database_url}
        (tmp_path / "config.toml").write_text(config)
        running.append(build(load(tmp_path / "config.toml", environ), environ))
        hub = running[-1]
        if len(running) == 1:
            with hub.core.database.transaction() as session:
                now = hub.core.database.now()
                add_person(session, now, SYSTEM, name="Mei", email="mei@example.org", role="administrator")
        return hub

    yield begin
    for hub in running:
        hub.close()
    limiter.reset()


def visitor(hub: Hub) -> FlaskClient:
    """Somebody who knows no password."""
    app = hub.web()
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app.test_client()


def guesses(browser: FlaskClient, count: int, **headers: str) -> list[int]:
    """The answers to so many guesses."""
    return [browser.post("/sign-in", data=WRONG, headers=headers).status_code for _ in range(count)]


@pytest.mark.parametrize("empty_database_url", ["postgres16", "postgres18"], indirect=True)
def test_guesses_at_two_web_processes_are_counted_together(start: Start) -> None:
    one, other = visitor(start()), visitor(start())
    assert guesses(one, 6) == [422] * 6
    assert guesses(other, 6) == [422] * 4 + [429] * 2
    assert guesses(one, 1) == [429]


def test_behind_a_proxy_each_visitor_is_counted_alone(start: Start) -> None:
    browser = visitor(start("[server]\nproxies = 1\n"))
    assert guesses(browser, 11, **{"X-Forwarded-For": "203.0.113.1"})[-1] == 429
    assert guesses(browser, 1, **{"X-Forwarded-For": "203.0.113.2"}) == [422]
    # Only what our own proxy added counts: a visitor can write whatever they like before it.
    assert guesses(browser, 1, **{"X-Forwarded-For": "198.51.100.9, 203.0.113.1"}) == [429]


def test_without_a_proxy_nobody_chooses_an_address(start: Start) -> None:
    browser = visitor(start())
    answers = [guesses(browser, 1, **{"X-Forwarded-For": f"203.0.113.{n}"})[0] for n in range(12)]
    assert answers == [422] * 10 + [429] * 2
