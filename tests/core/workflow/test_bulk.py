"""One change to many requests: whole or not at all, told one by one, and taken back."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.core.directory.models import Person
from hub.core.history import HistoryEntry
from hub.core.values import SYSTEM, Actor, Refusal, TaskDraft
from hub.core.work.models import BulkEdit, ServiceRequest, Task
from hub.core.work.parts import add_need
from hub.core.work.requests import edit_request
from hub.core.work.tasks import assign_task, create_task
from hub.core.workflow import bulk
from tests.core.conftest import Desk, at_once


def some(desk: Desk, number: int = 3, *, stage: str = "assign", tasks: int = 1) -> list[str]:
    """Requests with tasks, by reference."""
    refs = []
    for n in range(number):
        request_id = desk.open(f"Request {n}")
        with desk.database.transaction() as session:
            row = session.get_one(ServiceRequest, request_id)
            row.stage, row.category_id, row.priority = "assign", desk.category_id, 3
            add_need(session, desk.database.now(), SYSTEM, row, "stated", "It works")
            for task in range(tasks):
                create_task(session, desk.database.now(), SYSTEM, row, TaskDraft(f"Step {task}"))
            row.stage = stage
            refs.append(row.ref)
    return refs


def row_of(desk: Desk, ref: str) -> ServiceRequest:
    """The request with its tasks."""
    with desk.database.reading() as session:
        row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).one()
        assert row.tasks is not None
        return row


def states(desk: Desk, edit: int) -> dict[str, str]:
    """What became of each request."""
    return {line["ref"]: line["state"] for line in desk.get(BulkEdit, edit).lines}


def values_of(desk: Desk, ref: str) -> tuple[Any, ...]:
    """Everything a bulk edit may touch."""
    row = row_of(desk, ref)
    tasks = tuple((task.assignee_id, task.team_id) for task in row.tasks)
    return (
        row.owner_id, row.priority, row.wanted_by, tuple(sorted(row.labels)), row.stage, row.state,
        row.waiting_reason, row.closed_at, tasks,
    )  # fmt: skip


def events(desk: Desk) -> int:
    """How much the history holds."""
    with desk.database.reading() as session:
        return session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


def changes(desk: Desk) -> dict[str, Any]:
    """A value for each kind of change."""
    return {
        "owner": desk.people[1], "assignee": desk.people[1], "team": desk.team_id, "priority": 1,
        "wanted_by": dt.date(2026, 5, 1), "label": "VIP", "stage": "identify", "wait": "parts are missing",
        "drop": "a double",
    }  # fmt: skip


@pytest.mark.parametrize("what", [*bulk.CHANGES])
def test_a_change_reaches_all_and_its_undo_leaves_nothing_behind(desk: Desk, what: str) -> None:
    refs = some(desk)
    if what in ("unlabel", "resume"):
        bulk.change(
            desk.core, desk.manager, refs, *(("label", "VIP") if what == "unlabel" else ("wait", "why"))
        )
    before = [values_of(desk, ref) for ref in refs]
    edit = bulk.change(desk.core, desk.manager, refs, what, changes(desk).get(what, "VIP"))
    assert states(desk, edit) == dict.fromkeys(refs, "changed")
    assert all(values_of(desk, ref) != old for ref, old in zip(refs, before, strict=True))
    undone = bulk.undo(desk.core, desk.manager, edit)
    assert states(desk, undone) == dict.fromkeys(refs, "changed")
    assert [values_of(desk, ref) for ref in refs] == before


def test_what_a_guard_refuses_is_told_and_is_as_it_was(desk: Desk) -> None:
    free, busy = some(desk, 2), some(desk, 1, stage="execute")
    before = values_of(desk, busy[0])
    edit = desk.get(BulkEdit, bulk.change(desk.core, desk.manager, [*free, *busy], "stage", "evaluate"))
    assert {line["state"] for line in edit.lines} == {"refused"}
    reasons = {line["ref"]: line["reason"] for line in edit.lines}
    assert reasons[busy[0]]["id"] == "stage_points_open" and reasons[busy[0]]["points"][0]["en"]
    assert values_of(desk, busy[0]) == before


def test_one_that_refuses_keeps_nothing_of_the_change(desk: Desk) -> None:
    # The second task of the request is refused: the first must not stay with its new team.
    [ref] = some(desk, 1, tasks=2)
    person = desk.person("Tom")
    with desk.database.transaction() as session:
        session.get_one(Person, person.id).active = False
        session.get_one(Task, row_of(desk, ref).tasks[1].id).assignee_id = person.id
    edit = bulk.change(desk.core, desk.manager, [ref], "assignee", desk.people[0])
    before = values_of(desk, ref)
    undone = desk.get(BulkEdit, bulk.undo(desk.core, desk.manager, edit))
    assert undone.lines[0]["reason"] == {"id": "person_inactive", "name": "Tom"}
    assert values_of(desk, ref) == before


def test_what_is_so_already_writes_nothing(desk: Desk) -> None:
    refs = some(desk)
    bulk.change(desk.core, desk.manager, refs, "priority", 2)
    before = events(desk)
    edit = bulk.change(desk.core, desk.manager, refs, "priority", 2)
    assert states(desk, edit) == dict.fromkeys(refs, "same")
    assert events(desk) == before


def test_an_undo_leaves_alone_what_others_changed_since(desk: Desk) -> None:
    refs = some(desk)
    edit = bulk.change(desk.core, desk.manager, refs, "owner", desk.people[0])
    desk.do(edit_request, desk.member, row_of(desk, refs[1]), owner_id=desk.people[2])
    undone = bulk.undo(desk.core, desk.manager, edit)
    assert states(desk, undone) == {refs[0]: "changed", refs[1]: "refused", refs[2]: "changed"}
    assert [row_of(desk, ref).owner_id for ref in refs] == [None, desk.people[2], None]


def test_an_undo_is_done_once_and_by_who_made_the_change(desk: Desk) -> None:
    edit = bulk.change(desk.core, desk.manager, some(desk), "label", "VIP")
    for actor, message in (
        (desk.member, "bulk_not_yours"),
        (desk.manager, None),
        (desk.manager, "bulk_undone"),
    ):
        if message is None:
            again = bulk.undo(desk.core, actor, edit)
        else:
            with pytest.raises(Refusal) as caught:
                bulk.undo(desk.core, actor, edit)
            assert caught.value.message == message
    with pytest.raises(Refusal):
        bulk.undo(desk.core, desk.manager, again)


@pytest.mark.parametrize(
    ("what", "value", "message"),
    [
        ("owner", 999, "unknown_choice"),
        ("team", 999, "unknown_choice"),
        ("priority", 9, "unknown_choice"),
        ("stage", "nowhere", "unknown_choice"),
        ("label", " ", "required"),
        ("wait", None, "required"),
        ("drop", "x" * 301, "too_long"),
        ("explode", None, "unknown_choice"),
    ],
)
def test_a_value_that_fits_nobody_is_refused_before_anything_is_done(
    desk: Desk, what: str, value: Any, message: str
) -> None:
    refs = some(desk, 1)
    before = events(desk)
    with pytest.raises(Refusal) as caught:
        bulk.change(desk.core, desk.manager, refs, what, value)
    assert caught.value.message == message and events(desk) == before


def test_nothing_chosen_too_much_and_what_is_unknown_are_refused(desk: Desk) -> None:
    for refs, message in (
        ([], "bulk_nothing_chosen"),
        ([f"SR-{n}" for n in range(bulk.MOST + 1)], "too_many"),
        (["SR-999"], "not_found"),
    ):
        with pytest.raises(Refusal) as caught:
            bulk.change(desk.core, desk.manager, refs, "priority", 1)
        assert caught.value.message == message


def test_who_may_not_do_it_to_one_may_not_do_it_to_many(desk: Desk) -> None:
    refs = some(desk, 1)
    for actor, what in ((desk.member, "drop"), (Actor("person", desk.people[0], "viewer"), "priority")):
        with pytest.raises(Refusal) as caught:
            bulk.change(desk.core, actor, refs, what, "no reason" if what == "drop" else 1)
        assert caught.value.message == "not_allowed"


def test_two_who_change_the_same_requests_wait_for_each_other(desk: Desk) -> None:
    refs = some(desk, 6)
    done = at_once(
        partial(bulk.change, desk.core, desk.manager, refs, "label", "one"),
        partial(bulk.change, desk.core, desk.manager, refs[::-1], "label", "two"),
    )
    assert all(isinstance(number, int) for number in done), done
    assert [sorted(row_of(desk, ref).labels) for ref in refs] == [["one", "two"]] * 6


def test_edits_are_forgotten_after_two_weeks(desk: Desk) -> None:
    old = bulk.change(desk.core, desk.manager, some(desk, 1), "label", "old")
    bulk.undo(desk.core, desk.manager, old)
    desk.clock.advance(days=15)  # type: ignore[attr-defined]
    new = bulk.change(desk.core, desk.manager, some(desk, 1), "label", "new")
    bulk.forget(desk.database)
    with desk.database.reading() as session:
        assert list(session.scalars(select(BulkEdit.id))) == [new]


_STEPS = st.lists(
    st.tuples(st.sampled_from([what for what in bulk.CHANGES if what != "stage"]), st.integers(0, 2)),
    max_size=6,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_undoing_all_in_turn_leads_back_to_the_beginning(desk: Desk, steps: list[tuple[str, int]]) -> None:
    refs = some(desk, 2)
    with desk.database.transaction() as session:
        task = session.get_one(Task, row_of(desk, refs[0]).tasks[0].id)
        assign_task(session, desk.database.now(), SYSTEM, task, session.get(Person, desk.people[2]))
    before = [values_of(desk, ref) for ref in refs]
    made = []
    for what, pick in steps:
        value = {
            "owner": desk.people[pick], "assignee": desk.people[pick], "team": desk.team_id if pick else None,
            "priority": pick + 1, "wanted_by": dt.date(2026, 5, 1 + pick), "label": f"L{pick}",
            "unlabel": f"L{pick}", "wait": f"why {pick}", "drop": f"why {pick}", "resume": None,
        }[what]  # fmt: skip
        made.append(bulk.change(desk.core, desk.manager, refs, what, value))
    for edit in reversed(made):
        assert "refused" not in states(desk, bulk.undo(desk.core, desk.manager, edit)).values()
    assert [values_of(desk, ref) for ref in refs] == before
