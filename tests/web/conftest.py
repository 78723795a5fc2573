"""The web application over a database, without the rooms behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hub.app import Hub, build
from hub.config import load
from hub.core.database import Database
from hub.core.directory.people import add_person
from hub.core.values import SYSTEM, Refusal, TaskDraft
from hub.core.work.requests import create_request
from hub.core.work.tasks import create_task
from hub.web import create_app
from hub.web.guards import public


@pytest.fixture
def bare_app(sqlite_url: str, clock: Any, open_database: Callable[..., Database]) -> Flask:
    """The application as it starts, with three views that go wrong."""
    core = SimpleNamespace(database=open_database(sqlite_url, clock))
    app = create_app(cast(Any, core), secret_key="for tests only", demo=True)

    @app.get("/refused")
    @public
    def refused() -> str:
        raise Refusal("task_without_owner", ref="SR-7-1")

    @app.get("/broken")
    @public
    def broken() -> str:
        raise RuntimeError("the secret reason")

    @app.get("/conflict")
    @public
    def conflict() -> str:
        raise Refusal("version_conflict", ref="SR-7", yours="a", current="b")

    return app


@pytest.fixture
def bare(bare_app: Flask) -> FlaskClient:
    """A browser that accepts no cookies of others and prefers English."""
    client = bare_app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en-GB,en"
    return client


@pytest.fixture
def hub(tmp_path: Path, clock: Any) -> Iterator[Hub]:
    """A whole hub on a SQLite file of its own, at the test's clock."""
    config = tmp_path / "config.toml"
    config.write_text("")
    built = build(load(config, {"HUB_DATA": str(tmp_path / "data")}), {})
    built.core.database.clock = clock
    yield built
    leaked = built.core.database.checked_out()
    built.close()
    assert leaked == 0, f"{leaked} database connection(s) were not given back"


@pytest.fixture
def app(hub: Hub) -> Flask:
    """The hub's web application; forms need no forgery token here."""
    made = hub.web()
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of nobody, which prefers English."""
    made = app.test_client()
    made.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return made


@pytest.fixture
def signed_in(app: Flask, hub: Hub) -> Callable[..., FlaskClient]:
    """Browsers of people with a role: ``signed_in("member")``, ``signed_in("viewer", "Ann")``."""

    def make(role: str = "member", name: str = "Wang Lei") -> FlaskClient:
        database = hub.core.database
        with database.transaction() as session:
            email = f"{name.replace(' ', '.').lower()}@example.com"
            person = add_person(session, database.now(), SYSTEM, name=name, email=email, role=role)
        browser = app.test_client()
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        with browser.session_transaction() as cookies:
            cookies["_user_id"] = f"{person.id}.{person.session_epoch}"
        return browser

    return make


@pytest.fixture
def open_request(hub: Hub) -> Callable[..., str]:
    """Open a request and give its number: ``open_request("Printer jams", stage="assign", tasks=2)``."""

    def make(title: str = "Printer jams", *, stage: str = "identify", tasks: int = 0, **values: Any) -> str:
        database = hub.core.database
        with database.transaction() as session:
            request = create_request(session, database.now(), SYSTEM, title=title, **values)
            if tasks:
                request.stage = "assign"
                for number in range(tasks):
                    create_task(session, database.now(), SYSTEM, request, TaskDraft(f"Step {number + 1}"))
            request.stage = stage
        return request.ref

    return make
