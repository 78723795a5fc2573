"""Advice by plain arithmetic."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest

from hub.plugins import advice
from hub.sdk import ClosedRequest, Effect, EffectsContext, FindingsContext
from hub.testing import AdviceSuite

NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
CLOSED = ClosedRequest(0, "SR-0", "network", None, NOW, {"execute": 10.0, "assign": 1.0}, 4.0, 0, 1, 1)


class TestAdvice(AdviceSuite):
    @pytest.fixture
    def plugin(self) -> Any:
        return advice.plugin


def history(**groups: list[dict[str, Any]]) -> tuple[ClosedRequest, ...]:
    """Closed requests by category, each an ordinary one with some changes; numbered through."""
    rows = [(name, changes) for name, group in groups.items() for changes in group]
    return tuple(replace(CLOSED, id=n, category=name, **changes) for n, (name, changes) in enumerate(rows))


def found(closed: tuple[ClosedRequest, ...]) -> dict[str, Any]:
    findings = advice.plugin.improve_findings(FindingsContext(closed, NOW - dt.timedelta(days=90), NOW))
    return {finding.key: finding for finding in findings}


def test_an_ordinary_history_gives_no_finding() -> None:
    assert found(history(network=[{}] * 20, billing=[{}] * 20)) == {}


def test_the_slowest_stage_of_a_slow_category_is_found() -> None:
    slow = {"stage_hours": {"execute": 30.0, "assign": 5.0}}
    finding = found(history(network=[{}] * 20, billing=[slow] * 6))["slow:execute@billing"]
    assert (finding.metric, finding.value, finding.baseline) == ("hours:execute@billing", 30.0, 10.0)
    assert finding.request_ids == (20, 21, 22, 23, 24, 25)


def test_one_cause_is_one_finding() -> None:
    slow = {"stage_hours": {"execute": 30.0, "assign": 5.0}}
    assert list(found(history(network=[{}] * 20, billing=[slow] * 6))) == ["slow:execute@billing"]


@pytest.mark.parametrize("hours", [14.9, 10.0, 2.0])
def test_a_little_slower_is_not_slow(hours: float) -> None:
    assert found(history(network=[{}] * 20, billing=[{"stage_hours": {"execute": hours}}] * 6)) == {}


def test_a_low_score_of_a_category_is_found() -> None:
    finding = found(history(network=[{}] * 20, billing=[{"score": 2.0}] * 5))["low-score@billing"]
    assert (finding.metric, finding.value, finding.baseline) == ("score@billing", 2.0, 3.6)
    assert finding.request_ids == (20, 21, 22, 23, 24)


def test_fewer_than_five_requests_say_nothing() -> None:
    odd = {"score": 1.0, "reopened": 1, "stage_hours": {"execute": 90.0}}
    assert found(history(network=[{}] * 60, billing=[odd] * 4)) == {}


def test_a_low_score_everywhere_is_one_finding_not_ten() -> None:
    groups = {f"kind{n}": [{"score": 2.0}] * 6 for n in range(10)}
    assert list(found(history(**groups))) == ["low-score"]


def test_unanswered_surveys_are_not_counted_as_low() -> None:
    assert found(history(network=[{}] * 20, billing=[{"score": None}] * 9)) == {}


def test_a_category_that_is_often_reopened_is_found() -> None:
    finding = found(history(network=[{}] * 20, billing=[{"reopened": 1}, {"reopened": 2}, {}, {}, {}]))
    assert (finding["reopened@billing"].value, finding["reopened@billing"].request_ids) == (0.4, (20, 21))


def test_keys_stay_the_same_while_numbers_change() -> None:
    before = found(history(network=[{}] * 20, billing=[{"score": 2.0}] * 5))
    after = found(history(network=[{}] * 30, billing=[{"score": 1.0}] * 9))
    assert before.keys() == after.keys()


def judged(
    before: list[float], after: list[float], direction: str = "lower", least_effect: float = 5.0
) -> Effect:
    weeks = [NOW + dt.timedelta(weeks=n - len(before)) for n in range(len(before) + len(after))]
    series = tuple(zip(weeks, before + after, strict=True))
    context = EffectsContext("hours:execute", direction, series, NOW, least_effect)  # type: ignore[arg-type]
    effect = advice.plugin.improve_effects(context)
    assert isinstance(effect, Effect)
    return effect


STEADY = [10.0, 11.0, 9.0, 10.5, 9.5] * 6


def test_a_clear_change_for_the_better_works_and_for_the_worse_is_harm() -> None:
    lower, higher = [value - 4 for value in STEADY[:10]], [value + 4 for value in STEADY[:10]]
    assert judged(STEADY, lower).verdict == "works"
    assert judged(STEADY, higher).verdict == "harm"
    assert judged(STEADY, higher, "higher").verdict == "works"


def test_no_change_is_no_evidence() -> None:
    assert judged(STEADY, STEADY[:10]).verdict == "no_evidence"
    assert judged([5.0] * 30, [5.0] * 10).verdict == "no_evidence"


def test_a_change_smaller_than_useful_is_no_evidence() -> None:
    lower = [value - 1.5 for value in STEADY[:10]]
    assert judged(STEADY, lower, least_effect=5).verdict == "works"
    assert judged(STEADY, lower, least_effect=20).verdict == "no_evidence"


@pytest.mark.parametrize(("before", "after"), [(0, 0), (15, 20), (30, 7), (30, 0), (0, 30)])
def test_too_few_points_are_too_early(before: int, after: int) -> None:
    assert judged([10.0] * before, [1.0] * after).verdict == "too_early"


def test_bad_weeks_that_get_better_by_themselves_are_no_evidence() -> None:
    assert judged([*STEADY, 16.0, 17.0, 18.0, 17.0], STEADY[:10]).verdict == "no_evidence"


def test_a_series_that_swings_by_itself_is_no_evidence() -> None:
    swinging = ([4.0] * 6 + [16.0] * 6) * 3
    assert judged(swinging, [5.0] * 10).verdict == "no_evidence"


def test_the_reason_gives_the_numbers() -> None:
    reason = judged(STEADY, [5.0] * 10).reason
    assert "10.00 → 5.00" in reason.zh
    assert "10.00 → 5.00" in reason.en


@pytest.mark.parametrize("size", [(16, 8), (24, 10), (40, 12)])
def test_without_any_effect_works_is_said_in_at_most_five_of_a_hundred(size: tuple[int, int]) -> None:
    dice, said, compared = random.Random(20260304), 0, 0
    for _ in range(1000):
        before, after = ([dice.gauss(10, 2) for _ in range(n)] for n in size)
        said += judged(before, after, least_effect=0.1).verdict == "works"
        compared += fmean(after) < fmean(before)
    assert said <= 50
    assert compared >= 400  # what plain before and after would have said


@pytest.mark.parametrize("size", [(40, 12)])
def test_plans_started_after_the_worst_weeks_do_not_look_as_if_they_worked(size: tuple[int, int]) -> None:
    dice, said = random.Random(20260305), 0
    for _ in range(1000):
        before, after = ([dice.gauss(10, 2) for _ in range(n)] for n in size)
        worst = max(range(len(before) - 3), key=lambda start: fmean(before[start : start + 4]))
        ending_bad = before[worst + 4 :] + before[: worst + 4]
        said += judged(ending_bad, after, least_effect=0.1).verdict == "works"
    assert said <= 50


def test_an_effect_of_two_spreads_is_seen() -> None:
    dice, seen = random.Random(20260306), 0
    for _ in range(200):
        before, after = [dice.gauss(10, 1) for _ in range(40)], [dice.gauss(8, 1) for _ in range(12)]
        seen += judged(before, after).verdict == "works"
    assert seen >= 160
