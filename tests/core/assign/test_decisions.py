"""Decisions are kept with what explains them, in at most 4 KB."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hub.core import workflow
from hub.core.assign import decisions
from hub.core.assign.models import Decision
from hub.core.assign.people import candidates, recent_picks
from hub.core.directory.models import Person
from hub.core.directory.people import add_absence, set_active
from hub.core.registry import Registry
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest
from hub.core.work.tasks import assign_task, edit_task, set_state
from hub.sdk import PersonValue, Pick, Score, Text, Veto, hookimpl
from tests.core.conftest import Desk


def size(decision: Decision) -> int:
    columns = (decision.reason, decision.candidates, decision.vetoes, decision.inputs, decision.rule_version)
    return len(json.dumps(columns, ensure_ascii=False).encode())


def test_a_decision_tells_who_scored_how_and_on_what_it_rests(desk: Desk) -> None:
    with desk.database.transaction() as session:
        now = desk.database.now()
        ill = session.get_one(Person, desk.people[2])
        add_absence(session, now, desk.manager, ill, now, now.replace(day=20))
    request_id = desk.bring("execute")
    (decision,) = desk.all(Decision)
    assert (decision.by, decision.chosen_id) == ("rules", desk.task(request_id).assignee_id)
    assert [row["person"] for row in decision.candidates] == desk.people[:2]
    assert decision.candidates[0]["parts"][0] == [30.0, {"zh": "network 3 级", "en": "network level 3"}]
    ruled_out = dict(decision.vetoes)
    assert ruled_out[desk.people[2]]["en"] == "absent until 2026-03-20"
    assert ruled_out[desk.manager.id]["en"] in ("lacks the skill network", "is not in the responsible team")
    assert decision.inputs["people"] == 4
    assert decision.inputs["ruled_out"] == 2
    assert decision.rule_version.startswith("rules ")


def test_work_goes_round_among_equals_and_to_the_least_loaded(desk: Desk) -> None:
    for _ in range(6):
        desk.bring("execute")
    taken = [desk.task(request.id).assignee_id for request in desk.all(ServiceRequest)]
    assert sorted(taken[:3]) == sorted(taken[3:]) == desk.people


class Windbag:
    """Rules with more to say than anybody wants to keep."""

    name, api, title = "windbag", ">=1.0,<2", Text("话多", "Windbag")

    def __init__(self, of_each: int) -> None:
        self.of_each = of_each

    @hookimpl
    def assign_veto(self, context):  # type: ignore[no-untyped-def]
        return [Veto(p.id, Text("没有" * 900, "no " * 900)) for p in context.people if p.id % 2]

    @hookimpl
    def assign_score(self, context):  # type: ignore[no-untyped-def]
        return [
            Score(p.id, 1e9 / 3 + n, Text("分" * 900, "ü" * 900))
            for p in context.people
            for n in range(self.of_each)
        ]

    @hookimpl
    def assign_pick(self, context):  # type: ignore[no-untyped-def]
        return Pick(context.ranked[0][0], Text("因为" * 900, "𝔟ecause " * 900)) if context.ranked else None


def test_the_longest_decision_stays_under_four_kilobytes(desk: Desk) -> None:
    for number in range(40):
        desk.person(f"Person{number}")
    registry = type(desk.core.registry)(desk.database)
    registry.add(Windbag(of_each=6), "9" * 60)
    desk.core = replace(desk.core, registry=_with_box(registry))
    request_id = desk.bring("execute")
    (decision,) = desk.all(Decision)
    assert size(decision) <= decisions.MOST_BYTES
    assert decision.chosen_id == desk.task(request_id).assignee_id
    assert decision.candidates[0]["person"] == decision.chosen_id
    assert decision.vetoes
    assert decision.inputs["people"] == 44
    assert decision.inputs["ruled_out"] >= 20


def _with_box(registry: Registry) -> Registry:
    """The plugins of the box, asked after the one that is there."""
    registry.load(["rules", "satisfaction"])
    return registry


def test_a_pick_of_somebody_who_was_ruled_out_is_not_obeyed(desk: Desk) -> None:
    class Stubborn:
        name, api, title = "stubborn", ">=1.0,<2", Text("固执", "Stubborn")

        @hookimpl
        def assign_pick(self, context):  # type: ignore[no-untyped-def]
            return Pick(desk.manager.id, Text("我要", "because I say so"))

    registry = type(desk.core.registry)(desk.database)
    registry.add(Stubborn())
    desk.core = replace(desk.core, registry=_with_box(registry))
    request_id = desk.bring("execute")
    assert desk.task(request_id).assignee_id in desk.people
    (decision,) = desk.all(Decision)
    assert decision.reason["en"] == "highest score"


def test_a_choice_by_hand_is_kept_and_counts_as_a_turn(desk: Desk) -> None:
    request_id = desk.bring("execute")
    other = next(id for id in desk.people if id != desk.task(request_id).assignee_id)
    person = desk.get(Person, other)
    desk.do(assign_task, desk.manager, desk.task(request_id), person)
    desk.do(decisions.keep_by_hand, desk.manager, desk.task(request_id), "he knows the house")
    with desk.database.reading() as session:
        last = decisions.latest(session, desk.task(request_id).id)
        assert last is not None
        assert (last.by, last.chosen_id, last.inputs["note"]) == ("person", other, "he knows the house")
        assert recent_picks(session)[0].person_id == other


def test_viewers_and_those_who_left_are_no_candidates(desk: Desk) -> None:
    desk.person("Vera", "viewer")
    desk.do(set_active, desk.manager, desk.get(Person, desk.people[0]), False)
    with desk.database.reading() as session:
        found: tuple[PersonValue, ...] = candidates(session, desk.database.now())
    assert [person.id for person in found] == [*desk.people[1:], desk.manager.id]


def test_a_task_that_has_an_owner_is_not_decided_again(desk: Desk) -> None:
    request_id = desk.bring("execute")
    workflow.decide(desk.core, desk.task(request_id).id)
    assert desk.count(Decision) == 1


@pytest.mark.parametrize(("past", "hours"), [([], 2.0), ([1.0, 1.0], 2.0), ([1.0, 5.0, 9.0], 5.0)])
def test_hours_are_estimated_from_what_such_tasks_took(desk: Desk, past: list[float], hours: float) -> None:
    for one in past:
        done = desk.bring("execute")
        desk.do(edit_task, SYSTEM, desk.task(done), hours=one)
        desk.do(set_state, SYSTEM, desk.task(done), "done")
    assert desk.task(desk.bring("execute")).hours == hours
