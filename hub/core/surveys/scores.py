"""Scores with their n and interval; a bare average is never shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

# Two-sided 95 % quantiles of Student's t for 1 … 30 degrees of freedom (any statistics table).
_T95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


@dataclass(frozen=True)
class Rated:
    """A mean with its 95 % interval, how many answered and how many were asked."""

    mean: float | None
    low: float | None
    high: float | None
    answered: int
    asked: int


def rate(scores: Sequence[float], asked: int, low: float = 1.0, high: float = 5.0) -> Rated:
    """The mean of the scores and its t interval, cut to the scale; no interval below two answers."""
    n = len(scores)
    if n == 0:
        return Rated(None, None, None, 0, asked)
    mean = fmean(scores)
    if n == 1:
        return Rated(mean, None, None, 1, asked)
    t = _T95[n - 2] if n - 1 <= len(_T95) else 1.96 + 2.5 / (n - 1)
    half = t * stdev(scores) / math.sqrt(n)
    return Rated(mean, max(low, mean - half), min(high, mean + half), n, asked)
