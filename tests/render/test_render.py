"""Rendering outside of a web request."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

import hub.render
from hub.render import Reader, render


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(hub.render, "TEMPLATES", tmp_path)
    hub.render._environment.cache_clear()
    yield tmp_path
    hub.render._environment.cache_clear()


def test_speaks_the_language_it_is_given(templates: Path) -> None:
    (templates / "mail.txt").write_text('{{ _("Board") }} {{ at|datetime }} {{ "assign"|stage }} {{ name }}')
    at = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
    values = {"at": at, "name": "A & B"}
    assert (
        render("mail.txt", Reader.of("zh", "Asia/Shanghai", at), **values)
        == "看板 2026-03-04 20:00 任务分配 A & B"
    )
    assert render("mail.txt", Reader.of("en", None, at), **values) == "Board 2026-03-04 12:00 Assign A & B"


def test_escapes_in_html_only(templates: Path) -> None:
    (templates / "page.html").write_text("{{ name }}")
    reader = Reader.of("en", None, dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
    assert render("page.html", reader, name="A & B") == "A &amp; B"
