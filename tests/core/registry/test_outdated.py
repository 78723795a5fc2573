"""What will go one day is told to whoever uses it, in good time, and never stops a plugin."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import hub.sdk
from hub.cli import main
from hub.core import hookspecs
from hub.core.database import Database
from hub.core.hookspecs import API, DEPRECATED, Deprecated, HookSpecs
from hub.core.registry import Registry
from hub.core.registry.loading import within
from hub.core.registry.outdated import outdated

from .conftest import CLASSIFY, answering, make_plugin

HOOK = Deprecated("identify_classify", "1.2", "2.0", "answer identify_sorted instead")
NAME = Deprecated("OpenPoint", "1.3", "2.0", "use Question instead")
TOLD = "identify_classify is deprecated since API 1.2 and gone in 2.0: answer identify_sorted instead"

IMPORTING = """
from hub.sdk import OpenPoint as Point, Text, hookimpl

class Plugin:
    name, api, title = "importing", ">=1.0,<2", Text(zh="插件", en="Plugin")

    @hookimpl
    def identify_open_points(self, context):
        return [Point("a", self.title)]

plugin = Plugin()
"""


@pytest.fixture
def deprecate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    return lambda *these: monkeypatch.setattr(hookspecs, "DEPRECATED", these)


def test_a_deprecated_hook_is_told_at_the_start_and_still_asked(
    registry: Registry, deprecate: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    deprecate(HOOK, NAME)
    with caplog.at_level(logging.WARNING, "hub.core.registry"):
        registry.add(make_plugin("old", identify_classify=answering(None)))
        registry.add(make_plugin("new", identify_open_points=answering(())))
    assert caplog.messages == [f"plugin old: {TOLD}"]
    assert registry.ask_one("identify_classify", CLASSIFY) is None
    assert registry.plugins()[0].total == 0
    assert [plugin.outdated for plugin in registry.plugins()] == [(HOOK,), ()]


def test_a_deprecated_name_is_told_whatever_it_is_called_there(
    database: Database, install: Callable[[str, str], Path], deprecate: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    deprecate(NAME)
    install("importing", IMPORTING)
    registry = Registry(database)
    with caplog.at_level(logging.WARNING, "hub.core.registry"):
        registry.load(["importing", "rules"])
    assert [line for line in caplog.messages if "importing" in line] == [f"plugin importing: {NAME}"]


def test_plugin_test_tells_it_and_passes(
    install: Callable[[str, str], Path], deprecate: Callable[..., None]
) -> None:
    install("importing", IMPORTING)
    before = CliRunner().invoke(main, ["plugin", "test", "importing"])
    assert (before.exit_code, "deprecated" in before.output) == (0, False), before.output
    deprecate(NAME)
    after = CliRunner().invoke(main, ["plugin", "test", "importing"])
    assert (after.exit_code, f"! {NAME}" in after.output) == (0, True), after.output


def test_nothing_in_the_box_uses_what_will_go() -> None:
    for name in sorted(point for point in hub.core.registry.installed()):
        plugin, _ = hub.core.registry.loading.import_plugin(name, hub.core.registry.installed())
        assert outdated(plugin) == [], name


def broken(one: Deprecated, api: str) -> list[str]:
    """What the policy forbids about a deprecation, at this API."""
    since, gone, now = (tuple(map(int, text.split("."))) for text in (one.since, one.gone, api))
    return [
        rule
        for rule, holds in {
            "what works still has to be there": hasattr(HookSpecs, one.name) or one.name in hub.sdk.__all__,
            "it begins with an API that was released": since <= now,
            "only a major API takes something away": gone[1:] == (0,) and gone[0] == since[0] + 1,
            "what is gone stands in no list": now < gone,
            "it says what to do": bool(one.instead),
        }.items()
        if not holds
    ]


def test_the_list_keeps_to_the_policy() -> None:
    assert [(one.name, broken(one, API)) for one in DEPRECATED if broken(one, API)] == []


@pytest.mark.parametrize(
    ("one", "api", "rules"),
    [
        (HOOK, "1.2", 0),
        (HOOK, "1.1", 1),
        (HOOK, "2.0", 1),
        (Deprecated("no_such", "1.2", "2.0", "this"), "1.2", 1),
        (Deprecated("Text", "1.2", "1.4", ""), "1.3", 2),
    ],
)
def test_the_policy_can_be_broken(one: Deprecated, api: str, rules: int) -> None:
    assert len(broken(one, api)) == rules


def test_a_plugin_made_for_another_api_is_told_what_to_do(registry: Registry) -> None:
    from hub.core.values import Refusal
    from hub.render.refusals import SENTENCES

    plugin = make_plugin("later", identify_classify=answering(None))
    plugin.api = ">=1.7,<2"
    with pytest.raises(Refusal) as refused:
        registry.add(plugin)
    said: Any = SENTENCES[refused.value.message] % refused.value.values
    assert re.search(r"“later” wants API >=1\.7,<2; this hub has 1\.0\. Install a version .* that fits", said)
    assert not registry.plugins()


@pytest.mark.parametrize("api", ["1.0", "1.1", "1.25"])
def test_what_was_made_for_the_first_api_fits_every_minor_one(api: str) -> None:
    assert within(api, ">=1.0,<2")
    assert not within("2.0", ">=1.0,<2")
