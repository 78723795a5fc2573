"""One request through all five stages: the ten steps of the road, over real HTTP, on every database."""

from __future__ import annotations

import pytest

from tests.road import steps
from tests.road.conftest import Place


@pytest.fixture
def road(place: Place) -> steps.Road:
    """A furnished hub."""
    made = steps.Road(place)
    steps.furnish(made)
    return made


def test_a_request_walks_the_whole_road(road: steps.Road) -> None:
    steps.take_in_a_webhook(road)
    steps.understand(road)
    steps.fall_ill_once(road)
    steps.write_the_goal(road)
    steps.explain_the_decision(road)
    steps.link_without_a_twin(road)
    steps.edit_on_both_sides(road)
    steps.comment_on_both_sides(road)
    steps.disagree_and_decide(road)
    steps.finish_there(road)
    steps.score_the_goals(road)
    steps.answer_the_survey(road, satisfaction=2)
    plan = steps.improve(road, satisfaction=2)
    steps.open_the_circle(road, plan)
    steps.live_on(road)
    steps.be_judged(road, plan)
    steps.verify_the_seals(road)
    assert road.core.jobs.dead_letters() == []


def test_a_form_leads_to_the_same_road_and_the_sweep_finds_what_no_hint_told(road: steps.Road) -> None:
    steps.take_in_a_form(road)
    # The visitor wrote the goal: nothing is open, nobody has to do anything.
    steps.explain_the_decision(road)
    road.settles()
    steps.change_quietly(road)
    steps.finish_quietly(road)
    steps.score_the_goals(road)
    steps.let_the_survey_expire(road)
    assert road.core.jobs.dead_letters() == []
