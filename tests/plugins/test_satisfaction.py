"""The satisfaction survey."""

from __future__ import annotations

from typing import Any

import pytest

from hub.plugins import satisfaction
from hub.sdk import SurveysContext
from hub.testing import SurveySuite


class TestSatisfaction(SurveySuite):
    @pytest.fixture
    def plugin(self) -> Any:
        return satisfaction.plugin

    @pytest.mark.parametrize("given", [1, 2, 3, 4, 5])
    def test_the_score_is_the_answer_as_given(self, given: int) -> None:
        assert satisfaction.score({"satisfaction": given, "effort": 1, "comment": "no"}) == float(given)

    @pytest.mark.parametrize("given", [0, 6, True, "5", 4.5, None])
    def test_what_is_no_answer_is_no_score(self, given: Any) -> None:
        assert satisfaction.score({"satisfaction": given}) is None

    def test_only_the_satisfaction_question_must_be_answered(self, plugin: Any) -> None:
        (csat,) = plugin.evaluate_surveys(SurveysContext())
        assert [question.key for question in csat.questions if question.required] == ["satisfaction"]
