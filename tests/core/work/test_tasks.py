"""Tasks: their guards, their owners, their hours."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from hub.core.directory.models import Person
from hub.core.directory.people import set_active
from hub.core.history import HistoryEntry
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.parts import log_time
from hub.core.work.requests import drop
from hub.core.work.tasks import assign_task, create_task, edit_task, set_state
from tests.core.conftest import Desk, at_once


def test_tasks_are_numbered_within_their_request(desk: Desk) -> None:
    request_id = desk.bring("execute")
    for title in ("second", "third"):
        desk.do(create_task, desk.member, desk.request(request_id), TaskDraft(title))
    assert [task.ref for task in desk.request(request_id).tasks] == ["SR-1-1", "SR-1-2", "SR-1-3"]


@pytest.mark.parametrize("stage", ["identify", "evaluate", "improve"])
def test_no_tasks_are_made_before_or_after_the_work(desk: Desk, stage: str) -> None:
    request = desk.request(desk.open() if stage == "identify" else desk.bring(stage))
    assert desk.refused(create_task, desk.member, request, TaskDraft("late")) == "no_tasks_in_stage"


def test_a_task_serves_needs_of_its_own_request_only(desk: Desk) -> None:
    one, other = desk.bring("execute"), desk.bring("execute")
    foreign = desk.request(other).needs[0].id
    draft = TaskDraft("x", need_ids=(foreign,))
    assert desk.refused(create_task, desk.member, desk.request(one), draft) == "unknown_choice"


def test_without_an_owner_nothing_is_done(desk: Desk) -> None:
    request_id = desk.bring("execute")
    desk.do(set_state, desk.member, desk.task(request_id), "doing")
    desk.do(assign_task, desk.member, desk.task(request_id), None)
    assert desk.task(request_id).state == "open"
    for state in ("doing", "done"):
        assert desk.refused(set_state, desk.member, desk.task(request_id), state) == "task_without_owner"


def test_waiting_needs_a_reason_from_a_person_but_not_from_a_tracker(desk: Desk) -> None:
    request_id = desk.bring("execute")
    assert desk.refused(set_state, desk.member, desk.task(request_id), "waiting") == "required"
    assert desk.do(set_state, desk.member, desk.task(request_id), "waiting", reason="Parts are ordered")
    assert desk.task(request_id).waiting_reason == "Parts are ordered"
    assert not desk.do(set_state, desk.member, desk.task(request_id), "waiting", reason="Parts are ordered")
    desk.do(set_state, desk.member, desk.task(request_id), "doing")
    assert desk.task(request_id).waiting_reason is None
    assert desk.do(set_state, SYSTEM, desk.task(request_id), "waiting")


def test_refuses_an_unknown_state_and_a_request_that_has_ended(desk: Desk) -> None:
    request_id = desk.bring("execute")
    assert desk.refused(set_state, desk.member, desk.task(request_id), "shipped") == "unknown_choice"
    desk.do(drop, desk.manager, desk.request(request_id), "Not ours")
    assert desk.refused(set_state, desk.member, desk.task(request_id), "done") == "request_not_open"


def test_the_time_of_being_done_goes_when_the_task_is_opened_again(desk: Desk) -> None:
    request_id = desk.bring("execute")
    desk.do(set_state, desk.member, desk.task(request_id), "done")
    assert desk.task(request_id).done_at == desk.database.now()
    desk.do(set_state, desk.member, desk.task(request_id), "open")
    assert desk.task(request_id).done_at is None


def test_a_hand_over_names_both_owners_and_keeps_the_note_aside(desk: Desk) -> None:
    request_id = desk.bring("execute")
    before = desk.task(request_id).assignee_id
    after = next(id for id in desk.people if id != before)
    person = desk.get(Person, after)
    assert desk.do(assign_task, desk.member, desk.task(request_id), person, note="I am ill")
    assert not desk.do(assign_task, desk.member, desk.task(request_id), person)
    entry = desk.all(HistoryEntry, HistoryEntry.verb == "task_assigned")[-1]
    assert (entry.data["before"], entry.data["after"]) == (before, after)
    assert "ill" not in str(entry.data)
    desk.do(set_active, desk.manager, desk.get(Person, before or 0), False)
    gone = desk.get(Person, before or 0)
    assert desk.refused(assign_task, desk.member, desk.task(request_id), gone) == "person_inactive"


def test_two_edits_at_once_make_one_loser(desk: Desk) -> None:
    request_id = desk.bring("execute")
    task = desk.task(request_id)
    edits = [
        partial(desk.do, edit_task, desk.member, task, version=task.version, title=f"Edit {n}")
        for n in range(2)
    ]
    lost = [result for result in at_once(*edits) if isinstance(result, Exception)]
    assert [error.message for error in lost] == ["version_conflict"]  # type: ignore[attr-defined]


def test_an_edit_of_a_task_does_not_disturb_who_edits_the_request(desk: Desk) -> None:
    request_id = desk.bring("execute")
    before = desk.request(request_id).version
    desk.do(edit_task, desk.member, desk.task(request_id), title="Look at the router")
    assert desk.request(request_id).version == before


@pytest.mark.parametrize("hours", [0, -1, 10_001])
def test_refuses_hours_that_are_no_amount_of_work(desk: Desk, hours: float) -> None:
    task = desk.task(desk.bring("execute"))
    assert desk.refused(edit_task, desk.member, task, hours=hours) == "out_of_range"


def test_time_is_logged_by_people_in_minutes_of_a_day(desk: Desk) -> None:
    task = desk.task(desk.bring("execute"))
    day = dt.date(2026, 3, 4)
    for minutes in (0, 1441):
        assert desk.refused(log_time, desk.member, task, minutes, day) == "out_of_range"
    assert desk.refused(log_time, SYSTEM, task, 30, day) == "not_allowed"
    entry = desk.do(log_time, desk.member, task, 30, day, "on site")
    assert (entry.person_id, entry.minutes, entry.note) == (desk.people[0], 30, "on site")
