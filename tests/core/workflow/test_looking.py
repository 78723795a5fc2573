"""Looking at a request again does what its stage owes: once, however often and whoever looks."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select

from hub.core import workflow
from hub.core.assign.models import Decision
from hub.core.connections.models import Connection
from hub.core.evaluate.models import QualitySample
from hub.core.execute import sync
from hub.core.execute.models import Link
from hub.core.surveys.models import SurveyInvitation
from hub.core.values import LOOK, SYSTEM
from hub.core.work.models import Category, Need, ServiceRequest, Task
from hub.core.work.parts import score_goal
from hub.core.work.requests import drop, edit_request, wait
from hub.core.work.tasks import edit_task, set_state
from hub.core.workflow import chores
from hub.sdk import Classification, Text, hookimpl
from tests.core.conftest import Desk, at_once


def test_two_looks_at_once_understand_split_and_assign_once(desk: Desk) -> None:
    request_id = desk.open(body="- a new cable\n- a new switch\n- a new plug")
    for _ in range(4):
        assert at_once(*[partial(workflow.look, desk.core, request_id)] * 2) == [None, None]
    verbs = desk.verbs(request_id)
    assert desk.request(request_id).stage == "execute"
    assert [verbs.count(v) for v in ("request_understood", "task_created", "task_assigned")] == [1, 3, 3]
    assert desk.count(Need) == 3
    assert [len(task.needs) for task in _with_needs(desk)] == [1, 1, 1]


def _with_needs(desk: Desk) -> list[Task]:
    with desk.database.reading() as session:
        tasks = list(session.scalars(select(Task)))
        for task in tasks:
            list(task.needs)
        return tasks


def test_two_looks_at_once_link_a_task_once(desk: Desk) -> None:
    with desk.database.transaction() as session:
        tracker = Connection(name="Tracker", family="tracker", kind="sandbox", slug="tracker")
        session.add(tracker)
        session.flush()
        session.get_one(Category, desk.category_id).tracker_id = tracker.id
    request_id = desk.open()
    for _ in range(2):
        workflow.look(desk.core, request_id)
    assert desk.request(request_id).stage == "execute"
    at_once(*[partial(workflow.look, desk.core, request_id)] * 3)
    assert desk.count(Link) == 1


def test_what_a_person_has_set_is_not_asked_for(desk: Desk) -> None:
    other = Category(key="other", title={"zh": "其他", "en": "Other"})
    with desk.database.transaction() as session:
        session.add(other)
    request_id = desk.open(category=other, priority=4)
    desk.look(request_id)
    request = desk.request(request_id)
    assert (request.category_id, request.priority) == (other.id, 4)


def test_somebody_who_moves_the_request_while_plugins_think_wins(desk: Desk) -> None:
    class Slow:
        name, api, title = "slow", ">=1.0,<2", Text("慢", "Slow")

        @hookimpl
        def identify_classify(self, context):  # type: ignore[no-untyped-def]
            workflow.look(replace(desk.core, registry=quick), context.request.id)
            workflow.look(replace(desk.core, registry=quick), context.request.id)
            return Classification("network", Text("慢", "slow"))

    quick = desk.core.registry
    slow = type(quick)(desk.database)
    slow.add(Slow())
    request_id = desk.open()
    workflow.look(replace(desk.core, registry=slow), request_id)
    request = desk.request(request_id)
    assert request.stage == "execute"
    assert request.understood["category"]["en"] == "Keywords found: vpn"
    assert desk.verbs(request_id).count("request_moved") == 2


def test_a_request_on_hold_stays_where_it_is(desk: Desk) -> None:
    request_id = desk.open()
    desk.do(wait, desk.member, desk.request(request_id), "The customer is away")
    assert desk.look(request_id).stage == "identify"
    running = desk.bring("execute")
    desk.do(wait, desk.member, desk.request(running), "Parts are ordered")
    desk.do(set_state, desk.member, desk.task(running), "done")
    assert desk.look(running).stage == "execute"


def test_nothing_happens_to_a_dropped_or_unknown_request(desk: Desk) -> None:
    request_id = desk.open()
    desk.do(drop, desk.manager, desk.request(request_id), "Not ours")
    before = desk.verbs(request_id)
    workflow.look(desk.core, request_id)
    workflow.look(desk.core, request_id + 1)
    assert desk.verbs(request_id) == before


def test_a_hub_that_may_not_go_on_by_itself_only_prepares(desk: Desk) -> None:
    desk.core = replace(desk.core, settings=replace(desk.core.settings, auto_advance=False))
    request_id = desk.open()
    request = desk.look(request_id)
    assert (request.stage, request.category_id, len(request.needs)) == ("identify", desk.category_id, 1)
    workflow.move(desk.core, desk.member, request_id, "assign")
    assert desk.look(request_id).stage == "assign"
    assert desk.task(request_id).assignee_id in desk.people


def test_the_wanted_date_becomes_the_date_of_the_task(desk: Desk) -> None:
    day = desk.database.now().date().replace(day=20)
    request_id = desk.open(wanted_by=day)
    desk.look(request_id)
    assert desk.task(request_id).due == day


def test_a_change_after_the_work_is_done_still_reaches_the_trackers(desk: Desk, monkeypatch) -> None:
    shared: list[int] = []
    monkeypatch.setattr(sync, "promise_rounds", lambda session, ids: shared.extend(ids))
    request_id = desk.bring("evaluate")
    shared.clear()
    desk.do(edit_task, desk.member, desk.task(request_id), labels=["late"])
    workflow.look(desk.core, request_id)
    assert shared == [desk.task(request_id).id]


# ---- evaluate ----


def test_the_customer_is_asked_once_and_the_request_waits_for_the_answer(desk: Desk) -> None:
    request_id = desk.bring("evaluate")
    for goal in desk.request(request_id).goals:
        desk.do(score_goal, desk.member, goal, "met")
    for _ in range(3):
        assert desk.look(request_id).stage == "evaluate"
    (invitation,) = desk.all(SurveyInvitation)
    assert (invitation.contact_id, invitation.instrument) == (desk.contact_id, "csat")
    assert desk.verbs(request_id).count("survey_invited") == 1
    assert chores.look_at_waiting(desk.core) == 0
    desk.clock.advance(days=15)
    assert chores.look_at_waiting(desk.core) == 1
    assert desk.look(request_id).state == "closed"


def test_nobody_is_asked_where_there_is_nobody_to_ask(desk: Desk) -> None:
    request_id = desk.open(known=False)
    desk.do(edit_request, desk.member, desk.request(request_id), customer_id=desk.customer_id)
    desk.look(request_id)
    desk.do(set_state, desk.member, desk.task(request_id), "done")
    desk.look(request_id)
    for goal in desk.request(request_id).goals:
        desk.do(score_goal, desk.member, goal, "met")
    assert desk.look(request_id).state == "closed"
    assert desk.count(SurveyInvitation) == 0


def test_a_hub_without_a_survey_goes_on_with_the_goals_alone(desk: Desk) -> None:
    desk.core = replace(desk.core, settings=replace(desk.core.settings, survey=""))
    request_id = desk.bring("evaluate")
    for goal in desk.request(request_id).goals:
        desk.do(score_goal, desk.member, goal, "partly")
    assert desk.look(request_id).state == "closed"


def test_the_lot_is_drawn_once(desk: Desk) -> None:
    desk.core = replace(desk.core, settings=replace(desk.core.settings, quality_percent=100))
    request_id = desk.bring("evaluate")
    at_once(*[partial(workflow.look, desk.core, request_id)] * 3)
    assert desk.count(QualitySample) == 1
    assert desk.verbs(request_id).count("quality_sampled") == 1


# ---- who waits for a person ----


def test_a_task_nobody_can_take_waits_and_is_told_once(desk: Desk) -> None:
    desk.fill_up()
    request_id = desk.open()
    for waiting in (0, 1, 1, 1, 1):
        desk.clock.advance(minutes=10)
        assert chores.look_at_waiting(desk.core) == waiting
        assert desk.look(request_id).stage == "assign"
    (decision,) = desk.all(Decision)
    assert decision.chosen_id is None
    assert decision.reason["en"].startswith("nobody can take it")
    assert {person for person, _ in decision.vetoes} >= set(desk.people)


def test_when_somebody_is_free_again_the_oldest_request_is_served_first(desk: Desk) -> None:
    desk.fill_up()
    ids = [desk.open(title=f"VPN {n}") for n in range(12)]
    for request_id in reversed(ids):
        desk.look(request_id)
    desk.spare(2.0)
    assert chores.look_at_waiting(desk.core) == 12
    for request_id in _promised(desk):
        desk.look(request_id)
    served = [request_id for request_id in ids if desk.request(request_id).stage == "execute"]
    assert served == ids[:3]


def _promised(desk: Desk) -> list[int]:
    """The requests in the order in which one worker would look at them."""
    order: list[int] = []
    stop = threading.Event()

    @desk.core.jobs.handler(LOOK)
    def look(job):  # type: ignore[no-untyped-def]
        order.append(job.args[0])
        if len(order) == 12:
            stop.set()

    desk.core.jobs.run_workers(1, stop)
    return order


def test_no_two_decisions_at_once_fill_the_same_hours(desk: Desk) -> None:
    desk.spare(2.0)
    ids = [desk.open(title=f"VPN {n}") for n in range(6)]
    for request_id in ids:
        workflow.look(desk.core, request_id)  # understood, and now in stage 2
    at_once(*[partial(workflow.look, desk.core, request_id) for request_id in ids])
    taken = [task.assignee_id for task in desk.all(Task) if task.assignee_id]
    assert sorted(taken) == sorted(desk.people)


@pytest.mark.parametrize("state", ["done", "dropped"])
def test_finished_tasks_let_the_request_go_on(desk: Desk, state: str) -> None:
    request_id = desk.bring("execute")
    desk.do(set_state, SYSTEM, desk.task(request_id), state)
    assert desk.look(request_id).stage == "evaluate"
    assert desk.get(ServiceRequest, request_id).state == "open"
