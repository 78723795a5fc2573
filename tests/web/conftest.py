"""The web application over a database, without the rooms behind it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hub.core.database import Database
from hub.core.values import Refusal
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
