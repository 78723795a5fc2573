"""One's own mapping in the words of the imitation."""

from __future__ import annotations

import pytest

from hub.core.execute.settings import SyncSettings
from hub.lab.imitation import tracker_kinds
from hub.lab.jira.imitation import JiraImitation
from hub.lab.pair import HandClock
from hub.lab.runs import Bench
from hub.lab.schedule import IN_STORE, ON_CALLS, ON_HOOKS, Schedule, Step
from hub.lab.story import BROKEN, FAULTS, HOOKS, tell
from hub.lab.trying import own, standing_in

OWN = {
    "open": ["待办", "待评审"],
    "doing": ["开发中"],
    "waiting": ["挂起"],
    "done": ["已发布"],
    "dropped": ["不做"],
}


@pytest.fixture
def jira() -> tuple[JiraImitation, SyncSettings]:
    imitation = JiraImitation(HandClock())
    settings = tracker_kinds()["jira"].settings.model_validate(dict(imitation.settings))
    assert isinstance(settings, SyncSettings)
    return imitation, settings


def mapping_of(table: dict[str, list[str]], **others: object) -> dict[str, object]:
    return {
        "status_map": table, "read_as": {}, "directions": {}, "policies": {}, "priority_map": {},
        "default_person": None, **others,
    }  # fmt: skip


def test_states_that_the_imitation_knows_stand_for_themselves(
    jira: tuple[JiraImitation, SyncSettings],
) -> None:
    imitation, settings = jira
    found = standing_in(mapping_of(settings.status_map), imitation.states, settings)
    assert found == {name: name for names in settings.status_map.values() for name in names}


def test_others_are_played_by_those_that_are_read_alike_and_the_mapping_can_be_played(
    jira: tuple[JiraImitation, SyncSettings],
) -> None:
    imitation, settings = jira
    mapping = mapping_of(OWN, policies={"title": "here"}, default_person=77)
    found = standing_in(mapping, imitation.states, settings)
    assert (found["待办"], found["开发中"], found["已发布"]) == ("To Do", "In Progress", "Done")
    # Two that are read alike share one where there is only one.
    assert found["待评审"] == "To Do"
    laid = own(mapping, found, settings)
    assert laid["status_map"]["open"] == ["To Do"]
    assert (laid["priority_map"], laid["default_person"]) == ({}, 1)
    bench = Bench(("jira",), tracker_kinds(), lambda _kind: JiraImitation, lambda *_: laid)
    counts = bench.play(bench.schedule(3))
    bench.close()
    assert counts.stories == []


def test_a_state_that_means_two_of_ours_keeps_its_reading(jira: tuple[JiraImitation, SyncSettings]) -> None:
    imitation, settings = jira
    table = {**OWN, "open": ["一"], "doing": ["二"], "waiting": ["二"]}
    mapping = mapping_of(table, read_as={"二": "waiting"})
    found = standing_in(mapping, imitation.states, settings)
    assert found["二"] == "Blocked"
    assert own(mapping, found, settings)["read_as"] == {"Blocked": "waiting"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_that_can_happen_has_words_in_both_languages(language: str) -> None:
    known = [*ON_CALLS, *IN_STORE]
    steps = [Step("fault", what, 0, 7, after) for what in known for after in (0, 1, 2)]
    steps += [Step("hooks", what) for what in ON_HOOKS]
    steps += [
        Step(kind, what, 0, 3) for kind in ("here", "there") for what in ("title", "say", "note", "move")
    ]
    steps += [Step("work"), Step("sweep")]
    for existing in (True, False):
        told = tell(Schedule(1, (existing,), tuple(steps)), ["Jira"])
        assert len(told) == len(steps) + 1
        for text in told:
            said = text.within(language)
            assert "{" not in said
            assert said.endswith("." if language == "en" else "。")
    assert set(known) <= set(FAULTS)
    assert set(ON_HOOKS) == set(HOOKS)
    assert all(text.zh and text.en for text in BROKEN.values())
