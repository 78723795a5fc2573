"""From a schedule that fails to the shortest one that still fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hub.lab.schedule import Schedule


def shrink(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    """Take out steps, many at a time and then one by one, as long as it still fails."""
    steps, size = list(schedule.steps), max(len(schedule.steps) // 2, 1)
    while size:
        at, cut = 0, False
        while at < len(steps):
            fewer = [*steps[:at], *steps[at + size :]]
            if fails(replace(schedule, steps=tuple(fewer))):
                steps, cut = fewer, True
            else:
                at += size
        size = size if cut and size == 1 else size // 2
    return replace(schedule, steps=tuple(steps))
