"""By which words requests are found, and how the search keeps up."""

from __future__ import annotations

from hub.core.conversation import comments
from hub.core.customers.profiles import save_customer
from hub.core.values import SYSTEM
from hub.core.work import findable, listing
from hub.core.work.models import ServiceRequest
from hub.core.work.requests import edit_request
from tests.core.conftest import Desk


def found(desk: Desk, query: str) -> list[int]:
    with desk.database.reading() as session:
        return [row.id for row in listing.page(session, listing.Filter(state="all", text=query)).rows]


def test_a_request_is_found_by_everything_its_team_reads(desk: Desk) -> None:
    number = desk.open(title="打印机卡纸", body="E-52 at Kowloon", labels=("urgent-desk",))
    with desk.database.transaction() as session:
        request = session.get_one(ServiceRequest, number)
        ref = request.ref
        comments.say(
            session, desk.database.now(), SYSTEM, request_id=number, text="已更换硒鼓", stream="internal"
        )
    assert findable.keep_findable(desk.database, number)
    for query in (ref, ref.lower(), "卡纸", "kowloon e-52", "urgent-desk", "硒鼓", "打印机 硒鼓"):
        assert found(desk, query) == [number], query
    assert found(desk, "打印机 软盘") == []
    assert not findable.keep_findable(desk.database, number)


def test_a_comment_taken_back_is_found_no_longer(desk: Desk) -> None:
    number = desk.open(title="r")
    with desk.database.transaction() as session:
        said = comments.say(
            session, desk.database.now(), SYSTEM, request_id=number, text="pearl", stream="public"
        )
        findable_id = said.id
    findable.keep_findable(desk.database, number)
    assert found(desk, "pearl") == [number]
    with desk.database.transaction() as session:
        said = session.get_one(comments.Comment, findable_id)
        comments.take_back(session, desk.database.now(), SYSTEM, said)
    findable.keep_findable(desk.database, number)
    assert found(desk, "pearl") == []


def test_a_renamed_customer_is_found_by_the_new_name(desk: Desk) -> None:
    number = desk.open(title="r")
    with desk.database.transaction() as session:
        now = desk.database.now()
        customer = save_customer(session, now, SYSTEM, None, name="Old Oak", profile={})
        edit_request(session, now, SYSTEM, session.get_one(ServiceRequest, number), customer_id=customer.id)
        made = customer.id
    findable.catch_up(desk.database)
    assert found(desk, "old oak") == [number]
    with desk.database.transaction() as session:
        customer = session.get_one(type(customer), made)
        save_customer(session, desk.database.now(), SYSTEM, customer, name="New Elm", profile={})
        findable.renamed(session, made)
    assert findable.catch_up(desk.database) == 1
    assert (found(desk, "oak"), found(desk, "elm")) == ([], [number])


def test_catching_up_goes_through_everything_once(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(findable, "BATCH", 2)
    numbers = [desk.open(title=f"request {n}") for n in range(5)]
    assert findable.catch_up(desk.database) == 5
    assert findable.catch_up(desk.database) == 0
    assert found(desk, "request") == sorted(numbers, reverse=True)
