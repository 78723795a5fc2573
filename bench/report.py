"""How a bench ends: what was missed, and one JSON object as the last line."""

from __future__ import annotations

import json
from collections.abc import Mapping

# Name, the bound, and whether the value should lie above it.
Goals = Mapping[str, tuple[float, bool]]


def report(values: Mapping[str, float], goals: Goals) -> None:
    """Print each value beside its goal; the last line is for programs."""
    missed = []
    for name, (bound, above) in goals.items():
        value = values[name]
        good = value >= bound if above else value <= bound
        missed += [] if good else [name]
        print(
            f"{name:12} {value:>10.3f}   goal {'≥' if above else '≤'} {bound:g}{'' if good else '   MISSED'}"
        )
    print(json.dumps({**values, "goals_missed": missed}), flush=True)
