"""The catalogue of categories."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.work.models import Category

SignedIn = Callable[..., FlaskClient]
NETWORK = {
    "key": "network",
    "zh": "网络",
    "en": "Network",
    "skill": "network",
    "keywords": "VPN，网络, switch",
    "hours": "3",
}


@pytest.fixture
def manager(signed_in: SignedIn) -> FlaskClient:
    return signed_in("manager", "Ann")


def category(hub: Hub) -> Category:
    with hub.core.database.reading() as session:
        return session.scalars(select(Category)).one()


def test_makes_a_category_in_both_languages(hub: Hub, manager: FlaskClient) -> None:
    assert manager.post("/settings/categories/", data=NETWORK).status_code == 303
    row = category(hub)
    assert (row.title, row.keywords, row.hours) == (
        {"zh": "网络", "en": "Network"},
        ["VPN", "网络", "switch"],
        3.0,
    )
    assert "Network" in manager.get("/settings/categories/").get_data(as_text=True)
    manager.set_cookie("language", "zh")
    assert "网络" in manager.get("/settings/categories/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("field", "value"), [("key", "Net work"), ("key", "taken"), ("hours", "-1"), ("zh", "x" * 121)]
)
def test_says_at_the_field_what_is_wrong(manager: FlaskClient, field: str, value: str) -> None:
    manager.post("/settings/categories/", data={**NETWORK, "key": "taken"})
    page = manager.post("/settings/categories/", data={**NETWORK, field: value})
    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert f'id="{field}-error"' in text
    assert "VPN，网络, switch" in text


def test_a_change_keeps_the_key(hub: Hub, manager: FlaskClient) -> None:
    manager.post("/settings/categories/", data=NETWORK)
    changed = {**NETWORK, "key": "other", "en": "Networks"}
    assert manager.post("/settings/categories/1", data=changed).status_code == 303
    row = category(hub)
    assert (row.key, row.title["en"], row.active) == ("network", "Networks", False)


def test_members_look_and_viewers_do_not(signed_in: SignedIn) -> None:
    member = signed_in("member", "Bob")
    assert member.get("/settings/categories/").status_code == 200
    assert member.post("/settings/categories/", data=NETWORK).status_code == 403
    assert signed_in("viewer", "Eve").get("/settings/categories/").status_code == 403
