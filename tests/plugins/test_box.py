"""The plugins in the box fit the hub, together and in the order in which they are listed."""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable
from pathlib import Path

from hub.core.database import Database
from hub.core.registry import Registry

LISTED: dict[str, str] = tomllib.loads(
    (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
)["project"]["entry-points"]["hub.plugins"]


def test_all_plugins_in_the_box_fit_together(sqlite_url: str, open_database: Callable[..., Database]) -> None:
    registry = Registry(open_database(sqlite_url))
    for name, place in LISTED.items():
        module, _, attribute = place.partition(":")
        plugin = getattr(importlib.import_module(module), attribute)
        assert plugin.name == name
        registry.add(plugin)
    assert set(registry.sources()) == {"form", "mailbox", "webhook"}
    assert set(registry.trackers()) == {"github", "jira", "pingcode", "sandbox", "worktile"}
    assert set(registry.channels()) == {"smtp"}
    assert set(registry.instruments()) == {"csat"}
