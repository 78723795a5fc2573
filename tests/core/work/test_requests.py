"""Service requests: what may be written into one, by whom, and what is kept of it."""

from __future__ import annotations

from functools import partial

import pytest

from hub.core import history
from hub.core.customers.models import Contact, Customer
from hub.core.work.models import ServiceRequest
from hub.core.work.parts import add_need
from hub.core.work.requests import by_ref, create_request, drop, edit_request, resume, wait
from tests.core.conftest import Desk, at_once


def test_numbers_follow_one_another_without_twins(desk: Desk) -> None:
    made = at_once(*[partial(desk.open, f"VPN {n}") for n in range(8)])
    refs = {desk.get(ServiceRequest, id).ref for id in made if isinstance(id, int)}
    assert refs == {f"SR-{n}" for n in range(1, 9)}


def test_a_request_is_found_by_its_number_in_any_letter_case(desk: Desk) -> None:
    request_id = desk.open()
    with desk.database.reading() as session:
        found = by_ref(session, "sr-1")
        assert found is not None
        assert found.id == request_id
        assert by_ref(session, "SR-99") is None


@pytest.mark.parametrize(
    ("values", "message", "field"),
    [
        ({"title": "  "}, "required", "title"),
        ({"title": "x" * 301}, "too_long", "title"),
        ({"title": "x", "body": "x" * 200_001}, "too_long", "body"),
        ({"title": "x", "priority": 5}, "unknown_choice", "priority"),
        ({"title": "x", "labels": [str(n) for n in range(51)]}, "too_many", "labels"),
        ({"title": "x", "labels": ["x" * 61]}, "too_long", "labels"),
    ],
)
def test_refuses_what_does_not_fit_by_field(desk: Desk, values, message: str, field: str) -> None:
    from hub.core.values import Refusal

    with pytest.raises(Refusal) as caught:
        desk.do(create_request, desk.member, **values)
    assert (caught.value.message, caught.value.field) == (message, field)
    assert desk.count(ServiceRequest) == 0


def test_labels_lose_blanks_and_doubles_and_keep_their_order(desk: Desk) -> None:
    made = desk.do(create_request, desk.member, title=" x ", labels=["b", " a ", "", "b"])
    assert (made.title, made.labels) == ("x", ["b", "a"])


@pytest.mark.process("P10")
def test_the_customers_profile_stays_as_it_was_when_the_request_came(desk: Desk) -> None:
    old = desk.open()
    with desk.database.transaction() as session:
        session.get_one(Customer, desk.customer_id).profile = {"industry": "banking"}
    new = desk.open()
    assert desk.request(old).profile == {"industry": "retail"}
    assert desk.request(new).profile == {"industry": "banking"}
    assert desk.look(old).profile == {"industry": "retail"}


def test_a_contact_brings_its_customer(desk: Desk) -> None:
    assert desk.request(desk.open()).customer_id == desk.customer_id


def test_the_loser_of_two_edits_is_refused_and_nothing_of_it_stays(desk: Desk) -> None:
    request_id = desk.open()
    request = desk.request(request_id)
    edits = [
        partial(desk.do, edit_request, desk.member, request, version=request.version, title=f"Edit {n}")
        for n in range(2)
    ]
    lost = [result for result in at_once(*edits) if isinstance(result, Exception)]
    assert len(lost) == 1
    assert lost[0].message == "version_conflict"  # type: ignore[attr-defined]
    assert desk.request(request_id).title in ("Edit 0", "Edit 1")
    assert desk.verbs(request_id).count("request_edited") == 1


def test_an_edit_that_changes_nothing_leaves_no_trace(desk: Desk) -> None:
    request_id = desk.open()
    before = desk.request(request_id)
    assert desk.do(edit_request, desk.member, before, title=" VPN drops ") == []
    assert desk.request(request_id).version == before.version


def test_an_edit_keeps_the_texts_aside_and_the_ids_in_the_open(desk: Desk) -> None:
    request_id = desk.open()
    changed = desk.do(
        edit_request, desk.member, desk.request(request_id), title="Secret name", owner_id=desk.people[1]
    )
    assert changed == ["title", "owner_id"]
    with desk.database.reading() as session:
        entry, personal = history.of_request(session, request_id)[0]
    assert entry.data == {"fields": ["title", "owner_id"], "ids": {"owner_id": [None, desk.people[1]]}}
    assert personal == {"title": ["VPN drops", "Secret name"]}


def test_refuses_to_edit_what_has_no_such_field(desk: Desk) -> None:
    with pytest.raises(ValueError, match="stage"):
        desk.do(edit_request, desk.manager, desk.request(desk.open()), stage="improve")


def test_waiting_needs_a_reason_and_an_open_request(desk: Desk) -> None:
    request_id = desk.open()
    assert desk.refused(wait, desk.member, desk.request(request_id), " ") == "required"
    assert desk.refused(resume, desk.member, desk.request(request_id)) == "request_not_waiting"
    desk.do(wait, desk.member, desk.request(request_id), "The customer is away")
    assert desk.request(request_id).waiting_reason == "The customer is away"
    assert desk.refused(wait, desk.member, desk.request(request_id), "again") == "request_not_open"
    desk.do(resume, desk.member, desk.request(request_id))
    assert (desk.request(request_id).state, desk.request(request_id).waiting_reason) == ("open", None)


def test_dropping_needs_a_manager_and_a_reason_and_deletes_nothing(desk: Desk) -> None:
    request_id = desk.bring("execute")
    assert desk.refused(drop, desk.member, desk.request(request_id), "no") == "not_allowed"
    assert desk.refused(drop, desk.manager, desk.request(request_id), "") == "required"
    desk.do(drop, desk.manager, desk.request(request_id), "A copy of SR-7")
    request = desk.request(request_id)
    assert (request.state, request.waiting_reason, request.closed_at) == (
        "dropped",
        "A copy of SR-7",
        desk.database.now(),
    )
    assert len(request.tasks) == 1
    assert desk.refused(drop, desk.manager, request, "again") == "request_not_open"


def test_needs_are_of_three_kinds(desk: Desk) -> None:
    request = desk.request(desk.open())
    assert desk.refused(add_need, desk.member, request, "urgent", "x") == "unknown_choice"
    for kind in ("stated", "expected", "unspoken"):
        desk.do(add_need, desk.member, request, kind, kind, "said so")
    assert [need.kind for need in desk.request(request.id).needs] == ["stated", "expected", "unspoken"]


def test_contacts_are_found_again_by_their_address(desk: Desk) -> None:
    assert desk.count(Contact) == 1
    desk.open()
    assert desk.count(Contact) == 1
