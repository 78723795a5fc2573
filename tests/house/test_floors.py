"""The import contracts: the tree keeps them, and each one notices a stray import."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT, modules

pytest.importorskip("importlinter", reason="import-linter is not installed (make check installs it)")

FLOORS, CORE = "the house has floors", "the core has floors"
BARE = "core knows no web, no HTTP, no command line, no plugin"
DOOR = "plugins come in by one door"
ROOMS, WEB = "only the root knows the rooms", "only the root knows the web"
WAY_OUT = "only the root knows config and the way out"
NOBODY, STRANGERS = "nobody imports a plugin", "plugins do not know one another"

# contract, module (made where it is missing), the import that must not pass
STRAYS = [
    (FLOORS, "hub/outbound/__init__.py", "import hub.config"),
    (FLOORS, "hub/config/__init__.py", "import hub.core.values"),
    (FLOORS, "hub/render/__init__.py", "import hub.web"),
    (FLOORS, "hub/worker.py", "import hub.web"),
    (FLOORS, "hub/logs.py", "import hub.outbound"),
    (FLOORS, "hub/attic.py", ""),
    (CORE, "hub/core/assign/choose.py", "import hub.core.execute"),
    (CORE, "hub/core/work/tasks.py", "import hub.core.workflow"),
    (CORE, "hub/core/database.py", "import hub.core.history"),
    (CORE, "hub/core/registry/health.py", "import hub.core.jobs"),
    (CORE, "hub/core/attic.py", ""),
    (BARE, "hub/core/history.py", "import flask"),
    (BARE, "hub/core/history.py", "import requests"),
    (BARE, "hub/core/history.py", "import click"),
    (BARE, "hub/core/history.py", "import jinja2"),
    (BARE, "hub/core/history.py", "import werkzeug"),
    (BARE, "hub/core/history.py", "import hub.plugins.rules"),
    (DOOR, "hub/plugins/rules.py", "import hub.core.values"),
    (DOOR, "hub/outbound/__init__.py", "import hub.core.values"),
    (ROOMS, "hub/web/context.py", "import hub.app"),
    (ROOMS, "hub/render/__init__.py", "import hub.worker"),
    (WEB, "hub/worker.py", "import hub.web"),
    (WEB, "hub/cli.py", "import hub.web"),
    (WAY_OUT, "hub/plugins/rules.py", "import hub.outbound"),
    (WAY_OUT, "hub/web/context.py", "import hub.config"),
    (NOBODY, "hub/app.py", "import hub.plugins.rules"),
    (STRANGERS, "hub/plugins/advice.py", "import hub.plugins.rules"),
]


def contracts() -> list[dict[str, Any]]:
    """The contracts as pyproject.toml states them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def lint(folder: Path) -> tuple[int, str]:
    """Exit code and report of import-linter over the tree in this folder."""
    call = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", call, "--config", "pyproject.toml", "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"COLUMNS": "200", "NO_COLOR": "1"},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package to break."""
    folder = tmp_path_factory.mktemp("floors")
    shutil.copy(ROOT / "pyproject.toml", folder)
    unread = shutil.ignore_patterns("__pycache__", "static", "templates", "translations")
    shutil.copytree(ROOT / "hub", folder / "hub", ignore=unread)
    return folder


@contextmanager
def stray(path: Path, line: str) -> Iterator[None]:
    """The module with one line more, for a while."""
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")


def test_the_tree_keeps_every_contract(copy: Path) -> None:
    code, report = lint(copy)
    assert code == 0, report
    assert f"Contracts: {len(contracts())} kept, 0 broken." in report


@pytest.mark.parametrize(("contract", "module", "line"), STRAYS)
def test_a_stray_import_is_caught(copy: Path, contract: str, module: str, line: str) -> None:
    with stray(copy / module, line):
        code, report = lint(copy)
    assert code == 1, report
    assert f"{contract} BROKEN" in report
    # The report of this very contract names the stray module.
    told = re.split(rf"^{re.escape(contract)}\n-+$", report, flags=re.MULTILINE)[1]
    told = re.split(r"^-{5,}$", told, flags=re.MULTILINE)[0]
    name = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert name.removeprefix("hub.core.") in told or name.removeprefix("hub.") in told, told


def test_every_contract_is_broken_once_on_purpose() -> None:
    assert {contract["name"] for contract in contracts()} == {contract for contract, _, _ in STRAYS}


def test_every_plugin_of_the_box_stands_in_the_contract_that_keeps_them_apart() -> None:
    (apart,) = [contract for contract in contracts() if contract["name"] == STRANGERS]
    folder = ROOT / "hub/plugins"
    here = {path.relative_to(folder).parts[0].removesuffix(".py") for path in modules("hub/plugins")}
    wanted = sorted(f"hub.plugins.{name}" for name in here - {"__init__"})
    assert apart["modules"] == ["hub.plugins.*"] or sorted(apart["modules"]) == wanted
