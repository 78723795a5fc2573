"""The command line: quick to start, and nothing heavy is read before it is needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from hub.cli import main
from tests.house.tree import ROOT

HEAVY = ("alembic", "flask", "hub.app", "hub.core", "procrastinate", "pydantic", "sqlalchemy", "werkzeug")
CALL = """
import sys
from hub.cli import main
code = main({words!r}, standalone_mode=False)
print("LOADED", *[name for name in {heavy!r} if name in sys.modules])
"""


def commands(group: click.Group = main, *path: str) -> Iterator[tuple[str, ...]]:
    """The words of every command and group."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("words", list(commands()), ids=lambda words: " ".join(words) or "hub")
def test_help_reads_nothing_heavy(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALL.format(words=[*words, "--help"], heavy=HEAVY)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage:")
    assert done.stdout.splitlines()[-1] == "LOADED"


def test_every_command_says_what_it_does() -> None:
    silent = [name for name, command in main.commands.items() if not command.get_short_help_str().strip()]
    assert silent == []


def test_an_unknown_command_is_refused_with_exit_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from hub.cli import main; main(['runn'])"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "No such command 'runn'" in done.stderr
    assert "Traceback" not in done.stderr
