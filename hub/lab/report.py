"""The lab's figures under the names of ``docs/sync.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.lab.oracle import Counts
from hub.lab.runs import Result

# What must hold: equal to the bound, or at most the bound.
GOALS: dict[str, tuple[str, float]] = {
    "a_settled": ("=", 1.0),
    "b_lost": ("=", 0),
    "b1_false_conflicts": ("=", 0),
    "c_echo": ("=", 0),
    "d_twins": ("=", 0),
    "e_leaks": ("=", 0),
    "f_writes_per_change": ("≤", 1.2),
    "g_limits": ("=", 0),
    "bugs": ("=", 0),
}


def figures(counts: Counts) -> dict[str, Any]:
    """One row of figures."""
    shown, fields = sum(counts.unsettled_shown.values()), sum(counts.fields_of.values())
    return {
        "schedules": counts.schedules,
        "a_settled": counts.settled / counts.places if counts.places else 1.0,
        "b_lost": counts.lost,
        "b_window": counts.window,
        "b_back": counts.back,
        "b_overruled": counts.overruled,
        "b1_false_conflicts": counts.false_conflicts,
        "b2_conflict_share": {
            name: round(counts.unsettled_shown[name] / number, 4)
            for name, number in sorted(counts.fields_of.items())
        },
        "b2_conflict_share_all": round(shown / fields, 4) if fields else 0.0,
        "c_echo": counts.echoes,
        "d_twins": counts.twins,
        "e_leaks": counts.leaks,
        "f_writes_per_change": round(counts.writes / counts.changes, 4) if counts.changes else 0.0,
        "g_limits": counts.breaches,
        "bugs": counts.bugs,
    }


def missed(row: dict[str, Any]) -> list[str]:
    """The goals this row does not reach."""
    return [
        name
        for name, (sign, bound) in GOALS.items()
        if (row[name] != bound if sign == "=" else row[name] > bound)
    ]


def whole(results: Sequence[Result], seed: int, seconds: float) -> dict[str, Any]:
    """Everything, for ``--json``."""
    total, naive = Counts(), dict[str, Counts]()
    for result in results:
        total.add(result.counts)
        for name, counts in result.naive.items():
            naive.setdefault(name, Counts()).add(counts)
    row = figures(total)
    return {
        **row,
        "seed": seed,
        "real": sum(result.real for result in results),
        "seconds": round(seconds, 1),
        "goals_missed": missed(row),
        "cases": [
            {
                "trackers": list(result.trackers),
                "failed": result.failed,
                "schedules_per_s": result.schedules_per_s,
                **figures(result.counts),
            }
            for result in results
        ],
        "naive": {name: figures(counts) for name, counts in naive.items()},
    }
