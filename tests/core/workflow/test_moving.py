"""Moving between stages: forward only when nothing on the way is open, back at any time."""

from __future__ import annotations

import pytest

from hub.core import workflow
from hub.core.history import HistoryEntry
from hub.core.values import SYSTEM, Actor, Refusal
from hub.core.work.models import Category
from hub.core.work.parts import add_goal, add_need, score_goal
from hub.core.work.requests import drop, edit_request, wait
from hub.core.work.tasks import assign_task, set_state
from hub.sdk import Text, hookimpl
from tests.core.conftest import Desk


def refusal(desk: Desk, request_id: int, to: str, actor: Actor = SYSTEM, **options: object) -> Refusal:
    """How this move is refused."""
    with pytest.raises(Refusal) as caught:
        workflow.move(desk.core, actor, request_id, to, **options)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.process("P2")
def test_refuses_to_leave_the_first_stage_and_names_each_open_point(desk: Desk) -> None:
    request_id = desk.open("Something", goal=False, known=False)
    keys = [point.key for point in workflow.all_open_points(desk.core, request_id)]
    assert keys == ["customer", "category", "priority", "need", "goal"]
    refused = refusal(desk, request_id, "assign", desk.member)
    assert refused.message == "stage_points_open"
    assert [point.key for point in refused.values["points"]] == keys
    assert desk.request(request_id).stage == "identify"


def test_names_a_point_that_only_a_plugin_knows(desk: Desk) -> None:
    yesterday = desk.database.now().date().replace(day=1)
    request_id = desk.open(wanted_by=yesterday)
    assert desk.look(request_id).stage == "identify"
    assert [point.key for point in workflow.all_open_points(desk.core, request_id)] == ["wanted-by"]


@pytest.mark.process("P29")
def test_a_task_without_an_owner_blocks_the_third_stage(desk: Desk) -> None:
    desk.fill_up()
    request_id = desk.open()
    assert desk.look(request_id).stage == "assign"
    refused = refusal(desk, request_id, "execute")
    assert [point.text.en for point in refused.values["points"]] == ["SR-1-1 has no owner"]
    desk.do(assign_task, desk.manager, desk.task(request_id), None)
    assert refusal(desk, request_id, "execute").message == "stage_points_open"


def test_a_request_without_tasks_is_not_executed(desk: Desk) -> None:
    request_id = desk.open(category=desk.get(Category, desk.category_id), priority=3)
    desk.do(add_need, desk.member, desk.request(request_id), "stated", "A stable line")
    workflow.move(desk.core, desk.member, request_id, "assign")
    assert [point.key for point in refusal(desk, request_id, "execute").values["points"]] == ["tasks"]


def test_does_not_skip_a_stage_with_open_points(desk: Desk) -> None:
    request_id = desk.bring("execute")
    refused = refusal(desk, request_id, "improve")
    assert (refused.message, refused.values["stage"]) == ("stage_points_open", "execute")


def test_what_was_opened_again_behind_a_request_holds_it_too(desk: Desk) -> None:
    request_id = desk.bring("evaluate")
    desk.do(edit_request, desk.member, desk.request(request_id), category_id=None)
    for goal in desk.request(request_id).goals:
        desk.do(score_goal, desk.member, goal, "met")
    refused = refusal(desk, request_id, "improve")
    assert refused.values["stage"] == "identify"
    assert [point.key for point in refused.values["points"]] == ["category"]


@pytest.mark.process("P18")
def test_no_way_on_while_a_goal_is_unscored(desk: Desk) -> None:
    request_id = desk.bring("evaluate")
    refused = refusal(desk, request_id, "improve")
    assert [point.text.en for point in refused.values["points"]] == ["goal not scored: It works again"]
    (goal,) = desk.request(request_id).goals
    assert desk.refused(score_goal, desk.member, goal, "not_met") == "required"
    desk.do(score_goal, desk.member, goal, "not_met", "The line is down")
    workflow.move(desk.core, desk.member, request_id, "improve")
    assert desk.request(request_id).stage == "improve"


