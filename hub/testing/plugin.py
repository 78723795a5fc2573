"""What every plugin must do, whatever it offers; the other suites build on it."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import sys
from collections import abc
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import pytest

from hub.core.hookspecs import API
from hub.core.registry.answers import misfit, promised
from hub.core.registry.calls import Caller
from hub.core.registry.loading import check_plugin, within
from hub.core.values import STAGES, Moved, RequestValue, Text
from hub.testing.areas import area, exempt
from hub.testing.pure import assert_pure

BUDGET_S = 2.0
NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
DOORS = ("hub.sdk", "hub.testing")


def assert_fits(answer: Any, hook: str) -> None:
    """Fail when an answer has not the type that its hook promises."""
    assert answer is None or misfit(answer, promised(hook)) is None, misfit(answer, promised(hook))


def assert_bilingual(value: Any) -> None:
    """Fail when a text anywhere in the value is missing in one of the two languages."""
    if isinstance(value, Text):
        assert value.zh.strip(), f"{value!r} lacks Chinese"
        assert value.en.strip(), f"{value!r} lacks English"
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            assert_bilingual(getattr(value, item.name))
    elif isinstance(value, abc.Sequence) and not isinstance(value, str | bytes):
        for item in value:
            assert_bilingual(item)


class PluginSuite:
    """Subclass it and give a fixture ``plugin``."""

    @pytest.fixture
    def plugin(self) -> Any:
        """The plugin object under test."""
        raise NotImplementedError("give a fixture named plugin")

    def ask(self, plugin: Any, hook: str, context: object) -> Any:
        """The plugin's answer: in time, pure, of the promised type, and the same when asked again."""
        method = getattr(plugin, hook)
        answer = Caller(BUDGET_S).call(plugin.name, lambda: assert_pure(method, context))
        assert_fits(answer, hook)
        return answer

    @staticmethod
    def told(plugin: Any, hook: str, context: object) -> Any:
        """The plugin's answer, in time: where another check has already looked at how it comes about."""
        return Caller(BUDGET_S).call(plugin.name, partial(getattr(plugin, hook), context))

    @area("time")
    def test_hears_of_moves_in_time(self, plugin: Any) -> None:
        """Told of a move it answers nothing, raises nothing and does not keep the others waiting."""
        if not hasattr(plugin, "workflow_moved"):
            exempt("workflow_moved")
        for after in STAGES:
            request = RequestValue(1, "SR-1", "VPN", "", after, "open", None, None, "form", NOW, None, None)
            heard = partial(plugin.workflow_moved, Moved(request, "identify", after, NOW))
            assert Caller(BUDGET_S).call(plugin.name, heard) is None

    def test_is_accepted_by_this_hub(self, plugin: Any) -> None:
        """Attributes, API range, hook names and signatures are as the hub wants them."""
        check_plugin(plugin)

    def test_lets_the_next_minor_api_in(self, plugin: Any) -> None:
        """It takes nothing away (docs/plugins/upgrades.md): a range that ends before it stops the hub."""
        major = API.partition(".")[0]
        assert within(f"{major}.999", plugin.api), f"{plugin.api!r} shuts the later APIs {major}.x out"

    @area("texts")
    def test_has_a_title_in_both_languages(self, plugin: Any) -> None:
        """The plugins page shows it."""
        assert_bilingual(plugin.title)

    def test_comes_in_by_the_door(self, plugin: Any) -> None:
        """Its module imports nothing of the hub but ``hub.sdk`` and, as ``plugin.py``, its own folder."""
        module = sys.modules[type(plugin).__module__]
        own = module.__name__.removesuffix(".plugin")
        imported = {
            name
            for node in ast.walk(ast.parse(inspect.getsource(module)))
            for name in _imported(node)
            if name.partition(".")[0] == "hub" and not name.startswith(own)
        }
        assert {name for name in imported if not name.startswith(DOORS)} == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []
