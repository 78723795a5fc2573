"""The rivals of bench/peers.py: how each is installed, filled, started and asked."""

from __future__ import annotations

import json
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from corpus import item, talk
from servers import free_port
from visitor import Visitor


class Missing(Exception):
    """This rival is not here, with the reason."""


class Rival(ABC):
    """One rival in a folder of its own, with so many items in it."""

    name: str
    # The rival that this one is, served better than its own guide does.
    tunes: str | None = None
    # Where a rival brings no server of its own: one process, and as many threads as the hub has by default.
    threads = 16

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / self.name, free_port()
        self.folder.mkdir(parents=True)

    @abstractmethod
    def prepare(self, size: int) -> None:
        """Install it and write so many items, by its own means; raises ``Missing``."""

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it."""

    def environ(self) -> dict[str, str]:
        """What its processes need to find in their environment."""
        return {}

    @abstractmethod
    def sign_in(self) -> Visitor:
        """Somebody who works with it, in a browser."""

    @abstractmethod
    def sender(self) -> Visitor:
        """A program that creates items by its API."""

    @abstractmethod
    def create(self, sender: Visitor, number: int) -> None:
        """Create an item by its API; returns when it says that it has."""

    @abstractmethod
    def titles(self) -> Sequence[str]:
        """The titles of all items, as they stand in its database."""

    @abstractmethod
    def look(self, visitor: Visitor, kind: str, what: str = "") -> tuple[float, str]:
        """A page: ``list``, ``item`` (what: its place, from 1), ``search`` (what: the word)."""

    def close(self) -> None:
        """Leave nothing outside the folder."""
        return

    # ---- for those of PyPI ----

    def install(self, *packages: str) -> None:
        """Packages of exact versions, in an environment of their own."""
        self.run(sys.executable, "-m", "venv", str(self.folder / "env"))
        self.run(
            str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages
        )

    @property
    def python(self) -> Path:
        """The interpreter of that environment."""
        return self.folder / "env" / "bin" / "python"

    def run(self, *command: str, environ: dict[str, str] | None = None, folder: Path | None = None) -> str:
        """Run a command to its end; gives what it said, raises with it where it failed."""
        done = subprocess.run(
            command, cwd=folder or self.folder, capture_output=True, text=True, env=environ, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{self.name}: {command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def write_items(self, size: int) -> Path:
        """The items and what was said about them as lines of JSON, for a program of the rival's own world."""
        path = self.folder / "items.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for number in range(size):
                one = item(number)
                known = {"title": one.title, "body": one.body, "talk": talk(number)}
                out.write(json.dumps(known, ensure_ascii=False) + "\n")
        return path
