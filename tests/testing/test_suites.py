"""The suites fail plugins that deserve it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from hub.core.registry.calls import Late
from hub.core.values import Pick, PickContext, Refusal, Score, Text, Veto
from hub.sdk import hookimpl
from hub.testing import Impure, PluginSuite, RuleSuite, assert_bilingual
from hub.testing import plugin as plugin_suite

WHY = Text(zh="因为", en="because")


class Bad:
    name = "bad"
    api = ">=1.0,<2"
    title = Text(zh="坏", en="Bad")

    @hookimpl
    def assign_pick(self, context: PickContext) -> Pick:
        """Always the same one."""
        return Pick(context.ranked[0][0], WHY)

    @hookimpl
    def assign_score(self, context: Any) -> Any:
        """Looks at the clock."""
        return (Score(1, time.time(), WHY),)

    @hookimpl
    def assign_veto(self, context: Any) -> Any:
        """Answers with something else."""
        return [Veto("Li Na", WHY)]  # type: ignore[arg-type]

    @hookimpl
    def identify_needs(self, context: Any) -> Any:
        """Takes its time."""
        time.sleep(0.5)


def test_a_pick_that_takes_no_turns_fails() -> None:
    with pytest.raises(AssertionError):
        RuleSuite().test_takes_turns_among_equals(Bad(), 2)
    RuleSuite().test_takes_turns_among_equals(Bad(), 1)


def test_a_score_that_reads_the_clock_fails() -> None:
    with pytest.raises(Impure, match=r"time\.time"):
        PluginSuite().ask(Bad(), "assign_score", None)


def test_an_answer_of_another_type_fails() -> None:
    with pytest.raises(AssertionError, match=r"answer\[0\].person_id: int wanted"):
        PluginSuite().ask(Bad(), "assign_veto", None)


def test_a_hook_over_its_budget_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugin_suite, "BUDGET_S", 0.05)
    with pytest.raises(Late):
        PluginSuite().ask(Bad(), "identify_needs", None)


def test_a_plugin_that_comes_in_by_the_window_fails() -> None:
    """This module imports hub.core itself, as no plugin may."""
    with pytest.raises(AssertionError, match=r"hub\.core"):
        PluginSuite().test_comes_in_by_the_door(Bad())


def test_a_plugin_for_another_api_fails() -> None:
    plugin = Bad()
    plugin.api = ">=7"
    with pytest.raises(Refusal):
        PluginSuite().test_is_accepted_by_this_hub(plugin)


@pytest.mark.parametrize("text", [Text(zh="", en="x"), Text(zh="一", en=" "), (WHY, [Text(zh="", en="")])])
def test_a_text_in_one_language_fails(text: Any) -> None:
    with pytest.raises(AssertionError, match="lacks"):
        assert_bilingual(Veto(1, text) if isinstance(text, Text) else text)
