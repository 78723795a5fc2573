"""When a zone changes its offset: between two changes the clock on the wall runs evenly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

SECOND = dt.timedelta(seconds=1)


def constant_offsets(
    zone: ZoneInfo, begin: dt.datetime, end: dt.datetime
) -> Iterator[tuple[dt.datetime, dt.datetime, dt.timedelta]]:
    """The pieces of a stretch of UTC, at most a day, in which the zone keeps one offset, in order.

    No zone changes its offset twice within a day, so one search finds the change.
    """
    before, after = _offset(zone, begin), _offset(zone, end - SECOND)
    if before == after:
        yield begin, end, before
        return
    low, high = begin, end - SECOND
    while high - low > SECOND:
        middle = low + (high - low) // (2 * SECOND) * SECOND
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    yield begin, high, before
    yield high, end, after


def _offset(zone: ZoneInfo, at: dt.datetime) -> dt.timedelta:
    return at.astimezone(zone).utcoffset() or dt.timedelta()
