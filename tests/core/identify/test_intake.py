"""A draft becomes a request, once, and nothing of it is lost."""

from __future__ import annotations

import pytest

from hub.core.connections.models import Connection
from hub.core.customers.models import Contact, Customer
from hub.core.identify.intake import take_draft
from hub.core.values import Draft
from hub.core.work.models import ServiceRequest
from tests.core.conftest import Desk


@pytest.fixture
def shop(desk: Desk) -> int:
    with desk.database.transaction() as session:
        connection = Connection(name="Shop", family="source", kind="webhook", slug="shop")
        session.add(connection)
        session.flush()
        return connection.id


def take(desk: Desk, shop: int, draft: Draft) -> ServiceRequest:
    with desk.database.transaction() as session:
        found = take_draft(session, desk.database.now(), draft, connection_id=shop, source="webhook")
    return desk.request(found.id)


def test_the_same_draft_again_gives_the_request_it_became(desk: Desk, shop: int) -> None:
    first = take(desk, shop, Draft("k", "VPN drops", "every day"))
    again = take(desk, shop, Draft("k", "VPN drops!", "every day, again"))
    assert first.id == again.id
    assert desk.count(ServiceRequest) == 1


def test_an_over_long_title_is_cut_and_opens_the_text_whole(desk: Desk, shop: int) -> None:
    request = take(desk, shop, Draft("k", "long " * 100, "the text"))
    assert len(request.title) == 300
    assert request.title.endswith("…")
    assert request.body == ("long " * 100).strip() + "\n\nthe text"


@pytest.mark.parametrize(
    ("title", "body", "shown"), [(" a \n b ", "x", "a b"), ("", "first\nsecond", "first"), ("", " ", "—")]
)
def test_a_missing_title_comes_from_the_text(
    desk: Desk, shop: int, title: str, body: str, shown: str
) -> None:
    assert take(desk, shop, Draft("k", title, body)).title == shown


def test_known_people_are_found_again_and_cannot_be_moved_elsewhere(desk: Desk, shop: int) -> None:
    draft = Draft(
        "k", "x", "", contact_name="Somebody", contact_email=" LI@acme.example ", customer="Other Ltd"
    )
    request = take(desk, shop, draft)
    assert request.contact_id == desk.contact_id
    assert desk.get(Contact, desk.contact_id).customer_id == desk.customer_id
    assert desk.count(Contact) == 1
    assert desk.count(Customer) == 2


def test_goals_category_and_priority_come_along_and_unknown_categories_do_not(desk: Desk, shop: int) -> None:
    full = Draft("k", "x", "", category="network", priority=1, goals=("a", " ", "b"), labels=("l", "l"))
    request = take(desk, shop, full)
    assert (request.category_id, request.priority, request.labels) == (desk.category_id, 1, ["l"])
    assert [goal.text for goal in request.goals] == ["a", "b"]
    assert take(desk, shop, Draft("k2", "x", "", category="nonsense")).category_id is None


def test_a_request_from_outside_goes_on_by_itself_when_nothing_is_open(desk: Desk, shop: int) -> None:
    draft = Draft("k", "The VPN is slow", "", contact_email="new@acme.example", goals=("fast again",))
    assert desk.look(take(desk, shop, draft).id).stage == "execute"


def test_what_plugins_said_is_written_once_with_its_reasons(desk: Desk) -> None:
    request_id = desk.open(title="VPN", body="urgent: everyone is cut off", goal=False)
    for _ in range(3):
        request = desk.look(request_id)
    assert request.understood["category"] == {"zh": "出现关键词：vpn", "en": "Keywords found: vpn"}
    assert request.priority == 1
    assert len(request.needs) == 1
    assert desk.verbs(request_id).count("request_understood") == 1
