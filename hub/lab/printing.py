"""The lab at the command line: a bar, a table, a file."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from hub.core.values import Text, TrackerKind
from hub.lab.report import GOALS, figures, missed, whole
from hub.lab.runs import cases, replay, run_case, shortest


def play_all(
    names: Sequence[str],
    kinds: Mapping[str, TrackerKind],
    schedules: int,
    seed: int,
    path: Path | None,
    *,
    shrink: bool,
) -> bool:
    """Play every case, print the figures; gives whether every promise was kept."""
    wanted = cases(names)
    began = time.monotonic()
    with click.progressbar(length=schedules * len(wanted), label="schedules") as bar:
        results = [run_case(case, kinds, schedules, seed, bar.update) for case in wanted]
    found = whole(results, seed, time.monotonic() - began)
    for result in results:
        _line(" + ".join(result.trackers), figures(result.counts))
        for failed in result.failed[:5]:
            click.echo(f"  failed: seed {failed}")
    for name, row in found["naive"].items():
        _line(f"naive: {name}", row)
    _line("all", found)
    if shrink:
        for result in results:
            for failure in shortest(result, kinds):
                click.echo(
                    f"\n{' + '.join(failure.trackers)}, seed {failure.seed}: {'; '.join(failure.broken)}"
                )
                _tell(failure.story)
    if path is not None:
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    return not found["goals_missed"]


def play_one(case: str, kinds: Mapping[str, TrackerKind], seed: int, *, real: bool, shrink: bool) -> bool:
    """Play one schedule again and tell what it breaks; gives whether every promise was kept."""
    trackers = tuple(case.split("+"))
    counts, story = replay(trackers, kinds, seed, real=real, short=shrink)
    _tell(story)
    _line(" + ".join(trackers), figures(counts))
    for broken in counts.stories:
        click.echo(f"  {broken}")
    return not counts.failed


def _tell(story: Sequence[Text]) -> None:
    click.echo("\n".join(f"  {number}. {line.en}" for number, line in enumerate(story, 1)))


def _line(name: str, row: dict[str, Any]) -> None:
    shown = " ".join(
        f"{key}={row[key]:.4g}"
        for key in (*GOALS, "b_window", "b_back", "b_overruled", "b2_conflict_share_all")
    )
    bad = missed(row)
    click.echo(f"{name:24} {row['schedules']:>6} {shown}{'  missed: ' if bad else ''}{', '.join(bad)}")
