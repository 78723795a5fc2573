"""Which plugins are taken in, and what is said of those that are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from hub.core.database import Database
from hub.core.registry import Registry
from hub.core.registry.loading import within
from hub.core.values import ChannelKind, Instrument, Refusal, SourceKind, Text, TrackerKind
from hub.sdk import hookimpl

from .conftest import CLASSIFY, answering, make_plugin

GOOD = """
from hub.sdk import Classification, Text, hookimpl

class Plugin:
    name, api, title = "{name}", ">=1.0,<2", Text(zh="插件", en="Plugin")

    @hookimpl
    def identify_classify(self, context):
        return Classification("{name}", Text(zh="因为", en="because"))

plugin = Plugin()
"""
TITLE = Text(zh="测试", en="Test")


class NoSettings(BaseModel):
    """Nothing to set."""


@pytest.fixture
def registry(sqlite_url: str, open_database: Callable[..., Database]) -> Registry:
    return Registry(open_database(sqlite_url))


def refusal_of(call: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value


def with_kinds(name: str, **offered: Any) -> Any:
    """A plugin that offers source kinds, tracker kinds or instruments."""
    plugin = make_plugin(
        name, identify_classify=answering(None), evaluate_surveys=answering(offered.get("surveys"))
    )

    class Kinds(type(plugin)):  # type: ignore[misc]
        @hookimpl
        def identify_sources(self) -> Any:
            return offered.get("sources")

        @hookimpl
        def execute_trackers(self) -> Any:
            return offered.get("trackers")

        @hookimpl
        def execute_channels(self) -> Any:
            return offered.get("channels")

    return Kinds()


def source(name: str) -> SourceKind:
    return SourceKind(name, TITLE, NoSettings, lambda *_: None)  # type: ignore[arg-type, return-value]


def tracker(name: str) -> TrackerKind:
    return TrackerKind(name, TITLE, NoSettings, lambda *_: None)  # type: ignore[arg-type, return-value]


def channel(name: str) -> ChannelKind:
    return ChannelKind(name, TITLE, NoSettings, lambda *_: None)  # type: ignore[arg-type, return-value]


def test_loads_installed_plugins_in_the_listed_order(
    database: Database, install: Callable[[str, str], Path]
) -> None:
    registry = Registry(database)
    for name in ("first", "second", "unlisted"):
        install(name, GOOD.format(name=name))
    registry.load(["second", "first"])
    assert [(state.name, state.version) for state in registry.plugins()] == [
        ("second", "3.2.1"),
        ("first", "3.2.1"),
    ]
    assert registry.ask_one("identify_classify", CLASSIFY).category == "second"
    assert registry.plugins()[0].hooks == ("identify_classify",)


def test_an_unknown_name_is_refused_with_those_installed(
    registry: Registry, install: Callable[[str, str], Path]
) -> None:
    install("known", GOOD.format(name="known"))
    refusal = refusal_of(lambda: registry.load(["knwon"]))
    assert (refusal.message, refusal.values["name"]) == ("plugin_unknown", "knwon")
    assert "known" in refusal.values["installed"].split(", ")


@pytest.mark.parametrize(
    ("source", "line", "error"),
    [
        ("x = 1\nimport no_such_module_anywhere\n", 2, "ModuleNotFoundError"),
        ("x = 1\n\ny = x / 0\n", 3, "ZeroDivisionError"),
        ("x = 1\n\n\ndef broken(:\n", 4, "SyntaxError"),
    ],
)
def test_a_module_that_does_not_import_is_refused_with_file_and_line(
    registry: Registry, install: Callable[[str, str], Path], source: str, line: int, error: str
) -> None:
    name = f"broken{line}"
    module = install(name, source)
    refusal = refusal_of(lambda: registry.load([name]))
    assert (refusal.message, refusal.values["name"]) == ("plugin_import", name)
    assert refusal.values["place"] == f"{module}:{line}"
    assert refusal.values["error"].startswith(error)


def test_a_plugin_of_another_name_than_its_entry_point_is_refused(
    registry: Registry, install: Callable[[str, str], Path]
) -> None:
    install("mine", GOOD.format(name="yours"))
    refusal = refusal_of(lambda: registry.load(["mine"]))
    assert (refusal.message, refusal.values) == ("plugin_attribute", {"name": "mine", "attribute": "name"})


@pytest.mark.parametrize("wanted", [">=2,<3", "<1", "1.0", "", None, ">=1.0,", "==1.1"])
def test_a_plugin_for_another_api_is_refused_by_name(registry: Registry, wanted: Any) -> None:
    plugin = make_plugin("old", identify_classify=answering(None))
    plugin.api = wanted
    refusal = refusal_of(lambda: registry.add(plugin))
    assert (refusal.message, refusal.values["name"], refusal.values["api"]) == ("plugin_api", "old", "1.0")


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("1.0", ">=1.0,<2", True),
        ("1.10", ">=1.9", True),
        ("2.0", ">=1.0,<2", False),
        ("1.0", "==1", True),
        ("1.2", "!=1.2", False),
        ("1.2", ">1.1, <=1.2", True),
    ],
)
def test_ranges_compare_numbers_not_letters(version: str, wanted: str, fits: bool) -> None:
    assert within(version, wanted) is fits


def test_a_misspelt_hook_is_refused_with_the_one_meant(registry: Registry) -> None:
    refusal = refusal_of(lambda: registry.add(make_plugin("typo", identify_clasify=answering(None))))
    assert refusal.message == "plugin_hook_unknown"
    assert refusal.values == {"name": "typo", "hook": "identify_clasify", "meant": "identify_classify"}


def test_a_hook_without_its_mark_is_refused(registry: Registry) -> None:
    plugin = make_plugin("bare", identify_classify=answering(None))
    type(plugin).assign_veto = lambda self, context: None
    refusal = refusal_of(lambda: registry.add(plugin))
    assert (refusal.message, refusal.values["hook"]) == ("plugin_hook_unmarked", "assign_veto")


def _without(self: Any) -> None: ...


def _with_other(self: Any, request: Any) -> None: ...


def _with_more(self: Any, context: Any, session: Any) -> None: ...


async def _later(self: Any, context: Any) -> None: ...


@pytest.mark.parametrize("method", [_without, _with_other, _with_more, _later])
def test_a_hook_of_another_signature_is_refused_with_the_right_one(registry: Registry, method: Any) -> None:
    plugin = make_plugin("odd", assign_veto=answering(None))
    type(plugin).identify_classify = hookimpl(method)
    refusal = refusal_of(lambda: registry.add(plugin))
    assert refusal.message == "plugin_signature"
    assert refusal.values == {
        "name": "odd",
        "hook": "identify_classify",
        "wanted": "identify_classify(context)",
    }


def test_a_wrapper_round_the_others_is_refused(registry: Registry) -> None:
    plugin = make_plugin("round", assign_veto=answering(None))

    @hookimpl(wrapper=True)
    def identify_classify(self: Any, context: Any) -> Any:
        return (yield)

    type(plugin).identify_classify = identify_classify
    assert refusal_of(lambda: registry.add(plugin)).message == "plugin_signature"


@pytest.mark.parametrize("title", ["Title", Text(zh="", en="Title"), None])
def test_a_title_in_one_language_only_is_refused(registry: Registry, title: Any) -> None:
    plugin = make_plugin("mute", identify_classify=answering(None))
    plugin.title = title
    refusal = refusal_of(lambda: registry.add(plugin))
    assert (refusal.message, refusal.values) == ("plugin_attribute", {"name": "mute", "attribute": "title"})


def test_a_plugin_without_hooks_is_refused(registry: Registry) -> None:
    assert refusal_of(lambda: registry.add(make_plugin("empty"))).message == "plugin_without_hooks"


def test_a_plugin_listed_twice_is_refused(registry: Registry) -> None:
    registry.add(make_plugin("twin", identify_classify=answering(None)))
    refusal = refusal_of(lambda: registry.add(make_plugin("twin", identify_classify=answering(None))))
    assert (refusal.message, refusal.values) == ("plugin_twice", {"name": "twin"})


def test_kinds_and_instruments_are_collected_once(registry: Registry) -> None:
    csat = Instrument("csat", TITLE, TITLE, (), lambda answers: None)
    registry.add(with_kinds("one", sources=[source("form")], trackers=[tracker("far")], surveys=[csat]))
    registry.add(with_kinds("two", channels=[channel("post")]))
    assert set(registry.sources()) == {"form"}
    assert set(registry.trackers()) == {"far"}
    assert set(registry.channels()) == {"post"}
    assert set(registry.kinds()) == {"form", "far", "post"}
    assert registry.instruments() == {"csat": csat}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"sources": [source("x")]}, {"sources": [source("x")]}),
        ({"sources": [source("x")]}, {"trackers": [tracker("x")]}),
        ({"trackers": [tracker("x")]}, {"trackers": [tracker("x")]}),
        ({"trackers": [tracker("x")]}, {"channels": [channel("x")]}),
    ],
)
def test_a_kind_offered_twice_is_refused(registry: Registry, first: Any, second: Any) -> None:
    registry.add(with_kinds("one", **first))
    refusal = refusal_of(lambda: registry.add(with_kinds("two", **second)))
    assert (refusal.message, refusal.values["name"], refusal.values["kind"]) == (
        "plugin_kind_twice",
        "two",
        "x",
    )


def test_a_kind_of_the_wrong_type_stops_the_start(registry: Registry) -> None:
    refusal = refusal_of(lambda: registry.add(with_kinds("odd", sources=["form"])))
    assert (refusal.message, refusal.values["hook"]) == ("plugin_kinds", "identify_sources")
    assert "answer[0]: SourceKind wanted" in refusal.values["error"]
