"""How long a link waits for a far side that is ill."""

from __future__ import annotations

import datetime as dt
from random import Random

FIRST = dt.timedelta(seconds=5)
LONGEST = dt.timedelta(hours=1)


def pause(attempts: int, after: dt.timedelta | None, chance: Random) -> dt.timedelta:
    """Doubling from the first wait up to the longest, with jitter; never less than the far side asks."""
    doubled: dt.timedelta = min(FIRST * 2 ** min(attempts, 12), LONGEST)
    jittered = doubled * chance.uniform(0.5, 1.0)
    return max(jittered, after) if after is not None else jittered
