"""Whatever people, plugins and trackers do, in whatever order: the stages keep their promises."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core import workflow
from hub.core.directory.models import Person
from hub.core.history import HistoryEntry
from hub.core.improve import findings
from hub.core.improve.models import Finding
from hub.core.values import GOAL_RESULTS, STAGES, SYSTEM, TASK_STATES, Refusal, TaskDraft
from hub.core.work.models import ServiceRequest
from hub.core.work.parts import add_goal, add_need, score_goal
from hub.core.work.requests import drop, edit_request, resume, wait
from hub.core.work.tasks import assign_task, create_task, open_tasks, set_state
from hub.core.workflow.moving import open_points
from tests.core.conftest import Desk

Verb = Callable[[Desk, int], object]
EXAMPLES = 400 if os.environ.get("HUB_PROOF") else 15


def _move(stage: str) -> Verb:
    return lambda desk, id: workflow.move(desk.core, desk.manager, id, stage)


def _each_task(verb: Callable[[Desk, object], object]) -> Verb:
    return lambda desk, id: [verb(desk, task) for task in desk.request(id).tasks]


def _each_goal(result: str) -> Verb:
    return lambda desk, id: [
        desk.do(score_goal, desk.manager, goal, result, "so it is") for goal in desk.request(id).goals
    ]


def _on_request(verb: Callable[..., object], *args: object, **options: object) -> Verb:
    return lambda desk, id: desk.do(verb, desk.manager, desk.request(id), *args, **options)


def _owner(at: int | None) -> Verb:
    def give(desk: Desk, task: object) -> object:
        person = None if at is None else desk.get(Person, desk.people[at])
        return desk.do(assign_task, desk.manager, task, person)

    return _each_task(give)


def _dismiss(desk: Desk, id: int) -> None:
    for finding in desk.all(Finding, Finding.own_request_id == id):
        desk.do(findings.dismiss, desk.manager, finding, "known")


VERBS: dict[str, Verb] = {
    "look": lambda desk, id: workflow.look(desk.core, id),
    "look again": lambda desk, id: desk.look(id),
    **{f"move to {stage}": _move(stage) for stage in STAGES},
    **{
        f"tasks {state}": _each_task(lambda desk, task, state=state: desk.do(set_state, SYSTEM, task, state))
        for state in TASK_STATES
    },
    **{f"goals {result}": _each_goal(result) for result in GOAL_RESULTS},
    "nobody's": _owner(None),
    "Jonas's": _owner(1),
    "one more task": _on_request(create_task, TaskDraft("one more")),
    "one more goal": _on_request(add_goal, "one more"),
    "one more need": _on_request(add_need, "expected", "one more"),
    "no category": _on_request(edit_request, category_id=None),
    "a category": lambda desk, id: desk.do(
        edit_request, desk.manager, desk.request(id), category_id=desk.category_id
    ),
    "no priority": _on_request(edit_request, priority=None),
    "a priority": _on_request(edit_request, priority=2),
    "nobody asks": _on_request(edit_request, contact_id=None, customer_id=None),
    "hold": _on_request(wait, "a reason"),
    "go on": _on_request(resume),
    "drop": _on_request(drop, "a reason"),
    "dismiss": _dismiss,
    "two weeks": lambda desk, id: desk.clock.advance(days=15),
    "full": lambda desk, id: desk.fill_up(),
    "free": lambda desk, id: desk.spare(10_000.0),
}


# What carries a request on is drawn more often, so that many walks come to the last stage.
DRAWN = [*sorted(VERBS), *["look again"] * 10, *["tasks done"] * 5, *["goals met"] * 5, *["two weeks"] * 3]


def _points_before(desk: Desk, request_id: int, stage: str) -> list[str]:
    with desk.database.reading() as session:
        request = session.get_one(ServiceRequest, request_id)
        stages = STAGES[: STAGES.index(stage)]
        return [point.key for one in stages for point in open_points(session, request, one)]


@pytest.mark.process("P1")
@pytest.mark.process("P6")
@pytest.mark.process("P18")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=st.sampled_from(["new", "execute", "evaluate", "improve"]),
    names=st.lists(st.sampled_from(DRAWN), min_size=5, max_size=30),
)
def test_no_sequence_of_verbs_brings_a_request_past_an_open_point(
    desk: Desk, start: str, names: list[str]
) -> None:
    desk.spare(10_000.0)
    request_id = desk.open(goal=False) if start == "new" else desk.bring(start)
    for name in names:
        before = desk.request(request_id)
        with suppress(Refusal):
            VERBS[name](desk, request_id)
        after = desk.request(request_id)
        if STAGES.index(after.stage) > STAGES.index(before.stage):
            assert _points_before(desk, request_id, after.stage) == [], name
        if after.state == "closed":
            assert all(one.result for one in after.goals), name
            assert open_tasks(after.tasks) == [], name
            assert after.stage == "improve", name
        if before.state == "dropped":
            assert (after.state, after.stage) == ("dropped", before.stage), name
    moves = desk.all(
        HistoryEntry, HistoryEntry.request_id == request_id, HistoryEntry.verb == "request_moved"
    )
    way = ["identify", *(row.data["after"] for row in moves)]
    assert [row.data["before"] for row in moves] == way[:-1]
    assert way[-1] == desk.request(request_id).stage
