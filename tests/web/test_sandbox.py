"""The sandbox tracker beside the hub's pages."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from hub.app import Hub
from hub.core.connections import manage
from hub.core.values import SYSTEM
from hub.web.sandbox import Mounted, mount


@pytest.fixture
def mounted(hub: Hub) -> Iterator[Mounted]:
    made = mount(hub.web(demo=True), hub)
    yield made
    made.close()


def test_answers_under_its_prefix_and_leaves_the_rest_to_the_hub(mounted: Mounted) -> None:
    browser = Client(mounted)
    assert browser.get("/sandbox/api/").get_json()["name"] == "sandbox"
    assert browser.get("/healthz").get_json()["status"] == "ok"
    assert browser.post("/sandbox/items", data={"title": "Hello"}).location == "/sandbox/items/SBX-1"


def test_keeps_its_items_and_its_secret_over_a_restart(hub: Hub, mounted: Mounted) -> None:
    Client(mounted).post("/sandbox/items", data={"title": "Hello"})
    mounted.close()
    again = mount(hub.web(demo=True), hub)
    assert Client(again).get("/sandbox/api/items").get_json()["items"][0]["title"] == "Hello"
    assert again.hook_secret == mounted.hook_secret
    assert len(base64.b64decode(again.hook_secret.removeprefix("whsec_"))) == 32
    again.close()


def test_tells_every_sandbox_connection(hub: Hub, mounted: Mounted, monkeypatch: Any) -> None:
    database = hub.core.database
    with database.transaction() as session:
        row = manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Sandbox", kind="sandbox",
            settings={"base_url": mounted.base_url("http://127.0.0.1:8080")},
            secrets={"hook_secret": mounted.hook_secret},
        )  # fmt: skip
    assert row.settings["base_url"] == "http://127.0.0.1:8080/sandbox/"
    assert mounted.tell("http://127.0.0.1:8080") == 1
    assert mounted.tracker.board.hooks() == [(f"http://127.0.0.1:8080/in/{row.slug}", mounted.hook_secret)]


def test_is_in_the_navigation_of_the_demonstration_only(hub: Hub) -> None:
    assert "sandbox.index" in hub.web(demo=True).view_functions
    assert "sandbox.index" not in hub.web().view_functions
