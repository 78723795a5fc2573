"""The search page and what it offers while somebody types."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.customers.profiles import save_customer
from hub.core.directory.models import Person, Team
from hub.core.values import SYSTEM
from hub.core.work import findable
from hub.core.work.requests import create_request

HTMX = {"HX-Request": "true"}


@pytest.fixture
def staff(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    """A member's browser."""
    return signed_in("member")


@pytest.fixture
def refs(hub: Hub) -> list[str]:
    """Three requests that can be found."""
    titles = ("VPN 登录失败", "Payroll export fails", "登陆页面空白")
    with hub.core.database.transaction() as session:
        now = hub.core.database.now()
        made = [create_request(session, now, SYSTEM, title=title).ref for title in titles]
    findable.catch_up(hub.core.database)
    return made


@pytest.mark.parametrize(
    ("query", "which"), [("登录", {0}), ("登", {0, 2}), ("pay", {1}), ("nothing at all", set())]
)
def test_finds_requests_by_their_words(
    staff: FlaskClient, refs: list[str], query: str, which: set[int]
) -> None:
    page = staff.get("/search/", query_string={"q": query}).text
    assert {number for number, ref in enumerate(refs) if f"/requests/{ref}" in page} == which


def test_a_reference_leads_straight_to_its_request(staff: FlaskClient, refs: list[str]) -> None:
    answer = staff.get("/search/", query_string={"q": refs[1].lower()})
    assert (answer.status_code, answer.location) == (302, f"/requests/{refs[1]}")


def test_while_typing_only_what_was_found_comes(staff: FlaskClient, refs: list[str]) -> None:
    answer = staff.get("/search/", query_string={"q": refs[1]}, headers=HTMX)
    assert answer.status_code == 200
    assert refs[1] in answer.text
    assert "<html" not in answer.text
    assert staff.get("/search/", query_string={"q": ""}, headers=HTMX).text.strip() == ""


def test_finds_pages_people_and_customers(hub: Hub, staff: FlaskClient) -> None:
    def links(query: str) -> str:
        return str(staff.get("/search/", query_string={"q": query}, headers=HTMX).text)

    assert 'href="/inbox"' in links("inb")
    assert 'href="/requests/new"' in links("new req")
    with hub.core.database.transaction() as session:
        customer = save_customer(
            session, hub.core.database.now(), SYSTEM, None, name="连山 Lian Shan", profile={}
        ).id
        person = session.scalars(select(Person)).first()
        name, number = person.name, person.id
    assert f'href="/customers/{customer}"' in links("連山")
    assert f'href="/people/{number}"' in links(name[:3].upper())


def test_more_than_are_counted_are_said_to_be_more(
    staff: FlaskClient, refs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.web.search.COUNTED", 1)
    assert "1+" in staff.get("/search/?q=登").text


def test_the_list_is_searched_in_every_state_unless_one_is_chosen(
    staff: FlaskClient, refs: list[str]
) -> None:
    assert refs[0] in staff.get("/requests/?q=登录").text
    none = staff.get("/requests/?q=登录&state=closed").text
    assert refs[0] not in none
    assert "state=all" in none


def test_hostile_words_find_nothing_and_harm_nothing(staff: FlaskClient, refs: list[str]) -> None:
    for query in ("'", '"', "a* OR b", "NEAR(a b)", "\\", "%_", "<script>", "a" * 5000, "-", "()", "terms:a"):
        assert staff.get("/search/", query_string={"q": query}).status_code == 200
        assert staff.get("/requests/", query_string={"q": query}).status_code == 200


def test_only_who_has_signed_in_searches(client: FlaskClient) -> None:
    assert client.get("/search/?q=a").status_code == 303


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("zl", ["张丽"]),
        ("张", ["张丽", "张三"]),
        ("wang l", ["Wang Lei"]),
        ("Wang Lei", ["Wang Lei"]),
        ("Wang Lei ", []),
        ("Wang Lei a", []),
        ("net", ["Network"]),
        ("nobody", []),
        ("<b>", []),
    ],
)
def test_offers_whom_a_comment_may_call(
    hub: Hub, signed_in: Callable[..., FlaskClient], typed: str, named: list[str]
) -> None:
    browser = signed_in("viewer")
    with hub.core.database.transaction() as session:
        session.add(Team(name="Network"))
        for name in ("张丽", "张三", "Ann Left"):
            session.add(Person(name=name, email=f"{name}@example.com", active=name != "Ann Left"))
    page = BeautifulSoup(browser.get("/search/names", query_string={"q": typed}).text, "html.parser")
    assert sorted(option["data-name"] for option in page.select("[role=option]")) == sorted(named)


def test_the_palette_finds_people_by_their_initials(hub: Hub, signed_in: Callable[..., FlaskClient]) -> None:
    browser = signed_in("viewer")
    with hub.core.database.transaction() as session:
        session.add(Person(name="张丽", email="zl@example.com"))
    assert "张丽" in browser.get("/search/?q=zl").text
    assert "张丽" not in browser.get("/search/?q=lz").text
