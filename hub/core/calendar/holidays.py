"""Public holidays and make-up days of a country, from the ``holidays`` package."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from hub.core.values import Refusal

Days = dict[dt.date, str]


def holidays_of(country: str, years: Iterable[int], language: str | None = None) -> tuple[Days, Days]:
    """The days off and the make-up working days of these years, each with its name."""
    # Imported here: the package is large, and only a start or a new year needs it.
    import holidays

    wanted = set(years)
    # A year's table may move a working day into the December before it.
    looked_at = wanted | {max(wanted) + 1}
    try:
        table = holidays.country_holidays(country, years=looked_at, language=language)
    except NotImplementedError:
        raise Refusal("country_unknown", field="country", country=country) from None
    off = {day: name for day, name in table.items() if day.year in wanted}
    made_up = {day: off_for(day, off) for day in table.weekend_workdays if day.year in wanted}
    return off, made_up


def off_for(day: dt.date, off: Days) -> str:
    """The name of the holiday a make-up day stands beside: the nearest one."""
    nearest = min(off, key=lambda holiday: abs(holiday - day), default=None)
    return off[nearest] if nearest else ""
