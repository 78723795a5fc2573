"""The suite for survey instruments: clear questions, and a score that stays in its range."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.values import Instrument, Question, SurveysContext
from hub.testing.areas import area
from hub.testing.plugin import PluginSuite, assert_bilingual, assert_fits
from hub.testing.pure import assert_pure
from hub.testing.rules import hypothetical


def answer_to(question: Question) -> st.SearchStrategy[Any]:
    """Any valid answer to a question, as the hub hands it to the score."""
    if question.kind == "scale":
        return st.integers(question.low, question.high)
    if question.kind == "choice":
        return st.sampled_from([key for key, _ in question.choices])
    if question.kind == "date":
        return st.dates().map(dt.date.isoformat)
    return st.text(min_size=1, max_size=20)


class SurveySuite(PluginSuite):
    """Subclass it and give a fixture ``plugin``."""

    @pytest.fixture
    def instruments(self, plugin: Any) -> tuple[Instrument, ...]:
        """The instruments the plugin offers, checked like the hub checks them."""
        offered = plugin.evaluate_surveys(SurveysContext())
        assert_fits(offered, "evaluate_surveys")
        return tuple(offered)

    @area("texts")
    def test_asks_in_both_languages(self, instruments: tuple[Instrument, ...]) -> None:
        """Title, introduction, every question and every choice."""
        assert instruments
        assert_bilingual(instruments)

    def test_asks_each_question_once(self, instruments: tuple[Instrument, ...]) -> None:
        """Answers are kept by the key of their question."""
        for instrument in instruments:
            keys = [question.key for question in instrument.questions]
            assert len(set(keys)) == len(keys) > 0

    @area("purity")
    @given(data=st.data())
    @hypothetical
    def test_scores_within_its_range(self, instruments: tuple[Instrument, ...], data: st.DataObject) -> None:
        """For any valid answers, optional ones left out or not; purely."""
        for instrument in instruments:
            answers = {
                question.key: data.draw(answer_to(question))
                for question in instrument.questions
                if question.required or data.draw(st.booleans())
            }
            score = assert_pure(instrument.score, answers)
            assert score is None or instrument.low <= score <= instrument.high

    def test_gives_no_score_without_answers(self, instruments: tuple[Instrument, ...]) -> None:
        """Silence is not a number."""
        for instrument in instruments:
            assert instrument.score({}) is None
