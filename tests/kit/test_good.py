"""The kit accuses no good plugin: those in the box, in contrib, of the scaffold, and moved elsewhere."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli import main
from hub.core.registry.checklist import Checklist, place_of, read
from hub.scaffold import KINDS, Unusable, begin
from hub.testing.checking import check
from hub.testing.finding import Found, find
from tests.kit.making import NotesTracker, tracker_plugin

ROOT = Path(__file__).parents[2]
BOX = sorted(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"][
        "hub.plugins"
    ]
)
CONTRIB = sorted(path.parent.name for path in (ROOT / "plugins_contrib").glob("*/pyproject.toml"))
# What the kit has found out that is true and still open: no false accusation.
OPEN: set[tuple[str, str]] = set()

GOOD: dict[str, Callable[[], Found]] = {
    **{name: lambda name=name: find(name)[0] for name in BOX},
    **{
        f"contrib {name}": lambda name=name: find(str(ROOT / "plugins_contrib" / name))[0] for name in CONTRIB
    },
    "with private notes": lambda: tracker_plugin(NotesTracker, notes=True),
}


@cache
def checked(name: str) -> Checklist:
    """The whole checklist of a good plugin."""
    return check(GOOD[name]())


def accusations(checklist: Checklist) -> list[str]:
    """What the kit says against it, without what is true."""
    return [
        f"{row.subject} {row.area}: {failure}"
        for row in checklist.rows
        for failure in row.failures
        if (row.subject, row.area) not in OPEN
    ]


@pytest.mark.parametrize("name", GOOD)
def test_accuses_no_good_plugin(name: str) -> None:
    assert accusations(checked(name)) == []
    assert any(row.result == "done" for row in checked(name).rows)


def test_whoever_likes_other_options_for_pytest_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-v --no-such-option")
    assert check(GOOD["contrib movelog"]()) == checked("contrib movelog")


def test_makes_no_false_accusation(record_property: Callable[[str, object], None]) -> None:
    false = [accusation for name in GOOD for accusation in accusations(checked(name))]
    record_property("kit", f"false_accusations {len(false)} over {len(GOOD)} good plugins")
    assert false == []


@pytest.mark.parametrize("name", [*BOX, *(f"contrib {name}" for name in CONTRIB)])
def test_the_page_is_told_nothing_better_than_the_truth(name: str) -> None:
    """Make it again by: make checklists."""
    kept = read(place_of(GOOD[name]().plugin))
    assert kept is not None, "it has no checklist yet: make checklists"
    found = {(row.subject, row.area): row.result for row in checked(name).rows}
    claimed = {(row.subject, row.area): row.result for row in kept.rows}
    assert claimed.keys() == found.keys(), "the checklist is an old one: make checklists"
    better = [key for key, result in claimed.items() if result == "done" != found[key]]
    assert better == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_scaffold_passes_at_once(kind: str, tmp_path: Path) -> None:
    folder = begin(f"acme-{kind}", kind, tmp_path)
    done = CliRunner().invoke(main, ["plugin", "test", str(folder)])
    assert done.exit_code == 0, done.output
    assert "0 failed" in done.output
    written = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {"pyproject.toml", "README.md", "README.zh.md", f"test_acme_{kind}.py"} <= written


def test_its_own_tests_pass_too(tmp_path: Path) -> None:
    folder = begin("acme-desk", "intake", tmp_path)
    done = run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], folder)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Acme", "acme_desk", "-a", ""])
def test_a_name_that_cannot_be_is_refused_in_words(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="small letters"):
        begin(name, "rule", tmp_path)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    begin("acme", "rule", tmp_path)
    done = CliRunner().invoke(main, ["plugin", "new", "acme", "--kind", "rule", "--into", str(tmp_path)])
    assert done.exit_code == 1
    assert "is there already" in done.output


@pytest.mark.parametrize("name", CONTRIB if os.environ.get("HUB_PROOF") else ["movelog"])
def test_a_contrib_plugin_passes_from_anywhere(name: str, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "plugins_contrib" / name, tmp_path / "elsewhere" / name)
    done = run([str(Path(sys.executable).with_name("hub")), "plugin", "test", str(folder)], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_plugin_of_the_box_passes_from_anywhere(tmp_path: Path) -> None:
    """Moved to a folder of its own under another name, as its author would: nothing else changes."""
    folder = begin("moved", "tracker", tmp_path)
    package = shutil.copytree(ROOT / "hub" / "plugins" / "sandbox", folder / "moved")
    for path in package.glob("*.py"):
        text = path.read_text(encoding="utf-8").replace("hub.plugins.sandbox", "moved")
        text = re.sub(r'"sandbox"', '"moved"', text)
        path.write_text(text, encoding="utf-8")
    (folder / "moved.py").unlink()
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8").replace('"moved:plugin"', '"moved.plugin:plugin"')
    project.write_text(
        text.replace("moved_far:Imitation", "hub.lab.sandbox.imitation:SandboxImitation"), encoding="utf-8"
    )
    done = CliRunner().invoke(main, ["plugin", "test", str(folder), "--json", str(tmp_path / "list.json")])
    assert done.exit_code == 0, done.output
    (checklist,) = json.loads((tmp_path / "list.json").read_text(encoding="utf-8"))
    assert {row["area"] for row in checklist["rows"] if row["result"] == "done"} >= {
        "lab",
        "genuine",
        "paging",
    }


def run(command: list[str], where: Path) -> subprocess.CompletedProcess[str]:
    """What the command says, run in this folder."""
    return subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=240)
