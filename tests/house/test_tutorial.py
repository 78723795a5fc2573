"""The tutorial for plugin authors, followed line by line; the Chinese one tells the same steps."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import ROOT

PAGE, OTHER = (ROOT / "docs" / "plugins" / name for name in ("tutorial.md", "tutorial.zh.md"))
BLOCK = re.compile(r"^```(\w+)(?: (file|more)=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What differs from one machine to the next stands for any text.
ANY = "…"
LONGEST = 60


@dataclass(frozen=True)
class Step:
    """A block of the page: a file's text, more of it, or commands with what they say."""

    language: str
    what: str
    file: str
    text: str


def steps(page: Path) -> list[Step]:
    """The blocks of a page, in order."""
    return [Step(*found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a block, with what it should say."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, said = part.partition("\n")
        yield command, said


def fits(told: str, said: str) -> bool:
    """Whether a command said what the page tells."""
    return re.fullmatch(re.escape(told.rstrip()).replace(ANY, "[^\n]*"), said.rstrip()) is not None


def test_following_it_line_by_line_gives_a_plugin_that_passes(tmp_path: Path) -> None:
    place = tmp_path
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = []
    for step in steps(PAGE):
        if step.what:
            file = place / step.file
            before = file.read_text(encoding="utf-8") if step.what == "more" else ""
            assert file.exists(), f"{step.file} is written to, and nobody has begun it"
            file.write_text(before + step.text, encoding="utf-8")
            continue
        assert step.language == "console", f"a block that nobody follows: {step.text[:60]!r}"
        for command, told in commands(step.text):
            if command.startswith("cd "):
                place /= command.removeprefix("cd ")
                continue
            done = subprocess.run(
                ["bash", "-c", command], cwd=place, env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8"},
                capture_output=True, text=True, timeout=240,
            )  # fmt: skip
            assert fits(told, done.stdout), f"$ {command}\n{done.stdout}{done.stderr}"
            ran.append(command)
    assert ran[-2:] == ["hub plugin test .", "grep -c . acme_desk.py"]
    written = (place / "acme_desk.py").read_text(encoding="utf-8")
    assert sum(bool(line.strip()) for line in written.splitlines()) <= LONGEST


def test_it_says_where_each_block_goes() -> None:
    """A reader sees no info string: the sentence before a block names its file."""
    for page in (PAGE, OTHER):
        text = page.read_text(encoding="utf-8")
        for step in steps(page):
            before = text[: text.index(step.text)].rpartition("```")[0].rstrip()
            paragraph = before.rpartition("\n\n")[2]
            assert not step.file or f"`{step.file}`" in paragraph, f"{page.name}: {step.text[:40]!r}"


def test_the_chinese_one_has_the_same_steps() -> None:
    assert steps(OTHER) == steps(PAGE)


def test_what_a_command_says_is_compared() -> None:
    assert fits("3 done\nby hub …\n", "3 done\nby hub 0.1.0\n")
    assert not fits("3 done\n", "2 done\n")
    assert not fits("by hub …\n", "by hub 1\nand more\n")
    assert list(commands("$ a\nb\n$ c\n")) == [("a", "b\n"), ("c", "")]
