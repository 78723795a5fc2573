"""Points of a control chart, ready to be drawn as SVG by a template."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import fmean

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 240, 44, 20, 214
MOST_POINTS = 60
# Natural process limits of an individuals chart: mean ± 2.66 times the mean moving range.
LIMIT = 2.66

Point = tuple[dt.datetime, float]


@dataclass(frozen=True, slots=True)
class Part:
    """The time before or after the start: its mean and the band in which it moved by itself."""

    left: float
    right: float
    mean: float
    top: float
    bottom: float
    value: float
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Coordinates in a frame of WIDTH × HEIGHT; ``weekly`` says that points are means of weeks."""

    points: list[tuple[float, float, dt.datetime, float]]
    parts: list[Part]
    marks: list[tuple[float, str]]
    days: list[tuple[float, dt.datetime]]
    start: float | None
    weekly: bool
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def line(self) -> str:
        """The points as a polyline says them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _at, _value in self.points)


def control_chart(series: Sequence[Point], started_at: dt.datetime | None) -> Chart | None:
    """A chart of a series around the start of a plan; None where there are too few points to draw."""
    weekly = len(series) > MOST_POINTS
    points = _weeks(series) if weekly else sorted(series)
    if len(points) < 2:
        return None
    first, last = points[0][0], max(points[-1][0], started_at or points[-1][0])
    spread = (last - first).total_seconds() or 1.0
    groups = [points] if started_at is None else [
        [point for point in points if point[0] < started_at],
        [point for point in points if point[0] >= started_at],
    ]  # fmt: skip
    limits = [_limits([value for _at, value in group]) for group in groups if group]
    low = min(min(value for _at, value in points), *(one[1] for one in limits))
    high = max(max(value for _at, value in points), *(one[2] for one in limits))
    if all(value >= 0 for _at, value in points):
        low = max(low, 0.0)
    room = (high - low) or 1.0

    def x(at: dt.datetime) -> float:
        return LEFT + (WIDTH - LEFT - 10) * (at - first).total_seconds() / spread

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (min(max(value, low), high) - low) / room

    parts = []
    for group, (mean, bottom, top) in zip([g for g in groups if g], limits, strict=True):
        parts.append(Part(x(group[0][0]), x(group[-1][0]), y(mean), y(top), y(bottom), mean, len(group)))
    when = [first + dt.timedelta(seconds=spread * n / 4) for n in range(5)]
    return Chart(
        [(x(at), y(value), at, value) for at, value in points],
        parts,
        [(y(line), f"{line:g}") for line in _lines(low, high)],
        [(x(at), at) for at in when],
        x(started_at) if started_at is not None and started_at >= first else None,
        weekly,
    )


def _lines(low: float, high: float) -> list[float]:
    """Round numbers within the frame, three to six of them: steps of 1, 2 or 5 and their tenfolds."""
    rough = (high - low or 1.0) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def _limits(values: Sequence[float]) -> tuple[float, float, float]:
    mean = fmean(values)
    reach = LIMIT * fmean([abs(b - a) for a, b in pairwise(values)]) if len(values) > 1 else 0.0
    return mean, mean - reach, mean + reach


def _weeks(series: Sequence[Point]) -> list[Point]:
    weeks = groupby(sorted(series), key=lambda point: point[0].isocalendar()[:2])
    found = []
    for _week, group in weeks:
        points = list(group)
        middle = points[0][0] + (points[-1][0] - points[0][0]) / 2
        found.append((middle, fmean(value for _at, value in points)))
    return found
