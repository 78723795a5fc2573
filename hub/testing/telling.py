"""The checklist at the command line, and where it is kept."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from hub.core.registry.checklist import Checklist, Row, place_of
from hub.core.registry.outdated import outdated
from hub.testing.checking import check
from hub.testing.finding import find

SIGNS = {"done": "✓", "exempt": "–", "failed": "✗"}


def check_all(target: str, path: Path | None, *, write: bool) -> bool:
    """Check every plugin of the target and print what was found; gives whether nothing failed."""
    checked = []
    for found in find(target):
        checklist = check(found)
        checked.append(checklist)
        _tell(checklist)
        for one in outdated(found.plugin):
            click.echo(f"  ! {one}")
        if write and (place := place_of(found.plugin)):
            place.write_text(checklist.as_json(), encoding="utf-8")
            click.echo(f"kept in {place}")
    if path is not None:
        path.write_text(_as_json(checked), encoding="utf-8")
    return all(checklist.passed for checklist in checked)


def _tell(checklist: Checklist) -> None:
    click.echo(f"{checklist.plugin} {checklist.version}, checked by hub {checklist.hub}")
    for row in checklist.rows:
        click.echo(f"  {SIGNS[row.result]} {row.subject:20} {row.area:10} {_details(row)}")
        for failure in row.failures:
            click.echo(f"      {failure}")
    click.echo(
        f"  {checklist.count('done')} done, {checklist.count('exempt')} exempt,"
        f" {checklist.count('failed')} failed"
    )


def _details(row: Row) -> str:
    without = f"not offered: {', '.join(row.without)}" if row.without else ""
    return "; ".join(part for part in (f"{row.checks} checks" if row.checks else "", without) if part)


def _as_json(checked: Sequence[Checklist]) -> str:
    return json.dumps([asdict(checklist) for checklist in checked], ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        check_all(name, None, write=True)
