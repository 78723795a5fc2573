"""Every page somebody opens is looked at in a browser, and every repeated piece stands on the styleguide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2.runtime import Macro
from werkzeug.exceptions import HTTPException

from hub.app import build
from hub.config import load
from hub.render import TEMPLATES
from tests.browser.test_pages import LOOKED_AT_ELSEWHERE, PAGES
from tests.house.tree import ROOT

# What a browser never shows by itself, with the reason.
NO_PAGE = {
    "board.pulse": "a part of the board, asked for by the board",
    "connections.checked": "a part of the connection's page: how its test went",
    "console.state": "a part of the connection's page, renewed while somebody looks",
    "files.show": "the bytes of a file",
    "guide.form": "leads on to the form of a step",
    "health.show": "JSON for machines",
    "improve.show": "a part of the improvement page, while a job runs",
    "imports.progress": "a part of the import's page, while a job runs",
    "lab.progress": "a part of the lab's page, while a job runs",
    "mail_moves.suggestions": "a part of a form: what fits what is typed",
    "mapping.asked": "a part of the mapping's page: what the tracker answered",
    "names.offer": "a part of a comment: who fits what is typed",
    "requests.pulse": "a part of the request's page, asked for by that page",
    "shared.show": "the bytes of a file",
    "static": "style sheets, scripts and pictures",
    "tracking.file": "the bytes of a file",
}
THEMES, LANGUAGES = ("light", "dark"), ("zh", "en")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The whole hub as the demonstration has it, with nobody in it."""
    config = tmp_path / "config.toml"
    config.write_text("")
    hub = build(load(config, {"HUB_DATA": str(tmp_path / "data")}), {})
    yield hub.web(demo=True)
    hub.close()


def place(way: tuple[str, ...]) -> str:
    """An address of the kind to which the links of ``PAGES`` lead."""
    path, *links = way
    for link in links:
        path = path + link[1:] if link.startswith("+") else link[link.index("(") + 1 : link.index(")")]
    return re.sub(r"\\d\+", "1", path).partition("?")[0]


def test_every_page_has_a_browser_test(app: Flask) -> None:
    adapter, looked_at = app.url_map.bind("localhost"), set[str]()
    for way in PAGES.values():
        try:
            looked_at.add(str(adapter.match(place(way), "GET")[0]))
        except HTTPException:  # the sandbox, an application of its own
            assert place(way).startswith("/sandbox/"), way
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - looked_at - set(LOOKED_AT_ELSEWHERE) - set(NO_PAGE) == set()
    assert not looked_at & set(NO_PAGE)
    assert (set(LOOKED_AT_ELSEWHERE) | set(NO_PAGE)) - pages == set(), "of pages that are gone"


@pytest.mark.parametrize("endpoint", LOOKED_AT_ELSEWHERE)
def test_what_is_looked_at_elsewhere_is_looked_at_there(endpoint: str) -> None:
    module = ROOT / "tests" / "browser" / LOOKED_AT_ELSEWHERE[endpoint]
    assert "faults(" in module.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
def test_the_styleguide_shows_every_shared_macro(
    app: Flask, monkeypatch: pytest.MonkeyPatch, theme: str, language: str
) -> None:
    drawn, invoke = set[tuple[str, str]](), Macro._invoke

    def watched(macro: Macro, *arguments: Any) -> str:
        drawn.add((macro._func.__globals__["name"], macro.name))
        return invoke(macro, *arguments)

    monkeypatch.setattr(Macro, "_invoke", watched)
    browser = app.test_client()
    browser.set_cookie("theme", theme)
    browser.set_cookie("language", language)
    for page in ("/styleguide/", "/styleguide/pieces", "/styleguide/public"):
        text = browser.get(page).text
        assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in text
        assert f'data-theme="{theme}"' in text
    assert shared() - drawn == set()


def shared() -> set[tuple[str, str]]:
    """The macros that any page may import: those of the files beside the folders, each with its file."""
    found = {
        (path.name, name)
        for path in TEMPLATES.glob("_*.html")
        for name in re.findall(r"^\{%-? *macro (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(found) > 30
    return found
