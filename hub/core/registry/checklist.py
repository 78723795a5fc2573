"""What the kit found out about a plugin (``hub plugin test``), as the plugins page shows it.

The list lies beside the plugin's module and travels with it: ``checklist.json`` in the folder of a
``plugin.py``, ``<module>.checklist.json`` beside a plugin of one file.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Result = Literal["done", "exempt", "failed"]
RESULTS: tuple[Result, ...] = ("done", "exempt", "failed")


@dataclass(frozen=True, slots=True)
class Row:
    """One area of one thing the plugin offers.

    ``without`` names the capabilities for whose lack checks were left out: for an exempt row, its reason.
    """

    subject: str
    area: str
    result: Result
    checks: int = 0
    without: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checklist:
    """Every row, and which versions of plugin and hub were checked."""

    plugin: str
    version: str
    hub: str
    rows: tuple[Row, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(row.result != "failed" for row in self.rows)

    def count(self, result: Result) -> int:
        """How many rows ended so."""
        return sum(row.result == result for row in self.rows)

    def as_json(self) -> str:
        """The form in which it is stored."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def place_of(plugin: Any) -> Path | None:
    """Where the checklist of this plugin lies, or would; None for a plugin that is no file."""
    source = getattr(sys.modules.get(type(plugin).__module__), "__file__", None)
    if source is None:
        return None
    path = Path(source)
    own_folder = path.stem in ("plugin", "__init__")
    return path.parent / "checklist.json" if own_folder else path.with_suffix(".checklist.json")


def read(path: Path | None) -> Checklist | None:
    """The checklist in a file; None where there is none, or it cannot be read."""
    try:
        found = json.loads(path.read_bytes()) if path else None
        return _checklist(found) if found else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _checklist(found: Any) -> Checklist:
    rows = tuple(
        Row(
            str(row["subject"]),
            str(row["area"]),
            RESULTS[RESULTS.index(row["result"])],
            int(row["checks"]),
            tuple(map(str, row["without"])),
            tuple(map(str, row["failures"])),
        )
        for row in found["rows"]
    )
    return Checklist(str(found["plugin"]), str(found["version"]), str(found["hub"]), rows)
