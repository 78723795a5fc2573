"""Both READMEs against the Makefile, the commands, the files, and a real registry."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest

from hub.cli import main
from hub.config import OVERRIDES
from hub.core.database import Database
from hub.core.identify.points import plugin_points
from hub.core.registry import Registry
from hub.core.values import RequestValue
from tests.conftest import make_tables
from tests.house.tree import ROOT, files

READMES = ("README.md", "README.zh.md")
# Made by whoever follows the README, not part of the tree.
MADE_LATER = {"hub_date.py", "config.toml"}
NOON = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
URGENT = RequestValue(
    1,
    "SR-1",
    "Nobody can print",
    "",
    "identify",
    "open",
    priority=1,
    category="it",
    source="form",
    created_at=NOON,
    wanted_by=None,
    customer=None,
)


def text_of(readme: str) -> str:
    """The page as it stands."""
    return (ROOT / readme).read_text(encoding="utf-8")


def blocks(readme: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(readme), re.MULTILINE | re.DOTALL)


def prose(readme: str) -> str:
    """The page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", text_of(readme), flags=re.MULTILINE | re.DOTALL)


def commands(readme: str) -> list[str]:
    """Every command the page tells people to type, in blocks and in the text."""
    lines = [line.strip() for block in blocks(readme, "sh") for line in block.splitlines() if line.strip()]
    return lines + re.findall(r"`((?:make|hub) [^`]+)`", prose(readme))


def hub_words(readme: str) -> Iterator[list[str]]:
    """The words after ``hub`` in each hub command."""
    for command in commands(readme):
        for part in command.split("&&"):
            words = shlex.split(part)
            if words and words[0] in ("hub", ".venv/bin/hub"):
                yield words[1:]


def misunderstood(words: list[str]) -> str | None:
    """What of a command the real command line does not know."""
    command: click.Command = main
    for word in words:
        known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        if word.startswith("-"):
            if word not in known:
                return word
        elif isinstance(command, click.Group) and word.islower():
            if word not in command.commands:
                return word
            command = command.commands[word]
    return None


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_exists(readme: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for command in commands(readme) for word in re.findall(r"\bmake ([a-z]+)", command)}
    assert {"run", "test"} <= named <= targets


@pytest.mark.parametrize("readme", READMES)
def test_every_hub_command_and_option_exists(readme: str) -> None:
    known = [(words, misunderstood(words)) for words in hub_words(readme)]
    assert len(known) > 8
    assert [(words, wrong) for words, wrong in known if wrong] == []


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert misunderstood(["plugin", "lst"]) == "lst"
    assert misunderstood(["run", "--fast"]) == "--fast"
    assert misunderstood(["demo", "--size", "10000"]) is None


@pytest.mark.parametrize("readme", READMES)
def test_every_command_of_the_hub_is_named(readme: str) -> None:
    named = {words[0] for words in hub_words(readme) if words}
    assert set(main.commands) <= named


def test_the_chinese_page_names_the_same_commands_and_the_same_example() -> None:
    english, chinese = READMES
    assert sorted(commands(english)) == sorted(commands(chinese))
    assert blocks(english, "toml") == blocks(chinese, "toml")
    (one,), (other,) = blocks(english, "python"), blocks(chinese, "python")
    assert ast.dump(_without_docstring(one)) == ast.dump(_without_docstring(other))


def _without_docstring(source: str) -> ast.Module:
    tree = ast.parse(source)
    assert ast.get_docstring(tree)
    tree.body = tree.body[1:]
    return tree


@pytest.mark.parametrize("readme", READMES)
def test_every_file_and_folder_named_exists(readme: str) -> None:
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", prose(readme)) if "://" not in link}
    coded = set(re.findall(r"`([\w.-]+/[\w./-]*|[\w.-]+\.(?:md|py|toml))`", prose(readme)))
    assert len(linked) > 8
    assert sorted(name for name in (linked | coded) - MADE_LATER if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("readme", READMES)
def test_every_environment_variable_is_read_somewhere(readme: str) -> None:
    named = set(re.findall(r"\bHUB_[A-Z_]+", text_of(readme)))
    code = "\n".join(path.read_text(encoding="utf-8") for path in files("hub") if path.suffix == ".py")
    assert {"HUB_PORT", "HUB_DATA"} <= named & set(OVERRIDES)
    assert sorted(name for name in named if f'"{name}"' not in code) == []


@pytest.mark.parametrize("readme", READMES)
def test_the_plugin_example_has_at_most_twenty_lines(readme: str) -> None:
    (source,) = blocks(readme, "python")
    assert len(source.splitlines()) <= 20


@pytest.fixture
def no_module_left() -> Iterator[None]:
    """The example is imported anew each time, and gone afterwards."""
    yield
    sys.modules.pop("hub_date", None)
    importlib.invalidate_caches()


@pytest.mark.usefixtures("no_module_left")
@pytest.mark.parametrize("readme", READMES)
def test_the_plugin_example_is_installed_listed_and_asked(
    readme: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sqlite_url: str,
    open_database: Callable[[str], Database],
) -> None:
    """As the page says: a file, an entry point, a name in the list; then a request meets it."""
    (source,), (table,) = blocks(readme, "python"), blocks(readme, "toml")
    (tmp_path / "hub_date.py").write_text(source, encoding="utf-8")
    distribution = tmp_path / "hub_date-1.0.dist-info"
    distribution.mkdir()
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: hub-date\nVersion: 1.0\n")
    (name, target) = re.findall(r'^(\w+) = "([\w:]+)"$', table, re.MULTILINE)[0]
    (distribution / "entry_points.txt").write_text(f"[hub.plugins]\n{name} = {target}\n")
    monkeypatch.syspath_prepend(tmp_path)

    database = open_database(sqlite_url)
    make_tables(database)
    registry = Registry(database)
    registry.load([name])
    (state,) = registry.plugins()
    assert (state.name, state.version, state.hooks) == ("date", "1.0", ("identify_open_points",))
    assert [point.key for point in plugin_points(registry, URGENT)] == ["wanted-by"]
    assert plugin_points(registry, replace(URGENT, wanted_by=NOON.date())) == []
