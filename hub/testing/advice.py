"""The suite for advice: findings that stay one, verdicts that can be mirrored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from hypothesis import given

from hub.core.values import EffectsContext, FindingsContext
from hub.testing.areas import area
from hub.testing.contexts import CONTEXTS, START
from hub.testing.plugin import PluginSuite, assert_bilingual
from hub.testing.rules import hypothetical, offering

MIRRORED = {"works": "harm", "harm": "works"}
WITHOUT_NUMBERS = EffectsContext("score", "higher", (), START, 10.0)


class AdviceSuite(PluginSuite):
    """Subclass it and give a fixture ``plugin``."""

    @area("purity")
    @given(context=CONTEXTS["improve_findings"])
    @hypothetical
    def test_finds_each_cause_once(self, plugin: Any, context: FindingsContext) -> None:
        """Pure, in both languages, one key each, and only about requests it was shown."""
        offering(plugin, "improve_findings")
        found = self.ask(plugin, "improve_findings", context) or ()
        assert_bilingual(found)
        assert len({finding.key for finding in found}) == len(found)
        shown = {request.id for request in context.closed}
        assert all(set(finding.request_ids) <= shown for finding in found)

    @given(context=CONTEXTS["improve_findings"])
    @hypothetical
    def test_finds_the_same_in_any_order(self, plugin: Any, context: FindingsContext) -> None:
        """A key names a cause, not a place in a list."""
        offering(plugin, "improve_findings")
        turned = replace(context, closed=tuple(reversed(context.closed)))
        assert {finding.key for finding in self.ask(plugin, "improve_findings", context) or ()} == {
            finding.key for finding in self.ask(plugin, "improve_findings", turned) or ()
        }

    def test_finds_nothing_in_nothing(self, plugin: Any) -> None:
        """No closed request, no finding."""
        offering(plugin, "improve_findings")
        context = FindingsContext((), START, START)
        assert not self.ask(plugin, "improve_findings", context)

    @given(context=CONTEXTS["improve_effects"])
    @hypothetical
    def test_calls_harm_what_would_work_the_other_way(self, plugin: Any, context: EffectsContext) -> None:
        """The verdict turns with the direction; no evidence stays no evidence."""
        offering(plugin, "improve_effects")
        other: Literal["lower", "higher"] = "lower" if context.direction == "higher" else "higher"
        one = self.ask(plugin, "improve_effects", context)
        two = self.ask(plugin, "improve_effects", replace(context, direction=other))
        assert_bilingual((one, two))
        assert (one and MIRRORED.get(one.verdict, one.verdict)) == (two and two.verdict)

    def test_does_not_judge_without_numbers(self, plugin: Any) -> None:
        """An empty series is too early for a verdict."""
        offering(plugin, "improve_effects")
        effect = self.ask(plugin, "improve_effects", WITHOUT_NUMBERS)
        assert effect is None or effect.verdict == "too_early"
