"""One request through all five stages: the ten steps of the road, over real HTTP, on every database."""

from __future__ import annotations

import pytest

from tests.road import ground, intake, judgement, work
from tests.road.conftest import Place


@pytest.fixture
def road(place: Place) -> ground.Road:
    """A furnished hub."""
    made = ground.Road(place)
    ground.furnish(made)
    return made


@pytest.mark.process("P86")
@pytest.mark.process("P110")
def test_a_request_walks_the_whole_road(road: ground.Road) -> None:
    intake.take_in_a_webhook(road)
    intake.confirm_by_mail(road)
    intake.understand(road)
    work.fall_ill_once(road)
    intake.write_the_goal(road)
    intake.explain_the_decision(road)
    work.tell_the_person(road)
    work.link_without_a_twin(road)
    work.edit_on_both_sides(road)
    work.comment_on_both_sides(road)
    work.disagree_and_decide(road)
    work.finish_there(road)
    judgement.score_the_goals(road)
    judgement.answer_the_survey(road, satisfaction=2)
    plan = judgement.improve(road, satisfaction=2)
    judgement.open_the_circle(road, plan)
    judgement.live_on(road)
    judgement.be_judged(road, plan)
    judgement.show_the_scores(road)
    judgement.verify_the_seals(road)
    assert road.core.jobs.dead_letters() == []


def test_a_form_leads_to_the_same_road_and_the_sweep_finds_what_no_hint_told(road: ground.Road) -> None:
    intake.take_in_a_form(road)
    intake.confirm_by_mail(road, "zhao.min@acme.example")
    # The visitor wrote the goal: nothing is open, nobody has to do anything.
    intake.explain_the_decision(road)
    road.settles()
    work.change_quietly(road)
    work.finish_quietly(road)
    judgement.score_the_goals(road)
    judgement.let_the_survey_expire(road)
    assert road.core.jobs.dead_letters() == []
