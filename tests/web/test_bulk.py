"""The list that changes many requests at once, and says what became of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.directory.models import Person
from hub.core.work.models import ServiceRequest

SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def refs(open_request: Callable[..., str]) -> list[str]:
    """Two requests that wait to be understood, one whose work has begun."""
    return [open_request("Printer jams"), open_request("VPN drops"), open_request(stage="execute", tasks=1)]


def stored(hub: Hub) -> list[ServiceRequest]:
    """All requests, by number."""
    with hub.core.database.reading() as session:
        return list(session.scalars(select(ServiceRequest).order_by(ServiceRequest.id)))


def change(browser: FlaskClient, refs: list[str], what: str, **values: Any) -> Any:
    """Send the form of the list."""
    return browser.post("/bulk-edits/", data={"ref": refs, "change": what, **values})


def test_a_change_to_picked_rows_is_told_and_taken_back(
    signed_in: SignedIn, refs: list[str], hub: Hub
) -> None:
    browser = signed_in("member")
    done = change(browser, refs[:2], "priority", priority="1", back="stage=identify&sort=priority&evil=1")
    assert done.status_code == 303
    assert done.location.startswith("/requests/?stage=identify&sort=priority&edit=")
    assert [row.priority for row in stored(hub)] == [1, 1, None]
    page = browser.get(done.location).text
    assert "Priority: Urgent" in page and "2 requests changed" in page
    undo = re.search(r'action="(/bulk-edits/\d+/undoing)"', page)
    assert undo
    undone = browser.post(undo[1])
    assert [row.priority for row in stored(hub)] == [None] * 3
    page = browser.get(undone.location).text
    assert "Taken back: 2 requests changed" in page and "/undoing" not in page


def test_what_was_refused_is_named_with_its_reason(signed_in: SignedIn, refs: list[str], hub: Hub) -> None:
    browser = signed_in("member", "Ann")
    with hub.core.database.reading() as session:
        ann = session.scalars(select(Person.id).where(Person.name == "Ann")).one()
    page = browser.get(change(browser, refs, "assignee", person=str(ann)).location).text
    assert "Assignee of the open tasks: Ann" in page
    assert "1 request changed" in page and "2 refused" in page
    assert f"{refs[0]} has no task on which something is still to be done." in page
    whole = re.search(r'href="(/bulk-edits/\d+)"', page)
    assert whole and "Printer jams" in browser.get(whole[1]).text


def test_a_stage_that_is_not_open_yet_is_refused_with_its_open_points(
    signed_in: SignedIn, refs: list[str], hub: Hub
) -> None:
    browser = signed_in("member")
    page = browser.get(change(browser, refs[2:], "stage", stage="evaluate").location).text
    assert "Before SR-3 can go on" in page and "0 requests changed" in page
    assert stored(hub)[2].stage == "execute"


@pytest.mark.parametrize(
    ("what", "values", "said"),
    [
        ("label", {"label": " "}, "This is needed."),
        ("wait", {"reason": "x" * 301}, "At most 300 characters"),
        ("wanted_by", {"day": "2026-02-30"}, "Not a valid date"),
        ("stage", {"stage": "nowhere"}, "not one of the choices"),
        ("drop", {"reason": "a double"}, "Not a valid choice"),
    ],
)
def test_a_wrong_value_comes_back_with_what_was_picked_and_typed(
    signed_in: SignedIn, refs: list[str], hub: Hub, what: str, values: dict[str, str], said: str
) -> None:
    before = [row.version for row in stored(hub)]
    refused = change(signed_in("member"), refs[:1], what, **values)
    assert refused.status_code == 422 and said in refused.text
    boxes = re.findall(r'<input type="checkbox" name="ref" value="([^"]+)"[^>]* checked', refused.text)
    assert boxes == refs[:1]
    assert all(value.strip() in refused.text for value in values.values())
    assert [row.version for row in stored(hub)] == before


def test_without_a_pick_nothing_happens(signed_in: SignedIn, refs: list[str]) -> None:
    refused = change(signed_in("member"), [], "priority", priority="1")
    assert refused.status_code == 422 and "Choose at least one request." in refused.text


def test_one_who_may_only_look_is_offered_nothing(signed_in: SignedIn, refs: list[str], hub: Hub) -> None:
    browser = signed_in("viewer")
    assert 'name="ref"' not in browser.get("/requests/").text
    assert change(browser, refs, "priority", priority="1").status_code == 403
    assert stored(hub)[0].priority is None


def test_the_result_of_another_person_is_nobody_elses(signed_in: SignedIn, refs: list[str]) -> None:
    done = change(signed_in("member"), refs[:1], "label", label="VIP").location
    number = done.rpartition("=")[2]
    other = signed_in("manager", "Ann")
    assert "requests changed" not in other.get(done).text
    assert other.get(f"/bulk-edits/{number}").status_code == 404
    assert other.post(f"/bulk-edits/{number}/undoing").status_code == 422
