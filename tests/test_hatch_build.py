"""The build hook that brings the browser files in."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

hatch_build = pytest.importorskip("hatch_build", reason="hatchling is part of the build, not of the hub")
ROOT = Path(__file__).parents[1]
FILES: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"][
    "hooks"
]["custom"]["files"]


def _hook(root: Path) -> Any:
    return hatch_build.BrowserFiles(str(root), {"files": FILES}, None, None, str(root / "dist"), "wheel")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the files that the last build brought."""
    for name in hatch_build.LISTS:
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / hatch_build.TARGET, tmp_path / hatch_build.TARGET)
    return tmp_path


def test_does_nothing_when_the_right_files_are_there(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert _hook(checkout).dependencies() == []
    data: dict[str, Any] = {"artifacts": []}
    _hook(checkout).initialize("standard", data)
    assert data["artifacts"] == ["/hub/static/vendor/"]


def test_asks_for_an_npm_only_where_there_is_none(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "package-lock.json").write_text("{}")
    monkeypatch.setenv("PATH", "")
    assert _hook(checkout).dependencies() == [hatch_build.NPM_PACKAGE]


def test_notices_a_file_that_went_missing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / hatch_build.TARGET / "sortablejs" / "Sortable.min.js").unlink()
    monkeypatch.setenv("PATH", "")
    assert _hook(checkout).dependencies() == [hatch_build.NPM_PACKAGE]


def test_refuses_another_file_than_the_one_named(checkout: Path) -> None:
    packages = checkout / "node_modules"
    for source in FILES:
        (packages / source).parent.mkdir(parents=True, exist_ok=True)
        (packages / source).write_text("something else")
    with pytest.raises(SystemExit, match="sha256 differs"):
        _hook(checkout)._copy(packages)


def test_names_exact_versions_and_no_address() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert "resolved" not in lock and "://" not in lock
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert all(version[0].isdigit() for version in wanted.values())
    installed = json.loads(lock)["packages"]
    assert {name: installed[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_every_file_comes_with_its_licence() -> None:
    packages = {source.split("/")[0] for source in FILES}
    assert all(f"{package}/LICENSE" in FILES for package in packages)