def test_going_back_before_the_evaluation_takes_the_results_back(desk: Desk) -> None:
    request_id = desk.bring("improve")
    workflow.move(desk.core, desk.member, request_id, "evaluate")
    assert [goal.result for goal in desk.request(request_id).goals] == ["met"]
    workflow.move(desk.core, desk.member, request_id, "execute")
    (goal,) = desk.request(request_id).goals
    assert (goal.result, goal.scored_at, goal.scored_by) == (None, None, None)


def test_a_closed_request_that_moves_is_open_again_and_counted(desk: Desk) -> None:
    request_id = desk.bring("improve")
    assert desk.look(request_id).state == "closed"
    workflow.move(desk.core, desk.member, request_id, "execute")
    request = desk.request(request_id)
    assert (request.state, request.closed_at, request.reopened) == ("open", None, 1)


def test_a_request_that_waits_goes_on_when_somebody_moves_it(desk: Desk) -> None:
    request_id = desk.bring("execute")
    desk.do(wait, desk.member, desk.request(request_id), "The customer is away")
    workflow.move(desk.core, desk.member, request_id, "assign")
    request = desk.request(request_id)
    assert (request.state, request.waiting_reason) == ("open", None)


def test_a_dropped_request_does_not_move(desk: Desk) -> None:
    request_id = desk.bring("execute")
    desk.do(drop, desk.manager, desk.request(request_id), "Not ours")
    assert refusal(desk, request_id, "assign").message == "request_not_open"


def test_refuses_an_unknown_stage_an_unknown_request_and_an_old_version(desk: Desk) -> None:
    request_id = desk.bring("execute")
    assert refusal(desk, request_id, "shipped").message == "unknown_choice"
    assert refusal(desk, request_id + 1, "assign").message == "not_found"
    version = desk.request(request_id).version
    refused = refusal(desk, request_id, "assign", desk.member, version=version - 1)
    assert (refused.message, refused.values["current"]) == ("version_conflict", version)
    assert refusal(desk, request_id, "assign", desk.person("Vera", "viewer")).message == "not_allowed"


def test_moving_to_where_it_stands_changes_nothing(desk: Desk) -> None:
    request_id = desk.bring("execute")
    before = desk.request(request_id).version
    workflow.move(desk.core, desk.member, request_id, "execute")
    assert desk.request(request_id).version == before


@pytest.mark.process("P1")
def test_each_change_of_stage_says_who_when_from_where_to_where(desk: Desk) -> None:
    request_id = desk.bring("execute")
    desk.clock.advance(hours=3)
    workflow.move(desk.core, desk.member, request_id, "identify")
    moves = desk.all(HistoryEntry, HistoryEntry.verb == "request_moved")
    assert [(row.data["before"], row.data["after"]) for row in moves] == [
        ("identify", "assign"),
        ("assign", "execute"),
        ("execute", "identify"),
    ]
    last = moves[-1]
    assert (last.actor_kind, last.actor_id, last.at) == ("person", desk.people[0], desk.database.now())
    assert desk.request(request_id).stage_since == last.at


def test_plugins_are_told_of_a_move_after_it(desk: Desk) -> None:
    told = []

    class Onlooker:
        name, api, title = "onlooker", ">=1.0,<2", Text("看", "Onlooker")

        @hookimpl
        def workflow_moved(self, context):  # type: ignore[no-untyped-def]
            told.append((context.before, context.after, desk.request(context.request.id).stage))
            raise RuntimeError("cannot change the outcome")

    desk.core.registry.add(Onlooker())
    request_id = desk.bring("execute")
    assert told == [("identify", "assign", "assign"), ("assign", "execute", "execute")]
    assert desk.request(request_id).stage == "execute"


def test_goals_are_fixed_once_the_result_is_judged(desk: Desk) -> None:
    request_id = desk.bring("evaluate")
    assert desk.refused(add_goal, desk.member, desk.request(request_id), "Later") == "goals_are_fixed"
    early = desk.bring("execute")
    (goal,) = desk.request(early).goals
    assert desk.refused(score_goal, desk.member, goal, "met") == "goal_scored_too_early"


def test_a_task_that_is_opened_again_brings_the_request_back(desk: Desk) -> None:
    for stage in ("evaluate", "improve"):
        request_id = desk.bring(stage)
        desk.do(set_state, desk.member, desk.task(request_id), "doing")
        request = desk.look(request_id)
        assert request.stage == "execute", stage
        assert [goal.result for goal in request.goals] == [None]
