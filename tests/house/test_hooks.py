"""Every hook has its page, a plugin in the tree that answers it, and a test that names it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import hub.testing
from hub.testing import referencedoc
from hub.testing.hooksdoc import hooks, page

ROOT = Path(__file__).parents[2]
PLUGINS = [*ROOT.glob("hub/plugins/**/*.py"), *ROOT.glob("plugins_contrib/*/*.py")]
TESTS = [
    *ROOT.glob("tests/core/**/test_*.py"),
    *ROOT.glob("tests/plugins/**/test_*.py"),
    *ROOT.glob("hub/testing/*.py"),
]


def methods_marked_as_hooks(source: Path) -> set[str]:
    marked = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            names = {ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list}
            if "hookimpl" in names:
                marked.add(node.name)
    return marked


ANSWERED = {hook for source in PLUGINS for hook in methods_marked_as_hooks(source)}
TESTED = "\n".join(source.read_text(encoding="utf-8") for source in TESTS)


def test_the_hooks_page_is_what_the_specs_say() -> None:
    assert (ROOT / "docs/plugins/hooks.md").read_text(encoding="utf-8") == page(), (
        "run: python -m hub.testing.hooksdoc > docs/plugins/hooks.md"
    )


def test_the_page_on_the_test_kit_is_what_its_docstrings_say() -> None:
    kept = (ROOT / "docs/plugins/testing.md").read_text(encoding="utf-8")
    assert kept == referencedoc.page(), "run: python -m hub.testing.referencedoc > docs/plugins/testing.md"
    assert [name for name in hub.testing.__all__ if f"### `{name}" not in kept] == []
    told = re.findall(r"^\| (\w+) \| ([^|]+) \| (.*) \|$", kept, re.MULTILINE)
    assert len(told) > 100
    assert [check for _, check, what in told if not what.strip()] == [], "a check without a docstring"


@pytest.mark.parametrize("hook", hooks())
def test_a_plugin_in_the_tree_answers(hook: str) -> None:
    assert hook in ANSWERED


@pytest.mark.parametrize("hook", hooks())
def test_a_test_names(hook: str) -> None:
    assert re.search(rf"\b{hook}\b", TESTED)


def test_no_plugin_in_the_tree_answers_a_hook_that_is_none() -> None:
    assert set(hooks()) >= ANSWERED


def test_the_plugin_in_twenty_lines_is_the_one_in_the_tree() -> None:
    guide = (ROOT / "docs/plugins/README.md").read_text(encoding="utf-8")
    plugin = (ROOT / "plugins_contrib/movelog/movelog.py").read_text(encoding="utf-8")
    assert f"```python\n{plugin}```" in guide
    assert len([line for line in plugin.splitlines() if line.strip()]) <= 20
