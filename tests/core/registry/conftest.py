"""Small plugins to ask, and a place to install some of them for real."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.core.database import Base, Database
from hub.core.registry import PluginHealth, Registry
from hub.core.values import (
    CategoryValue,
    Classification,
    ClassifyContext,
    OpenPointsContext,
    RequestValue,
    Text,
)
from hub.sdk import hookimpl

REQUEST = RequestValue(
    1,
    "SR-1",
    "VPN",
    "",
    "identify",
    "open",
    None,
    None,
    "form",
    dt.datetime(2026, 3, 4, tzinfo=dt.UTC),
    None,
    None,
)
CLASSIFY = ClassifyContext(REQUEST, (CategoryValue(1, "network", Text(zh="网络", en="Network")),))
POINTS = OpenPointsContext(REQUEST)
WHY = Text(zh="因为", en="because")
NETWORK = Classification("network", WHY)


def make_plugin(name: str, **hooks: Callable[..., Any]) -> Any:
    """A plugin whose hooks are the given functions of one context."""
    methods = {hook: hookimpl(_method(function)) for hook, function in hooks.items()}
    attributes = {"name": name, "api": ">=1.0,<2", "title": Text(zh="测试", en="Test")}
    return type("TestPlugin", (), {**attributes, **methods})()


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: object, context: object) -> Any:
        return function(context)

    return method


def answering(answer: Any) -> Callable[[object], Any]:
    """A hook that gives this answer."""
    return lambda context: answer


def failing(error: BaseException) -> Callable[[object], Any]:
    """A hook that raises this error."""

    def fail(context: object) -> Any:
        raise error

    return fail


@pytest.fixture
def registry(database: Database) -> Registry:
    """No plugin yet; three failures in a row are too many."""
    return Registry(database, aside_after=3)


@pytest.fixture
def sqlite_database(sqlite_url: str, open_database: Callable[..., Database]) -> Database:
    """A fresh database with the registry's table only: for what has to do with threads."""
    database = open_database(sqlite_url)
    Base.metadata.create_all(database.writer_engine, [PluginHealth.__table__])
    return database


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Install a distribution with one plugin module for this test; gives the module's file."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(name: str, source: str) -> Path:
        module = tmp_path / f"plugin_{name}.py"
        module.write_text(source, encoding="utf-8")
        info = tmp_path / f"plugin_{name}-3.2.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plugin_{name}\nVersion: 3.2.1\n")
        (info / "entry_points.txt").write_text(f"[hub.plugins]\n{name} = plugin_{name}:plugin\n")
        return module

    return install
