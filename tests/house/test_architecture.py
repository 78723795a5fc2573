"""docs/architecture.md against the code: places, functions, floors."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.house.tree import ROOT

PAGES = ("docs/architecture.md", "CONTRIBUTING.md", "CHANGELOG.md", "plugins_contrib/README.md")
# How the page shortens a name: where to look it up.
ROOMS = ("hub", "hub.core", "hub.core.values", "hub.core.database")


def text_of(page: str) -> str:
    """The page as it stands."""
    return (ROOT / page).read_text(encoding="utf-8")


def dotted() -> Iterator[str]:
    """The names of functions, classes and modules that the architecture page gives in code marks."""
    for name in re.findall(r"`([A-Za-z_]+(?:\.[A-Za-z_]+)+)`", text_of("docs/architecture.md")):
        if not name.endswith((".py", ".md", ".toml")):
            yield name


def looked_up(name: str) -> Any:
    """What a name stands for in the code; LookupError where it stands for nothing."""
    for room in ("", *ROOMS):
        parts = [part for part in (*room.split("."), *name.split(".")) if part]
        for end in range(len(parts), 0, -1):
            try:
                thing: Any = importlib.import_module(".".join(parts[:end]))
            except ImportError:
                continue
            try:
                for part in parts[end:]:
                    thing = getattr(thing, part)
            except AttributeError:
                break
            return thing
    raise LookupError(name)


def test_every_function_on_the_map_exists() -> None:
    names = sorted(set(dotted()))
    assert len(names) > 25
    missing = []
    for name in names:
        try:
            looked_up(name)
        except LookupError:
            missing.append(name)
    assert missing == []


def test_a_name_that_is_gone_is_noticed() -> None:
    assert looked_up("workflow.looking.look").__name__ == "look"
    assert looked_up("Database.transaction").__name__ == "transaction"
    with pytest.raises(LookupError):
        looked_up("workflow.looking.glance")


def test_the_floors_on_the_page_are_the_contracts() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    drawn = re.findall(r"^```\n(.*?)^```$", text_of("docs/architecture.md"), re.MULTILINE | re.DOTALL)[0]
    floors = [
        line.split(":   ")[-1].removeprefix("core:").strip() for line in drawn.splitlines() if line.strip()
    ]
    assert floors == [layer.strip("()") for contract in contracts for layer in contract["layers"]]


@pytest.mark.parametrize("page", PAGES)
def test_every_place_a_page_names_exists(page: str) -> None:
    text = text_of(page)
    here = (ROOT / page).parent
    links = {link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link}
    places = set(re.findall(r"`((?:hub|tests|docs|plugins_contrib|bench|\.ci)/[\w./-]*)`", text))
    gone = [link for link in links if not (here / link).exists()]
    gone += [place for place in places if not (ROOT / place).exists()]
    assert sorted(gone) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_a_page_names_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", text_of(page))) <= targets
