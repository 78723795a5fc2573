"""The pages of the guided set-up, over the forms there are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.connections.models import Connection
from hub.core.work.models import Category

LINE = "The hub is being set up: %s of 7 steps."


@pytest.fixture
def admin(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    return signed_in("administrator", "Ada")


def test_a_form_that_the_set_up_opened_leads_back_to_it_once(admin: FlaskClient, hub: Hub) -> None:
    page = admin.get("/guide/forms/category", follow_redirects=True).text
    assert 'value="general"' in page
    data = {"key": "general", "zh": "一般服务", "en": "General service"}
    assert admin.post("/settings/categories/", data=data).location == "/guide/"
    again = {"key": "more", "zh": "更多", "en": "More"}
    assert admin.post("/settings/categories/", data=again).location == "/settings/categories/"
    form = admin.get("/guide/forms/intake", follow_redirects=True).text
    assert "general | 一般服务 | General service" in form
    data = {"kind": "form", "name": "Form", "setting_title_zh": "表单", "setting_title_en": "Form"}
    asked = ("description", "category", "wanted_by", "outcome", "name", "email", "file")
    data |= {f"setting_{name}": "optional" for name in asked}
    assert admin.post("/connections/", data=data).location == "/guide/"
    with hub.core.database.reading() as session:
        assert session.scalars(select(Category.key)).all() == ["general", "more"]
        assert session.scalars(select(Connection.kind)).all() == ["form"]


def test_another_form_than_the_opened_one_leads_where_it_always_does(admin: FlaskClient) -> None:
    admin.get("/guide/forms/intake")
    data = {"key": "general", "zh": "一般服务", "en": "General service"}
    assert admin.post("/settings/categories/", data=data).location == "/settings/categories/"
    assert 'value="general"' not in admin.get("/settings/categories/new").text
    assert admin.get("/guide/forms/lunch").status_code == 404


def test_the_start_page_says_how_far_it_is_until_it_is_put_away(
    admin: FlaskClient, signed_in: Callable[..., FlaskClient]
) -> None:
    assert LINE % 0 in admin.get("/").text
    assert admin.post("/guide/organisation", data={"mark": "done"}).location == "/guide/"
    assert LINE % 1 in admin.get("/").text
    lead = signed_in("manager", "Lee")
    assert "being set up" not in lead.get("/").text
    assert lead.get("/guide/").status_code == 403
    assert admin.post("/guide/all", data={"mark": "done"}).location == "/"
    assert "being set up" not in admin.get("/").text
    assert "Take it up again" in admin.get("/guide/").text
    admin.post("/guide/all", data={"mark": "open"})
    assert LINE % 2 in admin.get("/").text  # Lee has come


def test_what_is_over_is_not_asked_again_and_can_be_opened_again(admin: FlaskClient) -> None:
    for step in ("organisation", "people", "calendar", "category", "intake", "tracker", "request"):
        admin.post(f"/guide/{step}", data={"mark": "skipped"})
    assert "being set up" not in admin.get("/").text
    assert "All is set up" in admin.get("/guide/").text
    admin.post("/guide/people", data={"mark": "open"})
    assert LINE % 6 in admin.get("/").text
    assert admin.post("/guide/people", data={"mark": "perhaps"}).status_code == 422
    assert admin.post("/guide/lunch", data={"mark": "done"}).status_code == 404
