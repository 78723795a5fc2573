"""Plain rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from hub.plugins import rules
from hub.sdk import (
    AssignContext,
    CategoryValue,
    ClassifyContext,
    EstimateContext,
    NeedDraft,
    NeedsContext,
    NeedValue,
    OpenPointsContext,
    PanelsContext,
    PastPick,
    PersonValue,
    PickContext,
    PrioritiseContext,
    RequestValue,
    SplitContext,
    TaskDraft,
    TaskValue,
    Text,
)
from hub.testing import RuleSuite

NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
NETWORK = CategoryValue(1, "network", Text(zh="网络", en="Network"), "network", 1, ("vpn", "断网"), 2.0)
BILLING = CategoryValue(2, "billing", Text(zh="账单", en="Billing"), "billing", 2, ("invoice", "发票"))
REQUEST = RequestValue(1, "SR-1", "Something", "", "identify", "open", None, None, "form", NOW, None, None)
TASK = TaskValue(1, "SR-1-1", "Look", "", "open", "network", 1, 4.0)
PERSON = PersonValue(1, "Li Na", (1,), {"network": 3}, 10.0, 40.0)
plugin = rules.plugin


class TestRules(RuleSuite):
    @pytest.fixture
    def plugin(self) -> Any:
        return rules.plugin


def asked(*people: PersonValue, task: TaskValue = TASK, recent: tuple[PastPick, ...] = ()) -> AssignContext:
    return AssignContext(REQUEST, task, NETWORK, people, recent, NOW)


def classify(title: str, body: str = "") -> Any:
    request = replace(REQUEST, title=title, body=body)
    return plugin.identify_classify(ClassifyContext(request, (NETWORK, BILLING)))


@pytest.mark.parametrize(
    ("title", "body", "category"),
    [
        ("VPN连不上", "", "network"),
        ("公司断网了", "", "network"),
        ("Wrong invoice", "", "billing"),
        ("发票抬头错误", "", "billing"),
        ("Invoice", "the vpn was slow when I opened it", "billing"),
        ("Help", "网络太慢", "network"),
    ],
)
def test_keywords_in_both_languages_give_the_category(title: str, body: str, category: str) -> None:
    assert classify(title, body).category == category


@pytest.mark.parametrize("title", ["Something else", "vpnish", "invoices2"])
def test_without_a_keyword_there_is_no_category(title: str) -> None:
    assert classify(title) is None


def test_the_reason_names_the_words_found() -> None:
    assert classify("VPN 断网").reason == Text(zh="出现关键词：vpn、断网", en="Keywords found: vpn, 断网")


def prioritise(title: str, wanted_by: dt.date | None = None) -> int:
    request = replace(REQUEST, title=title, wanted_by=wanted_by)
    return int(plugin.identify_prioritise(PrioritiseContext(request, NETWORK, NOW.date())).level)


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Urgent: outage", 1),
        ("紧急：生产环境宕机", 1),
        ("Urgent", 2),
        ("Outage", 2),
        ("VPN", 3),
        ("Urgent typo", 3),
        ("A question", 4),
        ("首页有错别字，不急", 4),
    ],
)
def test_impact_and_urgency_words_give_the_level(title: str, level: int) -> None:
    assert prioritise(title) == level


@pytest.mark.parametrize(("days", "level"), [(-3, 2), (1, 2), (2, 3), (5, 3), (6, 4)])
def test_the_nearer_the_wanted_date_the_more_urgent(days: int, level: int) -> None:
    assert prioritise("VPN", NOW.date() + dt.timedelta(days=days)) == level


def test_a_wanted_date_before_the_request_is_an_open_point() -> None:
    early = replace(REQUEST, wanted_by=NOW.date() - dt.timedelta(days=1))
    (point,) = plugin.identify_open_points(OpenPointsContext(early))
    assert point.key == "wanted-by"
    assert plugin.identify_open_points(OpenPointsContext(replace(REQUEST, wanted_by=NOW.date()))) is None


def needs(body: str, **changes: Any) -> Any:
    return plugin.identify_needs(NeedsContext(replace(REQUEST, title="Laptop", body=body, **changes)))


def test_the_request_itself_is_the_stated_need() -> None:
    assert needs("For a new colleague.") == (NeedDraft("stated", "Laptop", "For a new colleague."),)
    assert needs("") == (NeedDraft("stated", "Laptop", "Laptop"),)


@pytest.mark.parametrize(
    "body", ["Please:\n- a laptop\n- a desk", "1. a laptop\n2) a desk", "1、a laptop\n2．a desk"]
)
def test_each_item_of_a_list_is_a_stated_need(body: str) -> None:
    assert [need.text for need in needs(body)] == ["a laptop", "a desk"]


def test_stated_needs_that_are_known_are_not_suggested_again() -> None:
    assert needs("- a\n- b", needs=(NeedValue(1, "stated", "a"),)) is None


def test_a_request_with_one_need_is_one_task() -> None:
    request = replace(REQUEST, title="VPN", body="Fix it", needs=(NeedValue(7, "stated", "VPN"),))
    assert plugin.assign_split(SplitContext(request, NETWORK)) == (
        TaskDraft("VPN", "Fix it", "network", 1, need_ids=(7,)),
    )


def test_several_stated_needs_are_several_tasks() -> None:
    wanted = (
        NeedValue(1, "stated", "laptop"),
        NeedValue(2, "expected", "soon"),
        NeedValue(3, "stated", "desk"),
    )
    tasks = plugin.assign_split(SplitContext(replace(REQUEST, needs=wanted), None))
    assert [(task.title, task.need_ids) for task in tasks] == [("laptop", (1,)), ("desk", (3,))]


def estimate(*past: float, category: CategoryValue | None = NETWORK) -> Any:
    return plugin.assign_estimate(EstimateContext(REQUEST, TASK, past, category))


def test_the_estimate_is_the_median_of_done_tasks() -> None:
    assert estimate(1.0, 9.0, 3.0).hours == 3.0


def test_with_too_few_done_tasks_the_categorys_hours_count() -> None:
    assert estimate(9.0, 9.0).hours == 2.0
    assert estimate(category=BILLING) is None
    assert estimate(category=None) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"skills": {}}, "lacks the skill network"),
        ({"skills": {"network": 0}}, "lacks the skill network"),
        ({"team_ids": (2,)}, "is not in the responsible team"),
        ({"absent_until": NOW + dt.timedelta(days=2)}, "absent until 2026-03-06"),
        ({"load_hours": 37.0}, "over capacity: 41 of 40 h"),
    ],
)
def test_an_obstacle_is_a_veto_with_its_reason(change: dict[str, Any], reason: str) -> None:
    (veto,) = plugin.assign_veto(asked(replace(PERSON, **change)))
    assert (veto.person_id, veto.reason.en) == (1, reason)


@pytest.mark.parametrize("change", [{}, {"absent_until": NOW}, {"load_hours": 36.0}])
def test_without_an_obstacle_there_is_no_veto(change: dict[str, Any]) -> None:
    assert plugin.assign_veto(asked(replace(PERSON, **change))) == ()


def test_every_obstacle_is_named() -> None:
    nobody = replace(PERSON, skills={}, team_ids=(), load_hours=50.0)
    assert len(plugin.assign_veto(asked(nobody))) == 3


def points(person: PersonValue) -> float:
    return sum(score.points for score in plugin.assign_score(asked(person)))


def test_skill_counts_for_and_load_against() -> None:
    assert points(PERSON) == 20.0
    assert points(replace(PERSON, load_hours=0.0)) > points(PERSON)
    assert points(replace(PERSON, skills={"network": 4})) > points(PERSON)


def test_the_least_loaded_of_equally_skilled_people_leads() -> None:
    others = [replace(PERSON, id=number, load_hours=float(number)) for number in (5, 2, 9)]
    assert max(others, key=points).id == 2


def pick(ranked: tuple[tuple[int, float], ...], *turns: int) -> Any:
    recent = tuple(PastPick(person, None, NOW - dt.timedelta(hours=age)) for age, person in enumerate(turns))
    return plugin.assign_pick(PickContext(asked(recent=recent), ranked))


def test_the_best_score_is_picked_even_out_of_turn() -> None:
    assert pick(((3, 9.0), (1, 8.0)), 3, 3, 3).person_id == 3


def test_among_equals_whoever_had_no_turn_for_the_longest_time_is_picked() -> None:
    equals = ((1, 5.0), (2, 5.0), (3, 5.0), (4, 1.0))
    assert pick(equals, 1, 2, 3, 2).person_id == 3
    assert pick(equals, 3, 1).person_id == 2
    assert pick(equals).person_id == 1


def test_a_ranking_of_nobody_picks_nobody() -> None:
    assert pick(()) is None


def test_the_panel_shows_the_words_the_rules_see() -> None:
    (panel,) = plugin.panels(PanelsContext(replace(REQUEST, title="Urgent: outage")))
    assert [words for _, words in panel.rows] == ["urgent", "outage"]
    assert plugin.panels(PanelsContext(REQUEST)) is None
