"""Deliveries: kept once, read in order, and none holds up those behind it."""

from __future__ import annotations

import json
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from hub.core.connections import manage
from hub.core.connections.inbound import read, replay
from hub.core.connections.letterbox import Letter, keep
from hub.core.connections.models import Connection, Delivery
from hub.core.customers.models import Contact
from hub.core.values import SYSTEM, Refused
from hub.core.work.models import ServiceRequest
from hub.core.workflow import chores
from tests.core.conftest import Desk, at_once


@pytest.fixture
def shop(desk: Desk) -> int:
    return connect(desk, "Shop").id


def connect(desk: Desk, name: str) -> Connection:
    with desk.database.transaction() as session:
        return manage.create(
            session, desk.database.now(), SYSTEM, desk.core.registry, desk.core.opener.keys, name=name,
            kind="webhook", settings={}, secrets={"secret": "whsec_" + "A" * 32},
        )  # fmt: skip


def deliver(desk: Desk, connection_id: int, key: str, body: bytes | None = None, **fields: object) -> str:
    body = json.dumps({"title": key, **fields}).encode() if body is None else body
    return keep(desk.database, Letter(connection_id, key, {"webhook-id": key}, body, desk.database.now()))


def test_a_repeat_is_kept_once_and_says_what_became_of_it(desk: Desk, shop: int) -> None:
    assert deliver(desk, shop, "a") == "new"
    assert deliver(desk, shop, "a") == "again"
    assert chores.read_deliveries(desk.core, shop) == 1
    assert deliver(desk, shop, "a") == "read"
    assert deliver(desk, connect(desk, "Other").id, "a") == "new"
    assert chores.read_deliveries(desk.core, shop) == 0
    assert desk.count(ServiceRequest) == 1


def test_two_at_once_are_one(desk: Desk, shop: int) -> None:
    for key in "abc":
        results = at_once(*[partial(deliver, desk, shop, key)] * 4)
        assert sorted(map(str, results)) == ["again", "again", "again", "new"]
    at_once(*[partial(chores.read_deliveries, desk.core, shop)] * 2)
    assert (desk.count(Delivery), desk.count(ServiceRequest)) == (3, 3)


def test_one_that_died_is_promised_again_even_under_a_very_long_key(desk: Desk, shop: int) -> None:
    key = "k" * 300
    assert deliver(desk, shop, key, b"not JSON") == "new"
    chores.read_deliveries(desk.core, shop)
    (row,) = desk.all(Delivery)
    assert (row.status, row.reason) == ("dead", "body: not JSON (JSONDecodeError)")
    assert deliver(desk, shop, key, b"not JSON") == "again"
    assert desk.all(Delivery)[0].status == "unread"


def test_twenty_are_read_in_order_around_a_poisoned_one(desk: Desk, shop: int) -> None:
    for number in range(20):
        deliver(desk, shop, f"m{number}")
        if number == 9:
            deliver(desk, shop, "poison", b"\xff\x00")
            deliver(desk, shop, "wrong", b'{"title": {"deep": 1}}')
    assert chores.read_deliveries(desk.core, shop) == 22
    assert [request.title for request in desk.all(ServiceRequest)] == [f"m{n}" for n in range(20)]
    dead = {row.key: row.reason for row in desk.all(Delivery, Delivery.status == "dead")}
    assert set(dead) == {"poison", "wrong"}
    assert all(dead.values())


def test_what_cannot_be_taken_is_parked_and_its_half_done_work_undone(desk: Desk, shop: int) -> None:
    def take(session, draft, delivery):  # type: ignore[no-untyped-def]
        session.add(Contact(name=draft.title))
        session.flush()
        if draft.title == "b":
            raise LookupError("no such thing")

    for key in "abc":
        deliver(desk, shop, key)
    opened = desk.core.opener.by_id(shop)
    assert read(desk.database, desk.core.files, opened, take, lambda *_: None, lambda file: file) == 3
    assert [contact.name for contact in desk.all(Contact)][1:] == ["a", "c"]
    (dead,) = desk.all(Delivery, Delivery.status == "dead")
    assert (dead.key, dead.reason) == ("b", "LookupError: no such thing")


def test_a_plugins_bug_parks_its_delivery_and_nothing_else(desk: Desk, shop: int, monkeypatch) -> None:
    opened = desk.core.opener.by_id(shop)
    well = opened.object.drafts

    def sometimes(delivery):  # type: ignore[no-untyped-def]
        if delivery.key == "b":
            raise ZeroDivisionError("a bug")
        if delivery.key == "c":
            raise Refused("unreadable")
        return well(delivery)

    monkeypatch.setattr(opened.object, "drafts", sometimes)
    for key in "abcd":
        deliver(desk, shop, key)
    chores.read_deliveries(desk.core, shop)
    reasons = {row.key: row.reason for row in desk.all(Delivery)}
    assert reasons == {"a": None, "b": "ZeroDivisionError: a bug", "c": "unreadable", "d": None}


def test_a_new_contact_that_two_connections_bring_at_once_is_made_once(desk: Desk, shop: int) -> None:
    others = [shop, *(connect(desk, f"Shop {n}").id for n in range(3))]
    for round_ in range(3):
        for at in others:
            contact = {"name": "New", "email": f"new{round_}@acme.example"}
            deliver(desk, at, f"{round_}", contact=contact, customer=f"Customer {round_}")
        at_once(*[partial(chores.read_deliveries, desk.core, at) for at in others])
    assert desk.count(Delivery, Delivery.status == "read") == 12
    assert desk.count(ServiceRequest) == 12
    assert desk.count(Contact) == 4


def test_a_clash_that_does_not_go_away_is_parked(desk: Desk, shop: int) -> None:
    tried = []

    def clash(session, draft, delivery):  # type: ignore[no-untyped-def]
        tried.append(draft)
        raise IntegrityError("insert", {}, Exception("taken"))

    deliver(desk, shop, "a")
    assert (
        read(
            desk.database, desk.core.files, desk.core.opener.by_id(shop), clash, lambda *_: None, lambda f: f
        )
        == 1
    )
    assert len(tried) == 2
    assert desk.all(Delivery)[0].status == "dead"


def test_replaying_reads_a_parked_delivery_once_more(desk: Desk, shop: int) -> None:
    deliver(desk, shop, "a", b"{}")
    chores.read_deliveries(desk.core, shop)
    (row,) = desk.all(Delivery)
    assert row.status == "dead"
    assert desk.refused(replay, desk.manager, row) == "not_allowed"
    with desk.database.transaction() as session:
        connection = session.get_one(Connection, shop)
        manage.change(
            session, desk.database.now(), SYSTEM, desk.core.registry, desk.core.opener.keys, connection,
            settings={"title": "", "body": "contact"},
        )  # fmt: skip
        session.get_one(Delivery, row.id).body = b'{"contact": "somebody"}'
    desk.do(replay, SYSTEM, row)
    assert chores.read_deliveries(desk.core, shop) == 1
    assert [request.title for request in desk.all(ServiceRequest)] == ["somebody"]
