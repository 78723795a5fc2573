"""The project's own files, as the house tests read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".ci", "bench", "docs", "hub", "plugins_contrib", "tests")
# Made by the build or by a test run, never written by hand.
MADE = {"__pycache__", "vendor", "screenshots", "out", "LC_MESSAGES"}


def files(*folders: str) -> Iterator[Path]:
    """Every file of these folders that somebody wrote."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not MADE & set(path.relative_to(ROOT).parts):
                yield path


def modules(*folders: str) -> list[Path]:
    """The Python files of these folders."""
    return [path for path in files(*folders) if path.suffix == ".py"]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file; parsed once a session."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def place(path: Path, line: int = 0) -> str:
    """How a finding names its place."""
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))
