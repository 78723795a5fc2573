"""The suite for plugins that decide: classification, priority, needs, tasks and who gets them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.core import values as v
from hub.testing.areas import area, exempt
from hub.testing.contexts import CONTEXTS, START
from hub.testing.plugin import PluginSuite, assert_bilingual

DECIDES = sorted(hook for hook in CONTEXTS if not hook.startswith("improve_"))

# The plugin comes from a fixture and keeps no state; one method serves several subclasses.
hypothetical = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    # A plugin that is slow would be slow in each of the hundreds of tries to make its story shorter.
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def offering(plugin: Any, hook: str) -> Any:
    """The plugin's method for a hook; skips where the plugin does not offer it."""
    method = getattr(plugin, hook, None)
    if method is None:
        exempt(hook)
    return method


def colleague(number: int) -> v.PersonValue:
    """One of many people who differ in nothing but their id."""
    return v.PersonValue(number, f"Person {number}", (1,), {"network": 3}, 0.0, 40.0)


class RuleSuite(PluginSuite):
    """Hooks of stages 1 and 2, and panels."""

    @area("purity")
    @pytest.mark.parametrize("hook", DECIDES)
    @given(data=st.data())
    @hypothetical
    def test_answers_purely_with_reasons_in_both_languages(
        self, plugin: Any, hook: str, data: st.DataObject
    ) -> None:
        """No clock, no chance, no network, no file; the promised type; Chinese and English."""
        offering(plugin, hook)
        assert_bilingual(self.ask(plugin, hook, data.draw(CONTEXTS[hook])))

    @pytest.mark.parametrize("hook", ["assign_veto", "assign_score"])
    @given(data=st.data())
    @hypothetical
    def test_speaks_only_of_people_it_was_shown(self, plugin: Any, hook: str, data: st.DataObject) -> None:
        """A veto or score for a stranger would be lost."""
        offering(plugin, hook)
        context = data.draw(CONTEXTS[hook])
        named = {answer.person_id for answer in self.told(plugin, hook, context) or ()}
        assert named <= {person.id for person in context.people}

    @given(context=CONTEXTS["assign_pick"])
    @hypothetical
    def test_picks_only_from_the_ranking(self, plugin: Any, context: v.PickContext) -> None:
        """Whoever was vetoed is not in the ranking."""
        offering(plugin, "assign_pick")
        pick = self.told(plugin, "assign_pick", context)
        assert pick is None or pick.person_id in {person for person, _ in context.ranked}

    @given(context=CONTEXTS["identify_classify"])
    @hypothetical
    def test_classifies_only_into_categories_it_was_shown(
        self, plugin: Any, context: v.ClassifyContext
    ) -> None:
        """A category that does not exist helps nobody."""
        offering(plugin, "identify_classify")
        answer = self.told(plugin, "identify_classify", context)
        assert answer is None or answer.category in {category.key for category in context.categories}

    @given(context=CONTEXTS["assign_split"])
    @hypothetical
    def test_splits_by_needs_that_are_there(self, plugin: Any, context: v.SplitContext) -> None:
        """A task that names a need of another request would serve nobody."""
        offering(plugin, "assign_split")
        named = {need for task in self.told(plugin, "assign_split", context) or () for need in task.need_ids}
        assert named <= {need.id for need in context.request.needs}

    @pytest.mark.parametrize("size", range(1, 21))
    def test_takes_turns_among_equals(self, plugin: Any, size: int) -> None:
        """At no moment has one of ``size`` equal people had two turns more than another."""
        offering(plugin, "assign_pick")
        team = tuple(colleague(number) for number in range(1, size + 1))
        task = v.TaskValue(1, "SR-1-1", "Task", "", "open", "network", 1, 1.0)
        request = v.RequestValue(
            1, "SR-1", "Request", "", "assign", "open", 3, "network", "form", START, None, None
        )
        recent: tuple[v.PastPick, ...] = ()
        turns = Counter({person.id: 0 for person in team})
        for minute in range(3 * size):
            now = START + dt.timedelta(minutes=minute)
            asked = v.AssignContext(request, task, None, team, recent, now)
            ranked = tuple((person.id, 1.0) for person in team)
            pick = self.told(plugin, "assign_pick", v.PickContext(asked, ranked))
            if pick is None:
                exempt("assign_pick")
            turns[pick.person_id] += 1
            recent = (v.PastPick(pick.person_id, "network", now), *recent)
            assert max(turns.values()) - min(turns.values()) <= 1
