"""The cookbook's recipes run; those that make a whole plugin pass the kit."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from hub.testing.checking import check
from hub.testing.finding import Found
from tests.house.tree import ROOT

PAGE = (ROOT / "docs/plugins/cookbook.md").read_text(encoding="utf-8")
RECIPES = {
    title: "\n\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    for title, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
PLUGINS = {"An assignment rule", "A survey", "Advice", "Testing a plugin"}


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_runs(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert RECIPES[title], "a recipe without code"
    monkeypatch.syspath_prepend(tmp_path)
    name = "recipe_" + re.sub(r"\W", "_", title.lower())
    (tmp_path / f"{name}.py").write_text(RECIPES[title], encoding="utf-8")
    recipe = importlib.import_module(name)
    assert hasattr(recipe, "plugin") == (title in PLUGINS)
    if title in PLUGINS:
        rows = check(Found(recipe.plugin)).rows
        assert [failure for row in rows for failure in row.failures] == []
