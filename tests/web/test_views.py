"""Saved views: an address under a name, one's own or the team's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.directory.models import SavedView
from hub.core.directory.views import MOST

SignedIn = Callable[..., FlaskClient]


def save(browser: FlaskClient, name: str = "Late ones", **values: Any) -> Any:
    """Save what the board shows now."""
    given = {"name": name, "page": "board", "query": "view=overdue&group=person", **values}
    return browser.post("/views/", data=given)


def stored(hub: Hub) -> list[SavedView]:
    """All views, by number."""
    with hub.core.database.reading() as session:
        return list(session.scalars(select(SavedView).order_by(SavedView.id)))


def test_a_view_leads_back_to_what_was_seen(signed_in: SignedIn) -> None:
    browser = signed_in("viewer")
    saved = save(browser)
    assert (saved.status_code, saved.location) == (303, "/?view=overdue&group=person")
    page = browser.get(saved.location).text
    assert "The view is saved." in page and "Late ones" in page
    assert "Late ones" not in browser.get("/requests/").text


def test_the_list_keeps_its_filter_under_a_name(signed_in: SignedIn) -> None:
    browser = signed_in("viewer")
    query = "stage=execute&q=打印&sort=wanted&after=5~5&evil=1"
    saved = save(browser, "打印", page="requests", query=query)
    assert saved.location == "/requests/?stage=execute&q=%E6%89%93%E5%8D%B0&sort=wanted"
    assert "打印" in browser.get("/requests/").text


def test_only_what_is_shared_is_seen_by_others(signed_in: SignedIn) -> None:
    browser, other = signed_in("member"), signed_in("viewer", "Ann")
    save(browser, "Mine alone")
    save(browser, "For all", shared="y")
    page = other.get("/").text
    assert "For all" in page and "Wang Lei" in page and "Mine alone" not in page
    assert "Mine alone" in browser.get("/views/").text


def test_saving_under_the_same_name_again_changes_the_address(signed_in: SignedIn, hub: Hub) -> None:
    browser = signed_in("member")
    save(browser)
    save(browser, query="sort=newest")
    assert [view.query for view in stored(hub)] == ["sort=newest"]


def test_who_may_not_share_is_refused(signed_in: SignedIn, hub: Hub) -> None:
    assert save(signed_in("viewer"), shared="y").status_code == 403
    assert stored(hub) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": " "}, "This is needed."),
        ({"name": "x" * 61}, "At most 60 characters"),
        ({"page": "settings"}, "not one of the choices"),
    ],
)
def test_what_cannot_be_saved_comes_back_with_the_reason(
    signed_in: SignedIn, hub: Hub, values: dict[str, str], said: str
) -> None:
    refused = save(signed_in("member"), **values)
    assert refused.status_code == 422 and said in refused.text
    assert values.get("name", "Late ones").strip() in refused.text
    assert stored(hub) == []


def test_nobody_collects_views_without_end(signed_in: SignedIn, hub: Hub) -> None:
    browser = signed_in("member")
    for number in range(MOST):
        assert save(browser, f"View {number}").status_code == 303
    assert save(browser, "One more").status_code == 422
    assert save(browser, "View 7", query="").status_code == 303
    assert len(stored(hub)) == MOST


def test_a_view_is_renamed_shared_and_removed_by_its_owner(signed_in: SignedIn, hub: Hub) -> None:
    browser, other = signed_in("member"), signed_in("member", "Ann")
    save(browser)
    save(browser, "Second")
    number = stored(hub)[0].id
    assert other.post(f"/views/{number}", data={"name": "Stolen"}).status_code == 404
    assert other.post(f"/views/{number}/removal").status_code == 404
    taken = browser.post(f"/views/{number}", data={"name": "Second"})
    assert taken.status_code == 422 and "taken" in taken.text
    assert browser.post(f"/views/{number}", data={"name": "First", "shared": "y"}).status_code == 303
    assert "First" in other.get("/views/").text
    assert browser.post(f"/views/{number}/removal").status_code == 303
    assert [view.name for view in stored(hub)] == ["Second"]


def test_a_manager_removes_what_was_shared_but_nothing_else(signed_in: SignedIn, hub: Hub) -> None:
    browser, manager = signed_in("member"), signed_in("manager", "Ann")
    save(browser, "For all", shared="y")
    save(browser, "Mine alone")
    shared, own = (view.id for view in stored(hub))
    assert manager.post(f"/views/{shared}/removal").status_code == 303
    assert manager.post(f"/views/{own}/removal").status_code == 404
    assert [view.name for view in stored(hub)] == ["Mine alone"]
